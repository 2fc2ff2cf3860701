// Caught by: Stream, Datagram, Unix, UnixRaw, NoSuchType, NoSuchProtocol, ThirdArgument, FamilyNumber, ThousandSockets, RefusedAgain, CloseOnExec.
//
// It gives family and type in the wrong order.

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
	family, okFamily := number(families, flag.Arg(0))
	kind, okType := types[flag.Arg(1)]
	protocol, okProtocol := 0, true
	if flag.NArg() == 3 {
		protocol, okProtocol = number(nil, flag.Arg(2))
	}
	if flag.NArg() < 2 || flag.NArg() > 3 || *n < 1 || !okFamily || !okType || !okProtocol {
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
func number(names map[string]int, text string) (n int, ok bool) {
	if n, ok := names[text]; ok {
		return n, true
	}
	u, err := strconv.ParseUint(text, 10, 31)
	return int(u), err == nil
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
	fd, err := unix.Socket(kind, family|unix.SOCK_CLOEXEC, protocol)
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
