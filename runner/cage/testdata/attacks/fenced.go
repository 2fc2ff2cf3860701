package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// fenced tries what a fence must not allow, and what it must. The arguments are a
// file of the judge, the judge's process, two addresses of which the first may be
// dialled, and the name of an abstract socket.
func fenced(args []string) {
	for _, name := range []string{args[0], "/etc/passwd", "/etc/shadow", "/proc/" + args[1] + "/environ", "/proc/" + args[1] + "/mem", "/usr/bin/env"} {
		f, err := os.Open(name)
		if err == nil {
			_, err = f.Read(make([]byte, 1))
		}
		try("no read "+name, err)
	}
	for _, name := range []string{args[0], "/tmp/fenced", "/dev/shm/fenced", filepath.Join(filepath.Dir(args[0]), "x")} {
		try("no write "+name, os.WriteFile(name, []byte("1"), 0o600))
	}
	judge, _ := strconv.Atoi(args[1])
	for _, pid := range []int{judge, os.Getppid(), -1} {
		try(fmt.Sprintf("no kill %d", pid), unix.Kill(pid, unix.SIGTERM))
	}
	pipes, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", os.Getppid()))
	for _, task := range pipes {
		for fd := range 16 {
			f, err := os.OpenFile(fmt.Sprintf("%s/fd/%d", task, fd), os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteString("forged")
			}
			try(fmt.Sprintf("no write to descriptor %d of %s", fd, task), err)
		}
	}
	try("no unshare", unix.Unshare(unix.CLONE_NEWUSER))
	try("no exec", exec.Command("/bin/true").Run())
	_, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0)
	try("no vsock", err)
	_, err = net.DialTimeout("tcp", args[3], time.Second)
	try("no dial", err)
	_, err = net.Dial("unix", "@"+args[4])
	try("no abstract socket", err)
	_, err = net.DialTimeout("tcp", args[2], time.Second)
	try("dial", err)
	try("write", os.WriteFile("x", []byte("1"), 0o600))
	try("echo", echo("unix", "echo.sock"))
	status, err := os.ReadFile("/proc/self/status")
	try("status", err)
	fmt.Printf("%s\n", status)
}
