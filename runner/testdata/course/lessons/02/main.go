// Two prints two lines.
package main

import "fmt"

func main() {
	fmt.Println("two")

	fmt.Println("lines")
}
