package ftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"goftp.io/server/v2"

	"sockets/lessons/lab"
)

// The library's own data connections listen on every interface and outlive
// the server, hence these.

// patience is how long a data connection may take to come, and to end.
const patience = 10 * time.Second

// waiting is the key under which a session keeps its listener.
const waiting = "listener"

// listen makes the session's listener for its next data connection, beside the
// server's own. It is closed when ctx ends or when nobody comes.
func listen(ctx context.Context, own net.Listener, s *server.Session) (*net.TCPAddr, error) {
	forget(s)
	ln, err := lab.Beside(own)
	if err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, patience)
	context.AfterFunc(wait, func() {
		_ = ln.Close()
		cancel()
	})
	s.Data[waiting] = ln
	addr, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return addr, nil
}

// forget closes the session's listener, if it has one.
func forget(s *server.Session) {
	if ln, ok := s.Data[waiting].(net.Listener); ok {
		_ = ln.Close()
		delete(s.Data, waiting)
	}
}

// passive answers EPSV, RFC 2428 section 3, and PASV, RFC 959 section 4.1.2,
// whose reply has room for an IPv4 address only.
func passive(ctx context.Context, own net.Listener, s *server.Session, extended bool) {
	addr, err := listen(ctx, own, s)
	if err != nil {
		s.WriteMessage(425, "can't listen for the data connection")
		return
	}
	if extended {
		s.WriteMessage(229, fmt.Sprintf("Entering Extended Passive Mode (|||%d|)", addr.Port))
		return
	}
	ip := addr.IP.To4()
	if ip == nil {
		forget(s)
		s.WriteMessage(425, "PASV is for IPv4; use EPSV")
		return
	}
	s.WriteMessage(227, fmt.Sprintf("Entering Passive Mode (%d,%d,%d,%d,%d,%d)",
		ip[0], ip[1], ip[2], ip[3], addr.Port>>8, addr.Port&0xff))
}

// list answers LIST, as ls -l would, and NLST with the names alone.
func list(ctx context.Context, s *server.Session, arg string, long bool) {
	if strings.HasPrefix(arg, "-") {
		arg = "" // options that some clients send
	}
	found, err := find(s.BuildPath(arg))
	if err != nil {
		s.WriteMessage(450, "no such file")
		return
	}
	shown := []file{found}
	if found.IsDir() {
		shown = files
	}
	var b strings.Builder
	for _, f := range shown {
		if long {
			fmt.Fprintf(&b, "%s 1 lab lab %8d %s ", f.Mode(), f.Size(), f.ModTime().Format("Jan _2  2006"))
		}
		fmt.Fprintf(&b, "%s\r\n", f.Name())
	}
	send(ctx, s, b.String())
}

func retrieve(ctx context.Context, s *server.Session, arg string) {
	f, err := find(s.BuildPath(arg))
	if err != nil || f.IsDir() {
		s.WriteMessage(550, "no such file")
		return
	}
	send(ctx, s, f.body)
}

// size answers SIZE, RFC 3659 section 4.
func size(s *server.Session, arg string) {
	f, err := find(s.BuildPath(arg))
	if err != nil || f.IsDir() {
		s.WriteMessage(550, "no such file")
		return
	}
	s.WriteMessage(213, strconv.FormatInt(f.Size(), 10))
}

// send sends body over the data connection, with the replies before and after.
func send(ctx context.Context, s *server.Session, body string) {
	ln, ok := s.Data[waiting].(net.Listener)
	if !ok {
		s.WriteMessage(425, "PASV or EPSV comes first")
		return
	}
	defer forget(s)
	s.WriteMessage(150, "here it comes")
	conn, err := ln.Accept()
	if err != nil {
		s.WriteMessage(425, "nobody came for the data")
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	err = conn.SetDeadline(time.Now().Add(patience))
	if err == nil {
		_, err = io.WriteString(conn, body)
	}
	if errors.Join(err, conn.Close()) != nil {
		s.WriteMessage(426, "the data connection broke")
		return
	}
	s.WriteMessage(226, fmt.Sprintf("%d bytes sent", len(body)))
}
