// Command attacks tries what a student's program must not be able to do, and what
// it must: its first argument names what, the others help. It prints a line for
// each try, its name and how it went: "ok", or the name of an errno.
package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

var all = map[string]func(args []string){
	"files": files, "fill": fill, "inodes": inodes, "bigfile": bigFile,
	"dials": dials, "judge": judge, "escape": escape, "descriptors": descriptors,
	"nothing": func([]string) {}, "forkbomb": forkBomb, "prints": prints, "spins": spins, "hogs": hogs, "threads": threads,
	"daemon": daemon, "daemon's child": sleeps, "sockets": sockets,
	"fenced": fenced, "lessons": lessons, "lessons' child": child, "raw": raw,
}

func main() {
	all[os.Args[1]](os.Args[2:])
}

// try prints how a try went.
func try(name string, err error) {
	var e syscall.Errno
	switch {
	case err == nil:
		fmt.Printf("%s: ok\n", name)
	case errors.As(err, &e):
		fmt.Printf("%s: %s\n", name, unix.ErrnoName(e))
	default:
		fmt.Printf("%s: %v\n", name, err)
	}
}

// call tries a system call.
func call(name string, nr uintptr, args ...uintptr) {
	var a [6]uintptr
	copy(a[:], args)
	_, _, e := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	if e == 0 {
		try(name, nil)
		return
	}
	try(name, e)
}
