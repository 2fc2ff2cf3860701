// Command target tells whom to dial for a URL and what to ask for; see task.md.
package main

func main() {
	// TODO
}
