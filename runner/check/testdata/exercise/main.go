// Command exercise is a server with faults, for the tests of package check.
//
// Usage: exercise ADDR [FAULT]
//
// With the fault "asks", exercise "" asks ADDR TEXT is a client.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
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
	case "asks":
		ask(os.Args[3], os.Args[4])
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
			for {
				n, err := conn.Read(buf)
				if err != nil {
					return
				}
				switch fault {
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
