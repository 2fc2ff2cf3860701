package pocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"sockets/runner/fault"
	"sockets/runner/pocket"
	"sockets/runner/tier"
)

// kinds is a run's frames in a few words each.
func kinds(r run) []string {
	var words []string
	for _, f := range r.Frames {
		word := "other"
		for _, k := range []fault.Kind{
			fault.SYNACK, fault.SYN, fault.RST, fault.FIN, fault.Data, fault.ACK, fault.DNS, fault.UDP, fault.ICMP,
		} {
			if fault.Is(f.Data, k) {
				word = string(k)
				break
			}
		}
		word = f.Dir + " " + word
		if f.Fault != "" {
			word += " " + f.Fault
		}
		words = append(words, word)
	}
	return words
}

func wantKinds(t *testing.T, r run, want ...string) {
	t.Helper()
	got, all := strings.Join(kinds(r), "\n"), strings.Join(want, "\n")
	if got != all {
		t.Errorf("the wire carried\n%s\nwant\n%s", got, all)
	}
}

func wantPrinted(t *testing.T, r run, want string) {
	t.Helper()
	if got := string(r.Stdout); got != want {
		t.Errorf("the program printed %q, want %q", got, want)
	}
}

// mirror is a pocket's up that sends datagrams back.
func mirror(tb testing.TB, addr string) func(context.Context, *pocket.Pocket) error {
	tb.Helper()
	return func(ctx context.Context, p *pocket.Pocket) error {
		conn, err := p.ListenPacket(ctx, "udp", addr)
		if err != nil {
			return err
		}
		tb.Cleanup(func() { _ = conn.Close() })
		go func() {
			b := make([]byte, 1500)
			for {
				n, from, err := conn.ReadFrom(b)
				if err != nil {
					return
				}
				_, _ = conn.WriteTo(b[:n], from)
			}
		}()
		return nil
	}
}

func TestUDP(t *testing.T) {
	for _, addr := range []string{"192.0.2.80:53", "[2001:db8::80]:53"} {
		r := play(t, www(), "datagram "+addr, mirror(t, addr))
		wantPrinted(t, r, "ping")
		wantKinds(t, r, "out dns", "in dns")
		r = play(t, www(), "datagram "+addr, nil)
		wantPrinted(t, r, "refused")
		wantKinds(t, r, "out dns", "in icmp")
	}
}

func TestPing(t *testing.T) {
	r := play(t, www(), "ping 192.0.2.80", nil)
	wantPrinted(t, r, "echo reply from 192.0.2.80\n")
	wantKinds(t, r, "out icmp", "in icmp")
	r = play(t, www(), "ping 2001:db8::80", nil)
	wantPrinted(t, r, "echo reply from 2001:db8::80\n")
	wantKinds(t, r, "out icmp", "in icmp")
}

// A dial ends in one of four ways.
func TestDialEnds(t *testing.T) {
	for _, host := range []string{"192.0.2.80", "[2001:db8::80]"} {
		r := play(t, www(), "dial "+host+":80", nil)
		wantPrinted(t, r, "ECONNREFUSED\n")
		wantKinds(t, r, "out SYN", "in RST")
	}
	for _, host := range []string{"192.0.2.11", "[2001:db8::11]"} {
		r := play(t, www(), "dial "+host+":80 300ms", nil)
		wantPrinted(t, r, "timeout\n")
		wantKinds(t, r, "out SYN")
	}
	for _, host := range []string{"198.51.100.1", "[2001:db8:1::1]"} {
		r := play(t, www(), "dial "+host+":80", nil)
		wantPrinted(t, r, "ENETUNREACH\n")
		wantKinds(t, r)
	}
	r := play(t, www(), "dial 192.0.2.80:80", serving(t, "", "192.0.2.80:80"))
	wantPrinted(t, r, "connected\n")
}

// Nobody has the address: the host asks who has, and gives up.
func TestNobodyThere(t *testing.T) {
	tier.Long(t) // three seconds
	for _, host := range []string{"192.0.2.99", "[2001:db8::99]"} {
		r := play(t, www(), "dial "+host+":80", nil)
		wantPrinted(t, r, "EHOSTUNREACH\n")
		kind := map[bool]string{true: "out other", false: "out icmp"}[host == "192.0.2.99"] // ARP; ICMPv6
		wantKinds(t, r, kind, kind, kind)
	}
}

// The runner sends datagrams to the program.
func TestDatagramHere(t *testing.T) {
	got := make(chan string, 1)
	r := play(t, www(), "answer 192.0.2.10:53", func(ctx context.Context, p *pocket.Pocket) error {
		go func() {
			text, err := askUntil(ctx, p, "192.0.2.10:53")
			got <- fmt.Sprint(text, err)
		}()
		return nil
	})
	if text := <-got; text != "pong<nil>" {
		t.Errorf("the program answers %q", text)
	}
	wantPrinted(t, r, "ping\n")
}

// askUntil sends a datagram until there is an answer.
func askUntil(ctx context.Context, p *pocket.Pocket, addr string) (string, error) {
	conn, err := p.Dial(ctx, "udp", addr)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	b := make([]byte, 10)
	for end := time.Now().Add(deadline); time.Now().Before(end); {
		// The program may not listen yet, and then that is the answer.
		if _, err := conn.Write([]byte("ping")); err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
			return "", err
		}
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
			return "", err
		}
		n, err := conn.Read(b)
		if err == nil {
			return string(b[:n]), nil
		}
		if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, os.ErrDeadlineExceeded) {
			return "", err
		}
	}
	return "", os.ErrDeadlineExceeded
}

// The runner dials what the program listens on.
func TestDialHere(t *testing.T) {
	for _, c := range []struct{ at, addr, from string }{
		{":8080", "192.0.2.10:8080", "192.0.2.1:40001\n"},
		{"[2001:db8::10]:22", "[2001:db8::10]:22", "[2001:db8::1]:40001\n"},
	} {
		got := make(chan string, 1)
		r := play(t, www(), "listen "+c.at, func(ctx context.Context, p *pocket.Pocket) error {
			go func() { got <- dialUntil(ctx, p, c.addr) }()
			return nil
		})
		if text := <-got; text != "hi from here\n" {
			t.Errorf("%s answers %q", c.addr, text)
		}
		// Before the program listens, dials are refused.
		if !strings.HasPrefix(string(r.Stdout), c.from[:strings.LastIndex(c.from, ":")]) {
			t.Errorf("the dial came from %s, want %s", r.Stdout, c.from)
		}
	}
}

// dialUntil dials until somebody listens, and returns what they say.
func dialUntil(ctx context.Context, p *pocket.Pocket, addr string) string {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := p.Dial(ctx, "tcp", addr)
		if errors.Is(err, syscall.ECONNREFUSED) {
			<-tick.C
			continue
		}
		if err != nil {
			return err.Error()
		}
		b, err := io.ReadAll(conn)
		if err := errors.Join(err, conn.Close()); err != nil {
			return err.Error()
		}
		return string(b)
	}
}

// A program inherits none of the agent's descriptors.
func TestDescriptors(t *testing.T) {
	r := play(t, www(), "descriptors", serving(t, "", "192.0.2.80:80"))
	wantPrinted(t, r, "0 /dev/null\n1 pipe\n2 pipe\n")
}

// The program sees a folder of ours under another name, and a UNIX socket in it.
func TestBind(t *testing.T) {
	dir, err := os.MkdirTemp("", "pocket-") //nolint:usetesting // whose folder has a name too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", dir+"/s")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	go serve(ln, "over the fence\n")
	c := www()
	c.Binds = []pocket.Bind{{From: dir, To: "/tmp/lab"}}
	wantPrinted(t, play(t, c, "unix /tmp/lab/s", nil), "over the fence\n")
	c.Binds = []pocket.Bind{{From: dir + "/s", To: "/tmp/one/socket"}}
	wantPrinted(t, play(t, c, "unix /tmp/one/socket", nil), "over the fence\n")
}

// Hosts say nothing by themselves.
func TestSilence(t *testing.T) {
	wantKinds(t, play(t, www(), "sleep 1.5s", nil))
}
