// Command portscan tells which ports of a host are open; see task.md.
package main

func main() {
	// TODO
}
