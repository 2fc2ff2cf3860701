package pocket_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sockets/runner/pocket"
	"sockets/runner/tier"
)

func init() {
	programs["blocking"] = blocking
	programs["sizes"] = sizes
	programs["http"] = httpGet
	programs["spin"] = spin
}

// What go test links is stripped, and has no word of inlined code. So these
// calls go through variables, and each has a line that the tracer can find.
var socket, write, read = unix.Socket, unix.Write, unix.Read

// blocking reads with system calls that block, and prints what each returned.
func blocking(string) error {
	fd, err := socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: [4]byte{192, 0, 2, 80}, Port: 80}); err != nil {
		return err
	}
	if _, err := write(fd, []byte("hello\n")); err != nil {
		return err
	}
	buf := make([]byte, 4096)
	for {
		n, err := read(fd, buf)
		fmt.Println(n, err)
		if n <= 0 {
			return errors.Join(err, unix.Close(fd))
		}
	}
}

// sizes reads through package net, and prints what each read returned.
func sizes(addr string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		return err
	}
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		fmt.Println(n, err)
		if err != nil {
			return conn.Close()
		}
	}
}

func httpGet(url string) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, len(b))
	return errors.Join(err, resp.Body.Close())
}

// story is the frames of a run without what may differ: IP's IDs, ephemeral
// ports, sequence numbers and sums.
func story(r run) string {
	var b strings.Builder
	for _, f := range r.Frames {
		at := 54
		if binary.BigEndian.Uint16(f.Data[12:]) == unix.ETH_P_IP {
			at = 34
		}
		flags := f.Data[at+13]
		fmt.Fprintf(&b, "%s %d bytes flags %#02x %s\n", f.Dir, len(f.Data), flags, f.Fault)
	}
	return b.String()
}

// load keeps all processors busy until the test ends, with processes of their own.
func load(t *testing.T) {
	t.Helper()
	for range runtime.NumCPU() {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), programVar+"=spin")
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
	}
}

// spin ends by itself should a test leave it behind.
func spin(string) error {
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); {
		for range 1_000_000 {
		}
	}
	return nil
}

// Runs of one program are alike: in what each read returns, and in the frames.
func TestAlike(t *testing.T) {
	count := 6
	if tier.Full() {
		count = 50
	}
	if n, err := strconv.Atoi(os.Getenv("POCKET_TEST_COUNT")); err == nil {
		count = n
	}
	text := strings.Repeat("a line of the lab that is as long as any other line of it ..\n", 130)
	web := func(ctx context.Context, p *pocket.Pocket) error {
		ln, err := p.Listen(ctx, "tcp", "192.0.2.80:80")
		if err != nil {
			return err
		}
		s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = nil
			for line := range strings.Lines(text) {
				_, _ = io.WriteString(w, line)
			}
		})} //nolint:gosec // for a client of ours
		t.Cleanup(func() { _ = s.Close() })
		go func() { _ = s.Serve(ln) }()
		return nil
	}
	plain := serving(t, text, "192.0.2.80:80", "[2001:db8::80]:80")
	for _, c := range []struct {
		program string
		up      func(context.Context, *pocket.Pocket) error
	}{
		{"blocking", plain},
		{"sizes 192.0.2.80:80", plain},
		{"sizes [2001:db8::80]:80", plain},
		{"http http://192.0.2.80/", web},
	} {
		for _, busy := range []string{"idle", "busy"} {
			t.Run(c.program+" "+busy, func(t *testing.T) {
				if busy == "busy" {
					load(t)
				}
				seen := make(map[string]int)
				for range count {
					r := play(t, www(), c.program, c.up)
					seen[string(r.Stdout)+story(r)]++
				}
				if len(seen) > 1 {
					t.Errorf("%d runs are of %d kinds", count, len(seen))
					for text, n := range seen {
						t.Logf("%d runs:\n%s", n, text)
					}
				}
			})
		}
	}
}
