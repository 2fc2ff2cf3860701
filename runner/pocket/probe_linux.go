package pocket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"sockets/runner/process"
)

// probeTimeout is how long a pocket may take that is only tried.
const probeTimeout = 10 * time.Second

// Probe makes a pocket, sends a few bytes through it, and takes it down. The
// command must start a binary whose agent, upon Here, calls [Probed]. Probe
// returns the kind of the wire. What the machine does not allow is an error of
// type *Refused, which says what would help.
func Probe(ctx context.Context, c process.Command) (kind string, err error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	p, err := New(Config{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	end, err := p.Run(ctx, c, func(ctx context.Context) error {
		ln, err := p.Listen(ctx, "tcp", probeAddr)
		if err != nil {
			return err
		}
		go func() {
			defer func() { _ = ln.Close() }()
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, probeText)
			_ = conn.Close()
		}()
		return nil
	})
	if err != nil {
		return "", err
	}
	if end.Code != 0 {
		return "", fmt.Errorf("the agent ended with %d %s: %s", end.Code, end.Signal, end.Stderr)
	}
	b, err := p.Report(ctx)
	return string(b), err
}

const (
	probeAddr = "192.0.2.1:80"
	probeText = "hello"
)

// Probed is the agent's part of [Probe]: it makes the network, reads the bytes,
// and takes the network down.
func Probed(ctx context.Context) error {
	in, err := Enter()
	if err != nil {
		return err
	}
	in.Await()
	return errors.Join(in.probe(ctx), in.Close())
}

func (in *Inside) probe(ctx context.Context) error {
	d := net.Dialer{Timeout: probeTimeout}
	conn, err := d.DialContext(ctx, "tcp", probeAddr)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(conn)
	if err := errors.Join(err, conn.Close()); err != nil {
		return err
	}
	if string(b) != probeText {
		return fmt.Errorf("over the wire came %q, want %q", b, probeText)
	}
	return in.Report([]byte(in.Kind))
}
