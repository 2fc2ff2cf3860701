//go:build linux

// Command 03 asks the kernel for a socket of each family and type.
package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

var families = map[int]string{
	unix.AF_INET: "AF_INET", unix.AF_INET6: "AF_INET6",
	unix.AF_UNIX: "AF_UNIX", 999: "999",
}

var types = []string{
	unix.SOCK_STREAM: "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW",
	"SOCK_RDM", "SOCK_SEQPACKET",
}

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "usage: 03, without arguments")
		os.Exit(2)
	}

	for _, f := range []int{unix.AF_INET, unix.AF_INET6, unix.AF_UNIX} {
		for t := unix.SOCK_STREAM; t < len(types); t++ {
			try(f, t, 0)
		}
	}

	try(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_UDP)
	try(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP)
	try(999, unix.SOCK_STREAM, 0)

	kind := unix.SOCK_STREAM | unix.SOCK_CLOEXEC
	fd, err := unix.Socket(unix.AF_INET, kind, 0)
	exit(err)
	link, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	exit(err)
	fmt.Println("a number that stands for", link)

	_, err = unix.Getpeername(fd)
	fmt.Println("its peer:", err)
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	exit(err)
	fmt.Println("closed on exec:", flags == unix.FD_CLOEXEC)
	exit(unix.Close(fd))
}

// try makes a socket, prints what the kernel says it is, and closes it.
func try(family, kind, protocol int) {
	asked := fmt.Sprintf("%-8s %-14s %-4d",
		families[family], types[kind], protocol)
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, protocol)
	if no := unix.Errno(0); errors.As(err, &no) {
		fmt.Println(asked, unix.ErrnoName(no)+":", no)
		return
	}

	get := func(option int) int {
		n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, option)
		exit(err)
		return n
	}
	fmt.Println(asked, families[get(unix.SO_DOMAIN)],
		types[get(unix.SO_TYPE)], get(unix.SO_PROTOCOL))
	exit(unix.Close(fd))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
