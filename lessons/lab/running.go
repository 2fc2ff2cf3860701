package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// closeTimeout is how long the last goroutines may take to end.
const closeTimeout = 5 * time.Second

// A Running is a service that runs in this process, on addresses of its own.
type Running struct {
	Service *Service
	Addr    string // its IPv4 address, HOST:PORT
	Addr6   string // its IPv6 address, or "" on a machine without
	Path    string // its UNIX socket, or ""

	held    []io.Closer // listeners and held ports
	tracked []*listener
	packets []*packetConn
	serving sync.WaitGroup
	dir     string // of Path

	mu       sync.Mutex
	failures []error
}

// Start runs the service in this process, on free ports of the loopback
// addresses. It fails with an error that is errors.ErrUnsupported if the
// service can't exist on this system. The caller must Close what it returns.
func (s *Service) Start() (*Running, error) {
	r := &Running{Service: s}
	return r.start(r.open())
}

// start serves on what has been opened, unless that has failed.
func (r *Running) start(err error) (*Running, error) {
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	for _, ln := range r.tracked {
		r.serving.Go(func() {
			if err := r.Service.Serve(ln); err != nil && !ln.Closed() {
				r.fail(fmt.Errorf("serve %s: %w", ln.Addr(), err))
			}
		})
	}
	for _, conn := range r.packets {
		r.serving.Go(func() {
			if err := r.Service.ServePacket(conn); err != nil && !conn.closed.Load() {
				r.fail(fmt.Errorf("serve %s: %w", conn.LocalAddr(), err))
			}
		})
	}
	return r, nil
}

// open takes the service's addresses.
func (r *Running) open() (err error) {
	if r.Addr, err = r.take("tcp4", "127.0.0.1"); err != nil {
		return err
	}
	// No IPv6 is no mistake: containers often have none.
	if ln, err := listen("tcp6", "[::1]:0"); err == nil {
		_ = ln.Close()
		if r.Addr6, err = r.take("tcp6", "::1"); err != nil {
			return err
		}
	}
	if !r.Service.Unix {
		return nil
	}
	if r.dir, err = os.MkdirTemp("", "sockets-lab-"); err != nil {
		return err
	}
	path := filepath.Join(r.dir, r.Service.Name+".sock")
	ln, err := listen("unix", path)
	if err != nil {
		return fmt.Errorf("%w (a UNIX socket's path must be shorter than about 100 bytes: set TMPDIR to a shorter one?)", err)
	}
	r.track(ln, listen)
	r.Path = path
	return nil
}

// take takes a free port of host, an IP address.
func (r *Running) take(network, host string) (string, error) {
	if r.Service.Hold != nil {
		addr, c, err := r.Service.Hold(host)
		if err != nil {
			return "", err
		}
		r.held = append(r.held, c)
		return addr, nil
	}
	if r.Service.ServePacket == nil {
		ln, err := listen(network, net.JoinHostPort(host, "0"))
		if err != nil {
			return "", err
		}
		r.track(ln, listen)
		return ln.Addr().String(), nil
	}
	return r.takeBoth(network, host)
}

func (r *Running) track(ln net.Listener, beside func(network, addr string) (net.Listener, error)) {
	t := track(ln, beside)
	r.tracked = append(r.tracked, t)
	r.held = append(r.held, t)
}

func (r *Running) trackPacket(conn net.PacketConn) {
	p := &packetConn{PacketConn: conn}
	r.packets = append(r.packets, p)
	r.held = append(r.held, p)
}

func listen(network, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(context.Background(), network, addr)
}

func (r *Running) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, err)
}

// Err returns what has gone wrong so far, or nil. A service whose server has
// failed answers no more.
func (r *Running) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.failures...)
}

// Env returns the variables, KEY=VALUE, that make a lesson use this service
// and start none of its own.
func (r *Running) Env() []string {
	return r.Service.format(address{r.Addr, r.Addr6, r.Path})
}

// Close ends the service: listeners, connections, goroutines and files. It
// waits until they are gone, and returns what went wrong while it ran. Closing
// again changes nothing.
func (r *Running) Close() error {
	for _, c := range r.held {
		if err := c.Close(); err != nil {
			r.fail(err)
		}
	}
	r.held = nil
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.serving.Wait()
		for _, ln := range r.tracked {
			ln.Wait()
		}
	}()
	select {
	case <-ended:
	case <-time.After(closeTimeout):
		r.fail(fmt.Errorf("%s: connections did not end within %v", r.Service.Name, closeTimeout))
	}
	if r.dir != "" {
		if err := os.RemoveAll(r.dir); err != nil {
			r.fail(err)
		}
	}
	return r.Err()
}
