// A blocking read that many signals interrupt: the kernel starts it again each
// time, and it is one call.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	got := make(chan os.Signal, 100)
	signal.Notify(got, syscall.SIGUSR1)
	var pipe [2]int
	if err := syscall.Pipe2(pipe[:], 0); err != nil { // trace: pipe2
		panic(err)
	}
	go func() {
		for range 20 {
			syscall.Kill(os.Getpid(), syscall.SIGUSR1) // trace: kill getpid
			<-got
			time.Sleep(time.Millisecond)
		}
		syscall.Write(pipe[1], []byte("done")) // trace: write
	}()
	b := make([]byte, 8)
	n, err := syscall.Read(pipe[0], b) // trace: read=4
	fmt.Println(string(b[:n]), err)    // trace: stdout
}
