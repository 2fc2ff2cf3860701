// Wrong exits with 3.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Println("wrong")
	os.Exit(3)
}
