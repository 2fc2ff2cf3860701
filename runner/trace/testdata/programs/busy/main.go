// Package os/exec starts a goroutine that copies what a child prints. By the time
// it reads, main has gone on to other lines.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"time"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	if len(os.Args) > 1 {
		time.Sleep(20 * time.Millisecond)
		fmt.Println("from the child")
		return
	}
	var out bytes.Buffer
	cmd := exec.Command("/proc/self/exe", "child") // trace:
	cmd.Stdout = &out
	must(cmd.Start()) // trace: clone|clone3 inherited:read
	for end := time.Now().Add(30 * time.Millisecond); time.Now().Before(end); {
	}
	must(cmd.Wait())        // trace: waitid|wait4
	fmt.Print(out.String()) // trace: stdout
}
