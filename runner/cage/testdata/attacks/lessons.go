package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// lessons does what programs of the lessons do.
func lessons([]string) {
	for _, network := range []string{"tcp4", "tcp6"} {
		try("echo over "+network, echo(network, "localhost:0"))
	}
	try("echo over unix", echo("unix", "/tmp/echo.sock"))
	try("echo over unixpacket", echo("unixpacket", "/tmp/echo.packet"))
	try("echo over an abstract socket", echo("unix", "@echo"))
	try("port 80", echo("tcp", "192.0.2.10:80"))
	try("udp", udp())
	try("http", web())
	try("SCM_RIGHTS and SO_PEERCRED", rights())
	_, err := net.Interfaces()
	try("netlink", err)
	try("epoll", epoll())
	try("sendfile", sendfile())
	try("splice", splice())
	try("signal to itself", signalItself())
	try("timer", timer())
	try("restart", restart())
	try("options", options())
	port, err := net.LookupPort("tcp", "http")
	if err == nil && port != 80 {
		err = fmt.Errorf("port %d", port)
	}
	try("services", err)
	addrs, err := net.LookupHost("localhost")
	if err == nil && len(addrs) == 0 {
		err = errors.New("none")
	}
	try("hosts", err)
	for _, name := range []string{"/proc/self/status", "/proc/net/tcp", "/proc/self/net/tcp6", "/proc/sys/net/core/somaxconn", "/dev/urandom", "/dev/null"} {
		f, err := os.Open(name)
		if err == nil {
			_, err = f.Read(make([]byte, 16))
			if errors.Is(err, io.EOF) {
				err = nil
			}
			_ = f.Close()
		}
		try("read "+name, err)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, unix.IPPROTO_ICMP)
	if err == nil {
		err = unix.Close(fd)
	}
	try("ping socket", err)
	var fds [3]int
	fds[0], err = unix.Eventfd(0, 0)
	try("eventfd", err)
	fds[1], err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, 0)
	try("timerfd", err)
	fds[2], err = unix.InotifyInit1(0)
	try("inotify", err)
	try("many threads", manyThreads())
}

// echo sends a few bytes there and back.
func echo(network, addr string) error {
	ln, err := net.Listen(network, addr)
	if err != nil {
		return err
	}
	defer ln.Close()
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		b := make([]byte, 5)
		n, _ := io.ReadFull(conn, b)
		_, _ = conn.Write(b[:n])
	}()
	conn, err := net.DialTimeout(network, ln.Addr().String(), 5*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "hello"); err != nil {
		return err
	}
	b := make([]byte, 5)
	if n, err := conn.Read(b); err != nil || string(b[:n]) != "hello" {
		return fmt.Errorf("read %q, %w", b[:n], err)
	}
	return nil
}

func udp() error {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer pc.Close()
	if _, err := pc.WriteTo([]byte("hello"), pc.LocalAddr()); err != nil {
		return err
	}
	_, _, err = pc.ReadFrom(make([]byte, 10))
	return err
}

func web() error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { _ = http.Serve(ln, http.NotFoundHandler()) }()
	resp, err := http.Get("http://" + ln.Addr().String())
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// rights passes a descriptor from one socket to the other.
func rights() error {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET, 0)
	if err != nil {
		return err
	}
	if _, err := unix.GetsockoptUcred(fds[0], unix.SOL_SOCKET, unix.SO_PEERCRED); err != nil {
		return err
	}
	if err := unix.Sendmsg(fds[0], []byte("x"), unix.UnixRights(0), nil, 0); err != nil {
		return err
	}
	oob := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(fds[1], make([]byte, 1), oob, 0)
	if err != nil {
		return err
	}
	_, err = unix.ParseSocketControlMessage(oob[:n])
	return err
}

func epoll() error {
	ep, err := unix.EpollCreate1(0)
	if err != nil {
		return err
	}
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_NONBLOCK); err != nil {
		return err
	}
	if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, p[0], &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(p[0])}); err != nil {
		return err
	}
	if _, err := unix.Write(p[1], []byte("x")); err != nil {
		return err
	}
	n, err := unix.EpollWait(ep, make([]unix.EpollEvent, 1), 1000)
	if err == nil && n != 1 {
		err = fmt.Errorf("%d events", n)
	}
	return err
}

// pair is two ends of a TCP connection.
func pair() (a, b net.Conn, err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer ln.Close()
	if a, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		return nil, nil, err
	}
	b, err = ln.Accept()
	return a, b, err
}

func sendfile() error {
	if err := os.WriteFile("/tmp/file", []byte("hello"), 0o600); err != nil {
		return err
	}
	f, err := os.Open("/tmp/file")
	if err != nil {
		return err
	}
	a, b, err := pair()
	if err != nil {
		return err
	}
	if _, err := io.Copy(a, f); err != nil {
		return err
	}
	_, err = io.ReadFull(b, make([]byte, 5))
	return err
}

func splice() error {
	a, b, err := pair()
	if err != nil {
		return err
	}
	c, d, err := pair()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(a, "hello"); err != nil {
		return err
	}
	_ = a.(*net.TCPConn).CloseWrite()
	if _, err := io.Copy(c, b); err != nil {
		return err
	}
	_, err = io.ReadFull(d, make([]byte, 5))
	return err
}

func signalItself() error {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		return err
	}
	<-c
	if err := unix.Tgkill(os.Getpid(), os.Getpid(), unix.SIGUSR1); err != nil {
		return err
	}
	<-c
	p, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := p.Signal(syscall.SIGUSR1); err != nil {
		return err
	}
	<-c
	return nil
}

func timer() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	return nil
}

// restart starts this program again, which goes on with the listener.
func restart() error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	f, err := ln.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "lessons' child")
	cmd.ExtraFiles = []*os.File{f}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		return err
	}
	text, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(text, "hello") {
		err = fmt.Errorf("it said %q", text)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	_ = cmd.Wait()
	return err
}

func child([]string) {
	ln, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	conn, err := ln.Accept()
	if err == nil {
		_, _ = io.WriteString(conn, "hello\n")
	}
	time.Sleep(time.Minute)
}

func options() error {
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		failed := c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
		return errors.Join(failed, err)
	}}
	ln, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer ln.Close()
	a, _, err := pair()
	if err != nil {
		return err
	}
	raw, err := a.(*net.TCPConn).SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) {
		if _, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err != nil {
			return
		}
		if _, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ); err != nil {
			return
		}
		err = unix.SetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	})
	return errors.Join(failed, err)
}

// manyThreads blocks goroutines in calls, each of which keeps a thread.
func manyThreads() error {
	const n = 60
	done := make(chan error)
	var p [2]int
	if err := unix.Pipe(p[:]); err != nil {
		return err
	}
	for range n {
		go func() {
			_, err := unix.Read(p[0], make([]byte, 1))
			done <- err
		}()
	}
	for range n {
		if _, err := unix.Write(p[1], []byte("x")); err != nil {
			return err
		}
		if err := <-done; err != nil {
			return err
		}
	}
	return nil
}
