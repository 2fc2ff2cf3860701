package pocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sockets/runner/pocket"
)

// programs is what runs in pockets.
var programs = map[string]func(arg string) error{
	"nothing": func(string) error { return nil },
	"ip": func(string) error {
		out, err := exec.CommandContext(context.Background(), "ip", "addr").CombinedOutput()
		fmt.Printf("%s", out)
		return err
	},
	"get":   get,
	"world": world,
}

// get connects, says something, and prints what comes.
func get(addr string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
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

// world prints what a program sees of its surroundings.
func world(string) error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	fmt.Println("host", host)
	for _, pattern := range []string{"/tmp/*", "/proc/[0-9]*"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		fmt.Println(pattern, len(names))
	}
	for _, name := range []string{"/etc/resolv.conf", "/etc/hosts"} {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Printf("%s", b)
	}
	return nil
}

// serve answers every connection with a text, after a line of theirs.
func serve(ln net.Listener, text string) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		go func() {
			var b [6]byte
			_, _ = io.ReadFull(conn, b[:])
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}()
	}
}

// serving is a pocket's up that serves the text on addresses.
func serving(tb testing.TB, text string, addrs ...string) func(context.Context, *pocket.Pocket) error {
	tb.Helper()
	return func(ctx context.Context, p *pocket.Pocket) error {
		for _, addr := range addrs {
			ln, err := p.Listen(ctx, "tcp", addr)
			if err != nil {
				return err
			}
			tb.Cleanup(func() { _ = ln.Close() })
			go serve(ln, text)
		}
		return nil
	}
}

func TestTCP(t *testing.T) {
	for _, addr := range []string{"192.0.2.80:80", "[2001:db8::80]:80"} {
		r := play(t, www(), "get "+addr, serving(t, "welcome\n", addr))
		if got := string(r.Stdout); got != "welcome\n" {
			t.Errorf("%s: the program printed %q", addr, got)
		}
	}
}

func TestWorld(t *testing.T) {
	r := play(t, www(), "world", nil)
	want := strings.Join([]string{
		"host here",
		"/tmp/* 0",
		"/proc/[0-9]* 2", // the agent and the program
		"nameserver 192.0.2.53",
		"options single-request",
		"127.0.0.1 localhost",
		"::1 localhost",
		"192.0.2.10 here.lab.test here",
		"2001:db8::10 here.lab.test here",
		"",
	}, "\n")
	if got := string(r.Stdout); got != want {
		t.Errorf("the program sees\n%s\nwant\n%s", got, want)
	}
	if len(r.Frames) > 0 {
		t.Errorf("there are %d frames of a program that sends nothing", len(r.Frames))
	}
}
