package main

import (
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// dials tries to reach anything but the other host of the pocket. The arguments
// are an address on the machine's loopback and the name of an abstract socket.
func dials(args []string) {
	for _, addr := range append([]string{
		"10.0.0.1:80", "169.254.169.254:80", "8.8.8.8:53", "172.17.0.1:22", "198.51.100.1:443",
		"[2606:4700:4700::1111]:443", "[2001:4860:4860::8888]:53",
	}, args[0]) {
		for _, network := range []string{"tcp", "udp"} {
			conn, err := net.DialTimeout(network, addr, 2*time.Second)
			if err == nil && network == "udp" {
				// A datagram socket is connected in any case where there is a route.
				_, _ = conn.Write([]byte("x"))
				_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
				_, err = conn.Read(make([]byte, 1))
			}
			try(network+" "+addr, err)
		}
	}
	_, err := net.Dial("unix", "@"+args[1])
	try("unix @"+args[1], err)
	_, err = net.Dial("unix", "/run/systemd/private")
	try("unix /run/systemd/private", err)
	fd, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0)
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrVM{CID: 2, Port: 1})
	}
	try("vsock", err)
	for name, family := range map[string]int{
		"AF_PACKET": unix.AF_PACKET, "AF_ALG": unix.AF_ALG, "AF_BLUETOOTH": unix.AF_BLUETOOTH, "AF_XDP": unix.AF_XDP, "AF_KEY": unix.AF_KEY,
	} {
		_, err := unix.Socket(family, unix.SOCK_RAW, 0)
		try(name, err)
	}
	_, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_AUDIT)
	try("NETLINK_AUDIT", err)
	_, err = unix.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP)
	try("raw", err)
}

// raw opens a raw socket, which needs CAP_NET_RAW.
func raw([]string) {
	_, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP)
	try("raw", err)
	_, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	try("AF_PACKET", err)
	status, _ := os.ReadFile("/proc/self/status")
	fmt.Printf("%s\n", status)
}

// sockets opens descriptors until there are no more.
func sockets([]string) {
	for n := 0; ; n++ {
		if _, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); err != nil {
			fmt.Println("opened:", n)
			try("sockets", err)
			return
		}
	}
}
