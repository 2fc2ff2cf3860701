//go:build unix

// Command dialraw connects sockets by system calls alone; see task.md.
package main

func main() {
	// TODO
}
