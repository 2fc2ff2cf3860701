// Command standing is a server that answers each line with the same line, for the
// tests of the standing checks. It is built with a fault, or with none:
//
//	go build -ldflags "-X main.fault=leaks"
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

var fault string

// longest is how long a line may be.
const longest = 4 << 10

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGTERM)
	fmt.Println("listening", ln.Addr())
	s := &server{conns: make(map[net.Conn]bool)}
	go func() {
		for fault == "spins" && len(quit) == 0 {
			continue
		}
		<-quit
		_ = ln.Close()
	}()
	for {
		conn, err := s.accept(ln)
		if errors.Is(err, net.ErrClosed) {
			break
		}
		if err != nil {
			return err
		}
		s.clients.Go(func() { s.serve(conn) })
	}
	s.close()
	s.clients.Wait()
	return nil
}

// A server knows its connections, to close them.
type server struct {
	clients sync.WaitGroup
	mu      sync.Mutex
	conns   map[net.Conn]bool
}

// accept takes the next connection.
func (s *server) accept(ln net.Listener) (net.Conn, error) {
	conn, err := ln.Accept()
	if err == nil {
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
	}
	return conn, err
}

// close closes all connections.
func (s *server) close() {
	if fault == "waits" {
		return // until the last client has gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		_ = conn.(*net.TCPConn).CloseRead() // wakes whoever reads by a call of his own
		_ = conn.Close()
	}
}

// serve answers a client.
func (s *server) serve(conn net.Conn) {
	if fault == "leaks" {
		defer func() { _ = conn.(*net.TCPConn).CloseWrite() }() // and not Close
	} else {
		defer func() {
			s.mu.Lock()
			delete(s.conns, conn)
			s.mu.Unlock()
			_ = conn.Close()
		}()
	}
	var from io.Reader = conn
	if fault == "blocks" {
		f, err := conn.(*net.TCPConn).File()
		if err != nil {
			return
		}
		defer func() { _ = f.Close() }()
		_ = syscall.SetNonblock(int(f.Fd()), false)
		from = blocking{f}
	}
	lines := bufio.NewReaderSize(from, longest)
	for {
		line, err := lines.ReadSlice('\n')
		if fault == "hoards" && errors.Is(err, bufio.ErrBufferFull) {
			rest, err := lines.ReadBytes('\n')
			if line = append(append([]byte{}, line...), rest...); err != nil {
				return
			}
		} else if err != nil {
			return // it has gone, or its line is too long
		}
		if _, err := conn.Write(line); err != nil {
			return
		}
	}
}

// A blocking file is read by a system call that takes the thread with it.
type blocking struct{ f *os.File }

func (b blocking) Read(p []byte) (int, error) {
	n, err := syscall.Read(int(b.f.Fd()), p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return max(n, 0), err
}
