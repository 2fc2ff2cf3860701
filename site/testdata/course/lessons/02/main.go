// Command 02 says what it was given.
package main

import (
	"fmt"
	"os"
)

func main() {
	for i, arg := range os.Args[1:] {
		fmt.Println(i, arg)
	}
	fmt.Println(len(os.Args)-1, "arguments")
}
