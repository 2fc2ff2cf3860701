package pocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"sockets/lessons/lab"
	"sockets/lessons/lab/dns"
	"sockets/lessons/lab/echo"
	"sockets/lessons/lab/ftp"
	"sockets/runner/pocket"
)

// pushing is a pocket's up that sends a text to whoever connects.
func pushing(tb testing.TB, text, addr string) func(context.Context, *pocket.Pocket) error {
	tb.Helper()
	return func(ctx context.Context, p *pocket.Pocket) error {
		ln, err := p.Listen(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		tb.Cleanup(func() { _ = ln.Close() })
		go func() {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}()
		return nil
	}
}

const bulk = 10 << 20

// 10 MiB pass either way, in frames of a real wire whose sums are right.
func TestBulk(t *testing.T) {
	addr := "192.0.2.80:80"
	start := time.Now()
	r := play(t, www(), "pull "+addr, pushing(t, string(make([]byte, bulk)), addr))
	t.Logf("%s: in %v, %d frames", r.Kind, time.Since(start), len(r.Frames))
	wantPrinted(t, r, fmt.Sprintln(bulk))
	wantFrames(t, r)

	got := make(chan int64, 1)
	start = time.Now()
	r = play(t, www(), fmt.Sprintf("push %s %d", addr, bulk), func(ctx context.Context, p *pocket.Pocket) error {
		ln, err := p.Listen(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		t.Cleanup(func() { _ = ln.Close() })
		go func() {
			conn, err := ln.Accept()
			if err != nil {
				got <- -1
				return
			}
			n, _ := io.Copy(io.Discard, conn)
			_ = conn.Close()
			got <- n
		}()
		return nil
	})
	t.Logf("%s: out %v, %d frames", r.Kind, time.Since(start), len(r.Frames))
	if n := <-got; n != bulk {
		t.Errorf("%d bytes came, want %d", n, bulk)
	}
	wantFrames(t, r)
}

// wantFrames wants each frame to fit Ethernet, and its sums to be right.
func wantFrames(t *testing.T, r run) {
	t.Helper()
	if len(r.Frames) == 0 {
		t.Fatal("there are no frames")
	}
	for i, f := range r.Frames {
		if len(f.Data) > 1514 {
			t.Fatalf("frame %d has %d bytes, want at most 1514", i, len(f.Data))
		}
		if i > 0 && f.At < r.Frames[i-1].At {
			t.Fatalf("frame %d is of %v, and the one before of %v", i, f.At, r.Frames[i-1].At)
		}
		p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.Default)
		if l, ok := p.TransportLayer().(*layers.TCP); ok {
			if err := l.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
				t.Fatal(err)
			}
		}
		if err, wrong := p.VerifyChecksums(); err != nil || len(wrong) > 0 {
			t.Fatalf("frame %d %s: %v %v\n%s", i, f.Dir, err, wrong, p)
		}
	}
}

// Pockets know nothing of each other: all have the same ports at the same time.
func TestSideBySide(t *testing.T) {
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			text := fmt.Sprintln("pocket", i)
			r, err := try(t.Context(), t, www(), "get 192.0.2.80:80", serving(t, text, "192.0.2.80:80"))
			if err != nil || string(r.Stdout) != text {
				t.Errorf("pocket %d: %v, %q", i, err, r.Stdout)
			}
		})
	}
	all.Wait()
}

// Two hundred connections at once lose nothing: no segment is sent twice.
func TestCrowd(t *testing.T) {
	for _, wire := range []string{"", pocket.WireVeth} {
		c, up := withLab(t, echo.Service)
		c.Wire = wire
		start := time.Now()
		r := play(t, c, "crowd 192.0.2.7:7", up)
		wantPrinted(t, r, "200\n")
		count := make(map[string]int)
		for _, k := range kinds(r) {
			count[k]++
		}
		t.Logf("%s: %v, %v", r.Kind, time.Since(start), count)
		for _, k := range []string{"out SYN", "in SYN,ACK", "out data", "in data", "out FIN", "in FIN"} {
			if count[k] != 200 {
				t.Errorf("%s: %d frames are %s, want 200", r.Kind, count[k], k)
			}
		}
	}
}

// crowd is many clients of an echo server at once; it prints how many had an
// answer.
func crowd(addr string) error {
	var all sync.WaitGroup
	var answered atomic.Int32
	for range 200 {
		all.Go(func() {
			if err := echoed(addr); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return
			}
			answered.Add(1)
		})
	}
	all.Wait()
	fmt.Println(answered.Load())
	return nil
}

// place is a pocket as a place of the lab.
func place(ctx context.Context, p *pocket.Pocket) lab.Place {
	return lab.Place{
		Listen:       func(network, addr string) (net.Listener, error) { return p.Listen(ctx, network, addr) },
		ListenPacket: func(network, addr string) (net.PacketConn, error) { return p.ListenPacket(ctx, network, addr) },
	}
}

// withLab is a pocket of the lab's own network, and what brings services up.
func withLab(t *testing.T, services ...*lab.Service) (pocket.Config, func(context.Context, *pocket.Pocket) error) {
	t.Helper()
	var c pocket.Config
	for name, as := range dns.Lab() {
		if name != pocket.HereName {
			c.Hosts = append(c.Hosts, pocket.Host{Name: name, Addrs: as, Mute: name == "mute."+lab.Domain})
		}
	}
	return c, func(ctx context.Context, p *pocket.Pocket) error {
		var errs []error
		for _, s := range services {
			r, err := s.StartAt(place(ctx, p))
			errs = append(errs, err)
			if err == nil {
				t.Cleanup(func() {
					if err := r.Close(); err != nil {
						t.Error(err)
					}
				})
			}
		}
		return errors.Join(errs...)
	}
}

// Go's own resolver finds the lab's hosts by the surroundings that it is given.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"www.lab.test":  "[2001:db8::80 192.0.2.80]\n",
		"here.lab.test": "[192.0.2.10 2001:db8::10]\n", // from /etc/hosts
		"localhost":     "[127.0.0.1 ::1]\n",
	} {
		c, up := withLab(t, dns.For(dns.Lab()))
		r := play(t, c, "lookup "+name, up)
		got := string(r.Stdout)
		if name == "www.lab.test" {
			wantKinds(t, r, "out dns", "in dns", "out dns", "in dns")
			if got == "[192.0.2.80 2001:db8::80]\n" {
				got = want // RFC 6724 does not prefer one of them here
			}
		}
		if got != want {
			t.Errorf("%s is at %s, want %s", name, got, want)
		}
	}
}

// A service of the lab, by name and real port; and FTP's data connections.
func TestLab(t *testing.T) {
	c, up := withLab(t, dns.For(dns.Lab()), echo.Service, ftp.Service)
	wantPrinted(t, play(t, c, "echo echo.lab.test:7", up), "hello\n")
	c, up = withLab(t, ftp.Service)
	r := play(t, c, "ftp 192.0.2.21:21", up)
	wantPrinted(t, r, "229 Entering Extended Passive Mode (|||40001|)\n227 Entering Passive Mode (192,0,2,21,156,66)\nconnected\n")
}

func init() {
	programs["echo"] = echoes
	programs["crowd"] = crowd
	programs["ftp"] = passive
}

// echoes says something and prints what comes back.
func echoes(addr string) error {
	err := echoed(addr)
	if err == nil {
		fmt.Println("hello")
	}
	return err
}

// echoed says something and wants it back.
func echoed(addr string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	_, err = io.WriteString(conn, "hello\n")
	if err := errors.Join(err, conn.(*net.TCPConn).CloseWrite()); err != nil {
		return err
	}
	b, err := io.ReadAll(conn)
	if string(b) != "hello\n" {
		err = errors.Join(err, fmt.Errorf("%q came back", b))
	}
	return errors.Join(err, conn.Close())
}

// passive asks an FTP server for data connections and makes the second.
func passive(addr string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	c := textproto.NewConn(conn)
	for _, cmd := range []string{"", "USER anonymous", "PASS x", "EPSV", "PASV"} {
		if cmd != "" {
			if err := c.PrintfLine("%s", cmd); err != nil {
				return err
			}
		}
		line, err := c.ReadLine()
		if err != nil {
			return err
		}
		if cmd == "EPSV" || cmd == "PASV" {
			fmt.Println(line)
		}
	}
	data, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", "192.0.2.21:40002")
	if err != nil {
		return err
	}
	fmt.Println("connected")
	return errors.Join(data.Close(), c.Close())
}
