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
		case fault == "floods datagrams":
			for i := range 5000 {
				_, _ = conn.WriteTo(fmt.Appendf(nil, "flood %d", i), from)
			}
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

// sendUDP sends one datagram from a socket of its own.
func sendUDP(addr string) {
	conn, err := net.Dial("udp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()
	_, _ = fmt.Fprint(conn, "hello")
	time.Sleep(100 * time.Microsecond) // or some may be lost
}

// floodUDP sends one datagram, and very many from another socket.
func floodUDP(addr string) {
	sendUDP(addr)
	conn, err := net.Dial("udp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for {
		_, _ = conn.Write(make([]byte, 1000))
	}
}
