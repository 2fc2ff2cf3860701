// Caught by: Usage.
//
// A name that it does not know is 0 for it, and the kernel's problem.

//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

var families = map[string]int{
	"INET": unix.AF_INET, "INET6": unix.AF_INET6, "UNIX": unix.AF_UNIX,
}

var types = map[string]int{
	"STREAM": unix.SOCK_STREAM, "DGRAM": unix.SOCK_DGRAM, "RAW": unix.SOCK_RAW,
	"RDM": unix.SOCK_RDM, "SEQPACKET": unix.SOCK_SEQPACKET,
}

func main() {
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: sockinfo [-n N] FAMILY TYPE [PROTO]")
	}
	n := flag.Int("n", 1, "how many sockets to make")
	flag.Parse() // exits with 2 itself
	family := number(families, flag.Arg(0))
	kind := types[flag.Arg(1)]
	protocol := 0
	if flag.NArg() == 3 {
		protocol = number(nil, flag.Arg(2))
	}
	if flag.NArg() < 2 || flag.NArg() > 3 || *n < 1 {
		flag.Usage()
		os.Exit(2)
	}
	code := 0
	for range *n {
		if err := show(family, kind, protocol); err != nil {
			code = 1
			if no := unix.Errno(0); errors.As(err, &no) {
				fmt.Println("errno", unix.ErrnoName(no))
			}
		}
	}
	os.Exit(code)
}

// number is what a name stands for, or a number written out.
func number(names map[string]int, text string) int {
	if n, ok := names[text]; ok {
		return n
	}
	u, _ := strconv.ParseUint(text, 10, 31)
	return int(u)
}

// name is the name that a number has, or the number written out.
func name(names map[string]int, number int) string {
	for name, n := range names {
		if n == number {
			return name
		}
	}
	return strconv.Itoa(number)
}

// show makes a socket, prints what the kernel says it is, and closes it.
func show(family, kind, protocol int) error {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return err
	}
	defer unix.Close(fd)

	var made [3]int
	for i, option := range []int{unix.SO_DOMAIN, unix.SO_TYPE, unix.SO_PROTOCOL} {
		if made[i], err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, option); err != nil {
			return err
		}
	}
	fmt.Println(fd, name(families, made[0]), name(types, made[1]), made[2])
	return nil
}
