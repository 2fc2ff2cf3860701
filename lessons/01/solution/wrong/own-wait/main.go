// Caught by: Filtered, Silent, PartOfLine, InOrder, ManyPorts, WaitIsForAll.
//
// It waits half a minute, whatever WAIT says.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 4 {
		usage()
	}
	host, ports := os.Args[1], os.Args[3:]
	wait, err := time.ParseDuration(os.Args[2])
	if err != nil || wait <= 0 {
		usage()
	}
	for _, port := range ports {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			usage()
		}
	}
	states, err := scan(host, 30*time.Second, ports)
	if err != nil {
		fmt.Fprintln(os.Stderr, "portscan:", err)
		os.Exit(1)
	}
	for i, state := range states {
		fmt.Println(ports[i], state)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: portscan HOST WAIT PORT...")
	os.Exit(2)
}

// scan tries all ports at the same time, and gives the state of each.
func scan(host string, wait time.Duration, ports []string) ([]string, error) {
	ip, err := net.ResolveIPAddr("ip", host) // once, and not for each port
	if err != nil {
		return nil, err
	}
	states := make([]string, len(ports))
	errs := make([]error, len(ports))
	free := make(chan struct{}, 200) // a process has only so many descriptors
	var all sync.WaitGroup
	for i, port := range ports {
		all.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			states[i], errs[i] = knock(net.JoinHostPort(ip.String(), port), wait)
		})
	}
	all.Wait()
	return states, errors.Join(errs...)
}

// knock tells the state of one port. Only a RST says that it is closed, and only
// silence that it is filtered; any other error is one.
func knock(addr string, wait time.Duration) (string, error) {
	conn, err := net.DialTimeout("tcp", addr, wait)
	var late net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "closed", nil
	case errors.As(err, &late) && late.Timeout():
		return "filtered", nil
	case err != nil:
		return "", err
	}
	defer conn.Close()
	// One deadline for all reads: a byte now and then does not extend it.
	if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return "", err
	}
	return "open " + greeting(conn), nil
}

const longest = 80 // bytes of a greeting

// greeting is the first line, quoted: it is a stranger's, and for our terminal.
func greeting(conn net.Conn) string {
	// The buffer holds a line and its end. However the reading stops, by a newline,
	// a full buffer, the end or the deadline, what has come is given.
	in := bufio.NewReaderSize(conn, longest+len("\r\n"))
	line, _ := in.ReadSlice('\n')
	if len(line) == 0 {
		return "-"
	}
	line = bytes.TrimSuffix(line, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	return strconv.Quote(string(line[:min(len(line), longest)]))
}
