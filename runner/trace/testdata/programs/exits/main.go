// os.Exit on a goroutine, while main waits.
package main

import (
	"fmt"
	"os"
)

func main() {
	go func() {
		fmt.Println("leaving") // trace: stdout
		os.Exit(3)             // trace: exit_group=?
	}()
	select {}
}
