// Command no-argument trusts that there is an argument.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Println(len(os.Args), "in os.Args, the program's name included")

	host := os.Args[1]
	fmt.Println("dialling", host)
}
