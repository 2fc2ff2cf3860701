package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// answer answers each datagram with the same bytes, but for its fault. The
// datagram "bye" ends it.
func answer(addr, fault string) {
	conn, err := net.ListenPacket("udp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if fault == "closes" {
		conn.Close()
	}
	fmt.Println("listening", conn.LocalAddr())
	if fault == "closes" {
		time.Sleep(time.Hour)
	}
	buf := make([]byte, 64<<10)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		b := buf[:n]
		switch {
		case fault == "swallows datagrams":
			continue
		case fault == "shouts datagrams":
			b = append(b, '!')
		case fault == "splits datagrams":
			_, _ = conn.WriteTo(b[:n/2], from)
			b = b[n/2:]
		}
		_, _ = conn.WriteTo(b, from)
		if string(b) == "bye" {
			return
		}
	}
}

// askUDP asks three questions, each again and again until it has the answer, and
// prints the answers. What is no answer to the question it passes over.
func askUDP(addr string) {
	conn, err := net.Dial("udp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	buf := make([]byte, 100)
	for q := 1; q <= 3; {
		_, _ = fmt.Fprintf(conn, "question %d", q)
		_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		for {
			n, err := conn.Read(buf)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
			if string(buf[:n]) == fmt.Sprintf("answer %d", q) {
				fmt.Println(string(buf[:n]))
				q++
				break
			}
		}
	}
}
