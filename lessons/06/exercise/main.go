// Command get prints the page that a URL names; see task.md.
package main

func main() {
	// TODO
}
