//go:build linux

// Command sockinfo makes sockets and says what the kernel made of them; see task.md.
package main

func main() {
	// TODO
}
