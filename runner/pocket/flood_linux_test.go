package pocket_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"
)

func init() { programs["flood"] = flood }

// flood sends datagrams to a port that nobody has, as fast as it can, for two
// seconds, and then reads a text over TCP.
func flood(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	var all sync.WaitGroup
	for range 4 {
		conn, err := (&net.Dialer{}).DialContext(ctx, "udp", net.JoinHostPort(host, "9999"))
		if err != nil {
			return err
		}
		all.Go(func() {
			for b := make([]byte, 1400); ctx.Err() == nil; {
				_, _ = conn.Write(b)
			}
			_ = conn.Close()
		})
	}
	all.Wait()
	ctx, stop = context.WithTimeout(context.Background(), deadline/2)
	defer stop()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	end, _ := ctx.Deadline()
	_ = conn.SetDeadline(end)
	b := make([]byte, 100)
	n, err := conn.Read(b)
	fmt.Printf("%s", b[:n])
	return errors.Join(err, conn.Close())
}

// A program that floods the wire for nobody to see has no frame noted, and the wire
// still carries what comes after.
func TestFloodUnnoted(t *testing.T) {
	c, addr := www(), "192.0.2.80:80"
	c.Unnoted = true
	r := play(t, c, "flood "+addr, pushing(t, "hello\n", addr))
	wantPrinted(t, r, "hello\n")
	if len(r.Frames) > 0 {
		t.Errorf("%d frames were noted, want none", len(r.Frames))
	}
}
