package pocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"

	"sockets/runner/fault"
	"sockets/runner/pocket"
)

func init() {
	programs["datagram"] = datagram
	programs["ping"] = ping
	programs["pull"] = pull
	programs["push"] = push
	programs["dial"] = dial
	programs["listen"] = listen
	programs["descriptors"] = descriptors
	programs["unix"] = unixEcho
	programs["lookup"] = lookup
	programs["sleep"] = func(arg string) error {
		d, err := time.ParseDuration(arg)
		time.Sleep(d)
		return err
	}
}

// datagram sends one and prints the answer.
func datagram(addr string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "udp", addr)
	if err != nil {
		return err
	}
	if _, err := conn.Write([]byte("ping")); err != nil {
		return err
	}
	b := make([]byte, 100)
	n, err := conn.Read(b)
	fmt.Printf("%s", b[:n])
	if errors.Is(err, syscall.ECONNREFUSED) {
		fmt.Print("refused")
		err = nil
	}
	return errors.Join(err, conn.Close())
}

// ping sends an echo request over a socket that needs no privilege, icmp(7).
func ping(host string) error {
	network, local, typ := "udp4", "0.0.0.0", icmp.Type(ipv4.ICMPTypeEcho)
	if strings.Contains(host, ":") {
		network, local, typ = "udp6", "::", ipv6.ICMPTypeEchoRequest
	}
	conn, err := icmp.ListenPacket(network, local)
	if err != nil {
		return err
	}
	b, err := (&icmp.Message{Type: typ, Body: &icmp.Echo{Seq: 1, Data: []byte("hello")}}).Marshal(nil)
	if err != nil {
		return err
	}
	if _, err := conn.WriteTo(b, &net.UDPAddr{IP: net.ParseIP(host)}); err != nil {
		return err
	}
	b = make([]byte, 1500)
	n, from, err := conn.ReadFrom(b)
	if err != nil {
		return err
	}
	m, err := icmp.ParseMessage(map[string]int{"udp4": 1, "udp6": 58}[network], b[:n])
	if err != nil {
		return err
	}
	fmt.Println(m.Type, "from", from.(*net.UDPAddr).IP)
	return conn.Close()
}

// pull reads a number of bytes, and push sends them.
func pull(addr string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, conn)
	fmt.Println(n)
	return errors.Join(err, conn.Close())
}

func push(arg string) error {
	addr, size, _ := strings.Cut(arg, " ")
	n, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	_, err = conn.Write(make([]byte, n))
	return errors.Join(err, conn.Close())
}

// dial prints how it ends, with a time limit.
func dial(arg string) error {
	addr, limit, _ := strings.Cut(arg, " ")
	d := net.Dialer{}
	var err error
	if limit != "" {
		if d.Timeout, err = time.ParseDuration(limit); err != nil {
			return err
		}
	}
	conn, err := d.DialContext(context.Background(), "tcp", addr)
	var errno syscall.Errno
	var timeout net.Error
	switch {
	case err == nil:
		fmt.Println("connected")
		return conn.Close()
	case errors.As(err, &errno):
		fmt.Println(unix.ErrnoName(errno))
	case errors.As(err, &timeout) && timeout.Timeout():
		fmt.Println("timeout")
	default:
		return err
	}
	return nil
}

// listen answers one connection and prints where it is from.
func listen(addr string) error {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	conn, err := ln.Accept()
	if err != nil {
		return err
	}
	fmt.Println(conn.RemoteAddr())
	_, err = io.WriteString(conn, "hi from here\n")
	return errors.Join(err, conn.Close(), ln.Close())
}

// descriptors prints what this program has inherited.
func descriptors(string) error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, e := range entries {
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil {
			continue // that of the folder itself
		}
		to, _, _ = strings.Cut(to, ":")
		if to == "anon_inode" || strings.HasPrefix(to, "/sys/fs/cgroup") {
			continue // of Go's runtime
		}
		fmt.Println(e.Name(), to)
	}
	return nil
}

// unixEcho sends a line to a UNIX socket and prints the answer.
func unixEcho(path string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "unix", path)
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

func lookup(name string) error {
	r := net.Resolver{PreferGo: true}
	got, err := r.LookupHost(context.Background(), name)
	fmt.Println(got)
	return err
}

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
