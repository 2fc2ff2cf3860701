// Command 01 asks who is behind a port. Usage: 01 [HOST:PORT...]
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"sockets/lessons/lab/ftp"
	"sockets/lessons/lab/gopher"
	"sockets/lessons/lab/imap"
	"sockets/lessons/lab/pop"
	"sockets/lessons/lab/smtp"
	"sockets/lessons/lab/ssh"
	"sockets/lessons/lab/web"
)

func main() {
	doors := os.Args[1:]
	if len(doors) == 0 {
		doors = append(doors, ftp.Addr(), ssh.Addr(), smtp.Addr(),
			gopher.Addr(), web.Addr(), pop.Addr(), imap.Addr())
	}
	for _, addr := range doors {
		knock(addr)
	}

	names := "ftp ssh smtp gopher http https pop3 pop3s imap2 imaps"
	for _, name := range strings.Fields(names) {
		port, err := net.LookupPort("tcp", name)
		exit(err)
		fmt.Printf("%-6s %3d\n", name, port)
	}

	ours, err := net.Listen("tcp", "127.0.0.1:0")
	exit(err)
	defer ours.Close()
	here := ours.Addr().(*net.TCPAddr)
	fmt.Println("tcp", here, "is ours")
	_, err = net.Listen("tcp", fmt.Sprint("127.0.0.2:", here.Port))
	fmt.Println("same number, other address: ", err)
	_, err = net.ListenPacket("udp", here.String())
	fmt.Println("same number, other protocol:", err)
	_, err = net.Listen("tcp", here.String())
	fmt.Println("the same endpoint:", err)
}

// knock waits for a word, then says an empty line and waits again.
func knock(addr string) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	exit(err)
	defer conn.Close()
	in, first := bufio.NewReader(conn), "server"
	conn.SetReadDeadline(time.Now().Add(time.Second))
	line, err := in.ReadString('\n')
	if errors.Is(err, os.ErrDeadlineExceeded) {
		first = "client"
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		fmt.Fprint(conn, "\r\n")
		line, err = in.ReadString('\n')
	}
	exit(err)
	fmt.Printf("%-15s %s first: %.40q\n", addr, first, line)
}

func exit(err error) {
	if errors.As(err, new(*net.AddrError)) {
		fmt.Fprintf(os.Stderr, "%v\nusage: 01 [HOST:PORT...]\n", err)
		os.Exit(2)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
