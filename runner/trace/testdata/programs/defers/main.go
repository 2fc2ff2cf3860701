// Deferred calls run at the end of their function, and belong to the statement
// that deferred them.
package main

import (
	"fmt"
	"os"
)

func work() {
	f, err := os.Open("/dev/null") // trace: openat
	if err != nil {
		panic(err)
	}
	defer f.Close()               // trace: close
	defer fmt.Println("deferred") // trace: stdout
	fmt.Println("working")        // trace: stdout
}

func main() {
	work()
}
