// One greets, and takes a name.
package main

import (
	"fmt"
	"os"

	"sockets/lessons/lab/greet"
)

func main() {
	// The greeting comes from the lab.
	fmt.Println(greet.Word())

	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "one: no such host", os.Args[1])
		os.Exit(1)
	}
}
