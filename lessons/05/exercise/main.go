// Command linereader prints the lines that a server sends; see task.md.
package main

func main() {
	// TODO
}
