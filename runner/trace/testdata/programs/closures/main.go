// Calls in function literals, method values and a deferred closure.
package main

import (
	"fmt"
	"os"
)

type file struct{ *os.File }

func (f *file) put(s string) {
	fmt.Fprintln(f, s) // trace: write
}

func each(n int, f func(int)) {
	for i := range n {
		f(i)
	}
}

func main() {
	r, w, err := os.Pipe() // trace: pipe2
	if err != nil {
		panic(err)
	}
	defer func() {
		r.Close() // trace: close
	}()
	put := (&file{w}).put
	each(3, func(i int) {
		put(fmt.Sprint(i))
	})
	func() {
		w.Close() // trace: close
	}()
	b := make([]byte, 100)
	n, err := r.Read(b)          // trace: read
	fmt.Printf("%q\n", b[:n])    // trace: stdout
	fmt.Fprintln(os.Stderr, err) // trace: stderr
}
