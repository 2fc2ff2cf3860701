package lab

import (
	"errors"
	"net"
	"sync"
	"time"
)

// What one listener's clients may use, so that none of them can hold the lab.
const (
	maxConns = 512              // more wait in the kernel's queue
	lifetime = 10 * time.Minute // of a connection, whatever it does
)

// A listener knows its connections, to end them when it is closed. Servers
// that come from elsewhere need not be able to do that themselves.
type listener struct {
	net.Listener
	beside func(network, addr string) (net.Listener, error)
	slots  chan struct{}
	closed chan struct{}

	mu    sync.Mutex // guards conns and the closing of closed
	conns map[*conn]bool
	open  sync.WaitGroup // one for each of conns
}

func track(ln net.Listener, beside func(network, addr string) (net.Listener, error)) *listener {
	return &listener{
		Listener: ln,
		beside:   beside,
		slots:    make(chan struct{}, maxConns),
		closed:   make(chan struct{}),
		conns:    map[*conn]bool{},
	}
}

// Beside makes one more listener on the address of ln, which a service was
// given, on any port: for the data connections of FTP.
func Beside(ln net.Listener) (net.Listener, error) {
	host, _, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return nil, err
	}
	more := listen
	if l, ok := ln.(*listener); ok {
		more = l.beside
	}
	return more("tcp", net.JoinHostPort(host, "0"))
}

// Accept waits for a slot and then for a connection.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	nc, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	c := &conn{Conn: nc, from: l}
	c.timer = time.AfterFunc(lifetime, c.cut)

	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Closed() {
		<-l.slots
		c.cut()
		return nil, net.ErrClosed
	}
	l.conns[c] = true
	l.open.Add(1)
	return c, nil
}

// Closed reports whether Close was called.
func (l *listener) Closed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// Close closes the listener and cuts its connections. Only the first call
// does something: the server may close the listener too.
func (l *listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Closed() {
		return nil
	}
	close(l.closed)
	err := l.Listener.Close()
	for c := range l.conns {
		c.cut()
	}
	return err
}

// Wait waits until every connection was closed by the server it was given to,
// which does so when it is done with it.
func (l *listener) Wait() { l.open.Wait() }

// A conn is a connection that its listener knows.
type conn struct {
	net.Conn
	from  *listener
	timer *time.Timer
	once  sync.Once
}

// cut closes the socket under its owner, who sees errors from then on.
func (c *conn) cut() {
	c.timer.Stop()
	_ = c.Conn.Close()
}

// Close closes the connection, for its owner.
func (c *conn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		c.timer.Stop()
		err = c.Conn.Close()
		c.from.mu.Lock()
		delete(c.from.conns, c)
		c.from.mu.Unlock()
		<-c.from.slots
		c.from.open.Done()
	})
	return err
}

// CloseWrite shuts the sending side down. The peer reads what was sent, then
// the end.
func (c *conn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return half.CloseWrite()
}
