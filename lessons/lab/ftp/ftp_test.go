package ftp_test

import (
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"testing"

	"sockets/lessons/lab/ftp"
	"sockets/lessons/lab/labtest"
	"sockets/lessons/lab/text"
)

// A control is a control connection.
type control struct {
	*textproto.Conn
	t *testing.T
}

func login(t *testing.T, addr string) control {
	t.Helper()
	c := control{textproto.NewConn(labtest.Dial(t, "tcp", addr)), t}
	c.want("", 220, "FTP server ready")
	c.want("LIST", 530, "not logged in")
	c.want("USER anonymous", 331, "")
	c.want("PASS guest@lab.test", 230, "")
	return c
}

// want sends a command, unless it is empty, and expects a reply.
func (c control) want(command string, code int, message string) string {
	c.t.Helper()
	if command != "" {
		if err := c.PrintfLine("%s", command); err != nil {
			c.t.Fatal(err)
		}
	}
	_, got, err := c.ReadResponse(code)
	if err != nil || message != "" && got != message {
		c.t.Fatalf("%s: got %q, %v, want %d %s", command, got, err, code, message)
	}
	return got
}

// transfer fetches what command sends on the data connection at addr.
func (c control) transfer(addr, command string) string {
	c.t.Helper()
	data := labtest.Dial(c.t, "tcp", addr)
	c.want(command, 150, "")
	got, err := io.ReadAll(data)
	if err != nil {
		c.t.Fatal(err)
	}
	c.want("", 226, fmt.Sprintf("%d bytes sent", len(got)))
	return string(got)
}

func (c control) extended(host string) string {
	c.t.Helper()
	var port int
	reply := c.want("EPSV", 229, "")
	if _, err := fmt.Sscanf(reply, "Entering Extended Passive Mode (|||%d|)", &port); err != nil {
		c.t.Fatalf("EPSV: %q: %v", reply, err)
	}
	return net.JoinHostPort(host, fmt.Sprint(port))
}

func TestFiles(t *testing.T) {
	r := labtest.Start(t, ftp.Service)
	c := login(t, r.Addr)
	c.want("PWD", 257, `"/" is the current directory`)
	c.want("SYST", 215, "")
	c.want("TYPE I", 200, "")
	c.want("FEAT", 211, "")
	c.want("SIZE lines.txt", 213, "8045")
	c.want("SIZE missing", 550, "no such file")
	c.want("CWD missing", 550, "")
	c.want("RETR lines.txt", 425, "PASV or EPSV comes first")
	c.want("STOR new.txt", 500, "")

	var ip [4]byte
	var high, low int
	reply := c.want("PASV", 227, "")
	if _, err := fmt.Sscanf(reply, "Entering Passive Mode (%d,%d,%d,%d,%d,%d)",
		&ip[0], &ip[1], &ip[2], &ip[3], &high, &low); err != nil {
		t.Fatalf("PASV: %q: %v", reply, err)
	}
	addr := net.JoinHostPort(net.IP(ip[:]).String(), fmt.Sprint(high<<8|low))
	if got := c.transfer(addr, "RETR lines.txt"); got != text.Lines {
		t.Errorf("RETR: %d bytes, want %d", len(got), len(text.Lines))
	}
	if got, want := c.transfer(c.extended("127.0.0.1"), "NLST"), "lines.txt\r\nreadme.txt\r\n"; got != want {
		t.Errorf("NLST: %q, want %q", got, want)
	}
	got := c.transfer(c.extended("127.0.0.1"), "LIST -a")
	if want := "-r--r--r-- 1 lab lab     8045 Jan  5  2026 lines.txt\r\n"; !strings.HasPrefix(got, want) {
		t.Errorf("LIST: %q, want it to begin with %q", got, want)
	}
	c.want("QUIT", 221, "")
}

func TestIPv6(t *testing.T) {
	r := labtest.Start(t, ftp.Service)
	if r.Addr6 == "" {
		t.Skip("no IPv6 loopback")
	}
	c := login(t, r.Addr6)
	c.want("PASV", 425, "PASV is for IPv4; use EPSV")
	if got := c.transfer(c.extended("::1"), "RETR /lines.txt"); got != text.Lines {
		t.Errorf("RETR: %d bytes, want %d", len(got), len(text.Lines))
	}
}

// The service ends in the middle of what a client has begun: waiting for a
// data connection, and sending on one that nobody reads.
func TestCloseEarly(t *testing.T) {
	r := labtest.Start(t, ftp.Service)
	login(t, r.Addr).extended("127.0.0.1")
	c := login(t, r.Addr)
	c.extended("127.0.0.1")
	c.want("RETR lines.txt", 150, "")
}
