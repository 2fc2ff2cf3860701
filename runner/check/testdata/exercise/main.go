// Command exercise is a server with faults, for the tests of package check.
//
// Usage: exercise ADDR [FAULT]
//
// With the fault "asks", exercise "" asks ADDR TEXT is a client.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	fault := ""
	if len(os.Args) > 2 {
		fault = os.Args[2]
	}
	switch fault {
	case "silent":
		return
	case "reads stdin":
		_, _ = io.Copy(os.Stdout, os.Stdin)
		return
	case "exits":
		os.Exit(3)
	case "dials":
		dial(os.Args[3:])
		return
	case "makes many calls":
		for range 30_000 {
			_ = os.Getppid()
		}
		dial(os.Args[3:])
		return
	case "asks from a child":
		c := exec.Command("/proc/self/exe", "", "asks", os.Args[3], os.Args[4])
		c.Stdout = os.Stdout
		if err := c.Run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	case "reads MPTCP":
		var d net.Dialer
		d.SetMultipathTCP(true)
		conn, err := d.DialContext(context.Background(), "tcp", os.Args[3])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		for b := make([]byte, 1); ; {
			if _, err := conn.Read(b); err != nil {
				return
			}
			_, _ = os.Stdout.Write(b)
		}
	case "counts":
		fmt.Println(41, "and more")
		return
	case "waits for signals":
		wait()
		return
	case "asks":
		ask(os.Args[3], os.Args[4])
		return
	case "asks over UDP":
		askUDP(os.Args[3])
		return
	case "floods over UDP":
		floodUDP(os.Args[3])
		return
	case "has many sockets":
		for range 2000 {
			sendUDP(os.Args[3])
		}
		return
	case "floods datagrams", "answers datagrams", "shouts datagrams", "splits datagrams", "swallows datagrams", "closes":
		answer(os.Args[1], fault)
		return
	}
	ln, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if fault == "says nothing" {
		time.Sleep(time.Hour)
	}
	fmt.Println("listening", ln.Addr())
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGTERM)
	go serve(ln, fault)
	<-quit
	fmt.Println("bye")
}

// dial connects to each address, for half a second at most, keeps the connection
// and prints the end that is its own.
func dial(addrs []string) {
	for _, addr := range addrs {
		network := "tcp"
		if addr[0] == '/' {
			network = "unix"
		}
		conn, err := net.DialTimeout(network, addr, 500*time.Millisecond)
		if err != nil {
			fmt.Println("no")
			continue
		}
		defer conn.Close()
		fmt.Println(conn.LocalAddr())
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// wait says so, and again when three signals have come.
func wait() {
	some := make(chan os.Signal, 3)
	signal.Notify(some)
	fmt.Println("waiting")
	for n := 0; n < 3; {
		if s := <-some; s != syscall.Signal(23) { // SIGURG, with which Go's runtime knocks
			n++
		}
	}
	fmt.Println("three")
}

// ask sends the text, and prints all that comes.
func ask(addr, text string) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, text)
	_, _ = io.Copy(os.Stdout, conn)
}

func serve(ln net.Listener, fault string) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			buf := make([]byte, 100)
			if fault == "answers at once" {
				buf = buf[:1]
			}
			for {
				n, err := conn.Read(buf)
				if err != nil {
					return
				}
				switch fault {
				case "answers at once":
					_, _ = io.WriteString(conn, "hello\n")
					return // and leaves what it has not read
				case "panics":
					panic("no")
				case "hangs":
					time.Sleep(time.Hour)
				case "shouts":
					n += copy(buf[n:], "!")
				case "leaks":
					_, _ = ln.(*net.TCPListener).File()
				case "spins":
					for {
					}
				case "leaves":
					return
				}
				_, _ = conn.Write(buf[:n])
			}
		}()
	}
}
