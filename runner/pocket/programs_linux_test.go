package pocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

func init() {
	programs["datagram"] = datagram
	programs["ping"] = ping
	programs["pull"] = pull
	programs["push"] = push
	programs["dial"] = dial
	programs["answer"] = answer
	programs["listen"] = listen
	programs["descriptors"] = descriptors
	programs["unix"] = unixEcho
	programs["lookup"] = lookup
	programs["sleep"] = func(arg string) error {
		d, err := time.ParseDuration(arg)
		time.Sleep(d)
		return err
	}
}

// datagram sends one and prints the answer.
func datagram(addr string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "udp", addr)
	if err != nil {
		return err
	}
	if _, err := conn.Write([]byte("ping")); err != nil {
		return err
	}
	b := make([]byte, 100)
	n, err := conn.Read(b)
	fmt.Printf("%s", b[:n])
	if errors.Is(err, syscall.ECONNREFUSED) {
		fmt.Print("refused")
		err = nil
	}
	return errors.Join(err, conn.Close())
}

// ping sends an echo request over a socket that needs no privilege, icmp(7).
func ping(host string) error {
	network, local, typ := "udp4", "0.0.0.0", icmp.Type(ipv4.ICMPTypeEcho)
	if strings.Contains(host, ":") {
		network, local, typ = "udp6", "::", ipv6.ICMPTypeEchoRequest
	}
	conn, err := icmp.ListenPacket(network, local)
	if err != nil {
		return err
	}
	b, err := (&icmp.Message{Type: typ, Body: &icmp.Echo{Seq: 1, Data: []byte("hello")}}).Marshal(nil)
	if err != nil {
		return err
	}
	if _, err := conn.WriteTo(b, &net.UDPAddr{IP: net.ParseIP(host)}); err != nil {
		return err
	}
	b = make([]byte, 1500)
	n, from, err := conn.ReadFrom(b)
	if err != nil {
		return err
	}
	m, err := icmp.ParseMessage(map[string]int{"udp4": 1, "udp6": 58}[network], b[:n])
	if err != nil {
		return err
	}
	fmt.Println(m.Type, "from", from.(*net.UDPAddr).IP)
	return conn.Close()
}

// pull reads a number of bytes, and push sends them.
func pull(addr string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, conn)
	fmt.Println(n)
	return errors.Join(err, conn.Close())
}

func push(arg string) error {
	addr, size, _ := strings.Cut(arg, " ")
	n, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	_, err = conn.Write(make([]byte, n))
	return errors.Join(err, conn.Close())
}

// dial prints how it ends, with a time limit.
func dial(arg string) error {
	addr, limit, _ := strings.Cut(arg, " ")
	d := net.Dialer{}
	var err error
	if limit != "" {
		if d.Timeout, err = time.ParseDuration(limit); err != nil {
			return err
		}
	}
	conn, err := d.DialContext(context.Background(), "tcp", addr)
	var errno syscall.Errno
	var timeout net.Error
	switch {
	case err == nil:
		fmt.Println("connected")
		return conn.Close()
	case errors.As(err, &errno):
		fmt.Println(unix.ErrnoName(errno))
	case errors.As(err, &timeout) && timeout.Timeout():
		fmt.Println("timeout")
	default:
		return err
	}
	return nil
}

// listen answers one connection and prints where it is from.
func listen(addr string) error {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	conn, err := ln.Accept()
	if err != nil {
		return err
	}
	fmt.Println(conn.RemoteAddr())
	_, err = io.WriteString(conn, "hi from here\n")
	return errors.Join(err, conn.Close(), ln.Close())
}

// answer answers one datagram, and prints it.
func answer(addr string) error {
	conn, err := (&net.ListenConfig{}).ListenPacket(context.Background(), "udp", addr)
	if err != nil {
		return err
	}
	b := make([]byte, 10)
	n, from, err := conn.ReadFrom(b)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n", b[:n])
	_, err = conn.WriteTo([]byte("pong"), from)
	return errors.Join(err, conn.Close())
}

// descriptors prints what this program has inherited.
func descriptors(string) error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, e := range entries {
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil {
			continue // that of the folder itself
		}
		to, _, _ = strings.Cut(to, ":")
		if to == "anon_inode" || strings.HasPrefix(to, "/sys/fs/cgroup") {
			continue // of Go's runtime
		}
		fmt.Println(e.Name(), to)
	}
	return nil
}

// unixEcho sends a line to a UNIX socket and prints the answer.
func unixEcho(path string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "unix", path)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		return err
	}
	b, err := io.ReadAll(conn)
	fmt.Printf("%s", b)
	return errors.Join(err, conn.Close())
}

func lookup(name string) error {
	r := net.Resolver{PreferGo: true}
	got, err := r.LookupHost(context.Background(), name)
	fmt.Println(got)
	return err
}
