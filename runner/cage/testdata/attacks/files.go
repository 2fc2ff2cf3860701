package main

import (
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// files tries to read what is not for a program, and to write anywhere but in
// /tmp. The arguments are files of the judge.
func files(args []string) {
	read := append(args, "/etc/shadow", "/etc/passwd", "/root", "/home", "/work", "/usr/bin", "/sys", "/old",
		"/proc/1/environ", "/proc/1/maps", "/proc/1/mem", "/proc/1/root", "/proc/1/fd", "/proc/1/cmdline",
		"/proc/self/root/../etc/shadow", "/dev/net/tun", "/dev/mem", "/dev/kmsg", "/dev/pts", "/dev/sda", "/dev/vda")
	for _, name := range read {
		f, err := os.Open(name)
		if err == nil {
			_ = f.Close()
		}
		try("read "+name, err)
	}
	self, _ := os.Executable()
	for _, name := range []string{
		"/x", "/etc/hosts", "/etc/x", "/dev/x", "/tmp/../x", self, "/proc/sysrq-trigger",
		"/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/tcp_rmem", "/proc/sys/kernel/core_pattern", "/proc/self/uid_map",
	} {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
		if err == nil {
			_, err = f.WriteString("1")
			_ = f.Close()
		}
		try("write "+name, err)
	}
	try("chmod "+self, os.Chmod(self, 0o777))
	try("remove "+self, os.Remove(self))
	try("rename "+self, os.Rename(self, "/tmp/mine"))
	try("link "+self, os.Link(self, "/tmp/mine"))
	try("device", unix.Mknod("/tmp/disk", unix.S_IFBLK|0o600, int(unix.Mkdev(8, 0))))
	try("write /tmp/x", os.WriteFile("/tmp/x", []byte("1"), 0o600))
}

// fill writes to /tmp until it can't.
func fill([]string) {
	signal.Ignore(syscall.SIGXFSZ)
	chunk := make([]byte, 1<<20)
	total := 0
	for i := 0; ; i++ {
		f, err := os.Create("/tmp/fill" + strconv.Itoa(i))
		for err == nil {
			var n int
			n, err = f.Write(chunk)
			total += n
		}
		if f == nil || total > 1<<30 || !isTooBig(err) {
			fmt.Println("total:", total)
			try("fill", err)
			return
		}
	}
}

func isTooBig(err error) bool {
	pe, ok := err.(*os.PathError)
	return ok && pe.Err == syscall.EFBIG
}

func bigFile([]string) {
	signal.Ignore(syscall.SIGXFSZ)
	f, err := os.Create("/tmp/big")
	try("create", err)
	try("truncate", f.Truncate(1<<40))
}

func inodes([]string) {
	for i := range 1 << 20 {
		if err := os.WriteFile("/tmp/f"+strconv.Itoa(i), nil, 0o600); err != nil {
			fmt.Println("files:", i)
			try("inodes", err)
			return
		}
	}
}

// descriptors tells of all that it has inherited.
func descriptors([]string) {
	entries, err := os.ReadDir("/proc/self/fd")
	try("list", err)
	var fds []int
	for _, e := range entries {
		fd, _ := strconv.Atoi(e.Name())
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && to != "anon_inode:[eventpoll]" && to != "anon_inode:[eventfd]" {
			fds = append(fds, fd)
		}
	}
	slices.Sort(fds)
	fmt.Println("descriptors:", fds)
	for _, v := range os.Environ() {
		fmt.Println("environment:", v)
	}
}
