// A panic prints at the line that panics; one that is recovered goes on.
package main

import (
	"fmt"
	"os"
)

func try() {
	defer func() {
		fmt.Println("recovered:", recover()) // trace: stdout
	}()
	var p *int
	*p = 1
}

func main() {
	try()
	println("by the runtime") // trace: stderr
	if len(os.Args) > 0 {
		panic("oh") // trace: stderr exit_group
	}
}
