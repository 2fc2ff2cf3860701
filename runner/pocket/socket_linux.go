package pocket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Listen listens for the program's connections on an address of there, such as
// "192.0.2.80:80" with "tcp" or "tcp4". For port 0 it takes the next free one.
func (p *Pocket) Listen(ctx context.Context, network, addr string) (net.Listener, error) {
	f, err := p.bound(ctx, network, addr, unix.SOCK_STREAM)
	if err != nil {
		return nil, fmt.Errorf("listen %s %s in the pocket: %w", network, addr, err)
	}
	// As many as package net asks for on this kernel, or few less.
	if err := with(f, "listen", func(fd int) error { return unix.Listen(fd, unix.SOMAXCONN) }); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	ln, err := net.FileListener(f) // which duplicates the descriptor
	return ln, errors.Join(err, f.Close())
}

// ListenPacket takes an address of there for datagrams, with "udp", "udp4" or
// "udp6".
func (p *Pocket) ListenPacket(ctx context.Context, network, addr string) (net.PacketConn, error) {
	f, err := p.bound(ctx, network, addr, unix.SOCK_DGRAM)
	if err != nil {
		return nil, fmt.Errorf("listen %s %s in the pocket: %w", network, addr, err)
	}
	conn, err := net.FilePacketConn(f)
	return conn, errors.Join(err, f.Close())
}

// Dial connects from there to an address of here, where the program listens.
func (p *Pocket) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := p.dial(ctx, network, addr)
	if err != nil {
		return nil, fmt.Errorf("dial %s %s in the pocket: %w", network, addr, err)
	}
	return conn, nil
}

func (p *Pocket) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	typ := unix.SOCK_STREAM
	if len(network) > 2 && network[:3] == "udp" {
		typ = unix.SOCK_DGRAM
	}
	to, err := resolve(network, addr, typ)
	if err != nil {
		return nil, err
	}
	f, err := p.socket(ctx, to.Addr(), typ)
	if err != nil {
		return nil, err
	}
	from := netip.AddrPortFrom(There4, p.port())
	if to.Addr().Is6() {
		from = netip.AddrPortFrom(There6, p.port())
	}
	if typ == unix.SOCK_STREAM {
		err = with(f, "bind", func(fd int) error { return unix.Bind(fd, sockaddr(from)) })
	}
	if err == nil {
		err = connect(ctx, f, to)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	conn, err := net.FileConn(f)
	return conn, errors.Join(err, f.Close())
}

// connect connects a socket by a deadline, or until the context is done.
func connect(ctx context.Context, f *os.File, to netip.AddrPort) error {
	err := with(f, "connect", func(fd int) error { return unix.Connect(fd, sockaddr(to)) })
	if !errors.Is(err, unix.EINPROGRESS) {
		return err
	}
	// A deadline of the past ends the wait.
	stop := context.AfterFunc(ctx, func() { _ = f.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		var errno int
		if errno, failed = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR); failed != nil {
			return true
		}
		if errno != 0 {
			failed = os.NewSyscallError("connect", syscall.Errno(errno))
			return true
		}
		_, err := unix.Getpeername(int(fd))
		return err == nil // otherwise it goes on
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return errors.Join(err, failed)
}

// bound is a socket of there with an address.
func (p *Pocket) bound(ctx context.Context, network, addr string, typ int) (*os.File, error) {
	at, err := resolve(network, addr, typ)
	if err != nil {
		return nil, err
	}
	if at.Port() == 0 {
		at = netip.AddrPortFrom(at.Addr(), p.port())
	}
	f, err := p.socket(ctx, at.Addr(), typ)
	if err != nil {
		return nil, err
	}
	if typ == unix.SOCK_STREAM {
		err = with(f, "setsockopt", func(fd int) error {
			return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		})
	}
	if err == nil {
		err = with(f, "bind", func(fd int) error { return unix.Bind(fd, sockaddr(at)) })
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Ports of there that nobody asked for, below those that the program's host
// chooses. They are used in turn, and so are the same in each run.
const firstPort, ports = 40001, 9999

// port is the next of these.
func (p *Pocket) port() uint16 { return firstPort + uint16((p.used.Add(1)-1)%ports) }

// with makes a system call on a file's descriptor. Unlike Fd, it leaves the
// descriptor as it is: not blocking.
func with(f *os.File, call string, do func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	if failed := raw.Control(func(fd uintptr) { err = do(int(fd)) }); failed != nil {
		return failed
	}
	return os.NewSyscallError(call, err)
}

// socket asks the agent for a socket that lives there.
func (p *Pocket) socket(ctx context.Context, at netip.Addr, typ int) (*os.File, error) {
	if err := p.Ready(ctx); err != nil {
		return nil, err
	}
	domain := unix.AF_INET
	if at.Is6() {
		domain = unix.AF_INET6
	}
	p.asking.Lock()
	defer p.asking.Unlock()
	// An answer never is far: it is one call of the agent's.
	if err := p.control.send(message{Op: "socket", Socket: &socket{domain, typ, 0}}); err != nil {
		return nil, fmt.Errorf("ask the agent for a socket: %w", err)
	}
	select {
	case m := <-p.answer:
		if m.Error != nil {
			return nil, m.Error.err()
		}
		return m.file, nil
	case <-p.gone:
		return nil, errors.New("the agent is gone")
	}
}

// resolve reads an address of the network; a name is none.
func resolve(network, addr string, typ int) (netip.AddrPort, error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return at, fmt.Errorf("%w: want an IP address and a port", err)
	}
	proto := map[int]string{unix.SOCK_STREAM: "tcp", unix.SOCK_DGRAM: "udp"}[typ]
	family := proto + "6"
	if at.Addr().Is4() {
		family = proto + "4"
	}
	if network != proto && network != family {
		return at, fmt.Errorf("%w: want %s or %s", net.UnknownNetworkError(network), proto, family)
	}
	return at, nil
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}
	}
	return &unix.SockaddrInet6{Addr: a.Addr().As16(), Port: int(a.Port())}
}
