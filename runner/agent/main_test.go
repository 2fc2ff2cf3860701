//go:build linux

package agent

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sockets/runner/pocket"
	"sockets/runner/tier"
	"sockets/runner/trace"
)

// The programs that the tests run are this test's own binary, which does what
// this variable says instead of testing. The agent is that binary, too.
const as = "AGENT_TEST"

func TestMain(m *testing.M) {
	if name := os.Getenv(as); name != "" {
		if err := programs[name](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var programs = map[string]func() error{
	"nothing": func() error { return nil },
	"exits":   func() error { os.Exit(7); return nil },
	"echoes":  func() error { _, err := io.Copy(os.Stdout, os.Stdin); return err },
	"serves": func() error {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		fmt.Println("starting")
		fmt.Println("listening", ln.Addr())
		for {
			conn, err := ln.Accept()
			if err != nil {
				return err
			}
			go func() { _, _ = io.Copy(conn, conn) }()
		}
	},
	"handles": func() error {
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGUSR1)
		fmt.Println("ready")
		fmt.Println("got", <-c)
		return nil
	},
	"polls": func() error {
		ended := make(chan error)
		var poll func()
		poll = func() {
			runtime.LockOSThread()
			if unix.Gettid() == os.Getpid() { // which stays locked
				go poll()
				return
			}
			fmt.Println("ready")
			_, err := unix.Poll(nil, int(deadline.Milliseconds()))
			ended <- err
		}
		go poll()
		fmt.Println(<-ended)
		return nil
	},
	"hands over": func() error { return leaves("serves", nil) },
	"daemon":     func() error { return leaves("serves", &syscall.SysProcAttr{Setsid: true}) },
	"floods": func() error {
		line := strings.Repeat("x", 1000)
		for w := bufio.NewWriter(os.Stdout); ; {
			if _, err := w.WriteString(line); err != nil {
				return err
			}
		}
	},
	"asks": func() error {
		conn, err := net.Dial("tcp", os.Args[1])
		if err != nil {
			return err
		}
		fmt.Println("asking")
		if _, err := conn.Write([]byte("?")); err != nil {
			return err
		}
		answer := make([]byte, 1)
		if _, err := conn.Read(answer); err != nil {
			return err
		}
		fmt.Printf("got %s\n", answer)
		return nil
	},
	"reads a pipe": readsPipe,
	"hangs":        func() error { time.Sleep(time.Minute); return nil },
}

// leaves starts another program and ends when that is there.
func leaves(name string, how *syscall.SysProcAttr) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd := &exec.Cmd{Path: self, Env: append(os.Environ(), as+"="+name), Stdout: w, SysProcAttr: how}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(r)
	for text := ""; !strings.HasPrefix(text, "listening "); { // what it prints later would kill it
		if text, err = lines.ReadString('\n'); err != nil {
			return err
		}
	}
	return nil
}

// A place is where and how the tests run programs.
type place struct {
	name    string
	pocket  bool
	blindly bool
}

var places = []place{{"traced", false, false}, {"blind", false, true}, {"pocket", true, false}, {"blind pocket", true, true}}

// everywhere runs a test in all places that the machine has.
func everywhere(t *testing.T, test func(*testing.T, place)) {
	t.Helper()
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			if !p.blindly {
				if err := trace.Probe(); err != nil {
					tier.Lacks(t, err.Error())
				}
			}
			if p.pocket {
				if l := Probe(t.Context()); l.Full != nil {
					tier.Lacks(t, l.Full.Error())
				}
			}
			test(t, p)
		})
	}
}

// deadline is how long a test waits for anything.
const deadline = 30 * time.Second

// spec is what runs a program; change may change its order.
func (p place) spec(tb testing.TB, program string, change func(*Order)) Spec {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	o := Order{
		Path: self, Dir: "/", Env: []string{as + "=" + program, "GORACE=atexit_sleep_ms=0"},
		Limit: deadline, Untraced: p.blindly,
	}
	s := Spec{Limit: deadline, Output: 1 << 20}
	if p.pocket {
		o.Path = "/tmp/bin/program"
		s.Pocket = &pocket.Config{Binds: []pocket.Bind{{From: self, To: o.Path}}}
	}
	if change != nil {
		change(&o)
	}
	s.Up = func(context.Context, *pocket.Pocket) (Order, error) { return o, nil }
	return s
}

func (p place) start(t *testing.T, program string, change func(*Order)) *Running {
	t.Helper()
	r, err := Start(t.Context(), p.spec(t, program, change))
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return r
}

func wait(t *testing.T, r *Running) *Sight {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	s, err := r.Wait(ctx)
	if err != nil {
		t.Fatalf("Wait: %v", err)
	}
	return s
}
