// Five hundred goroutines that wait for each other and write one byte each.
package main

import (
	"fmt"
	"io"
	"os"
	"sync"
)

func main() {
	r, w, err := os.Pipe() // trace: pipe2
	if err != nil {
		panic(err)
	}
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range 500 {
		wg.Go(func() {
			<-start
			w.Write([]byte{'x'}) // trace: write
		})
	}
	close(start)
	wg.Wait()
	w.Close()                // trace: close
	b, err := io.ReadAll(r)  // trace: read
	fmt.Println(len(b), err) // trace: stdout
}
