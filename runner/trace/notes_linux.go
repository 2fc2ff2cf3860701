//go:build amd64 || arm64

package trace

import (
	"golang.org/x/sys/unix"
)

// describe adds what is known of a call that has returned: its descriptor, the
// bytes that it moved, and why it was made.
func (t *tracer) describe(e *Event, c *call, result int64) {
	f := c.file
	if f == nil && c.fd >= 0 && result >= 0 && c.name != "close" {
		f = t.files.at(c.fd)
	}
	if made(c.name) && result >= 0 {
		f = t.files.at(int(result))
		if c.name != "accept" && c.name != "accept4" {
			e.FD = int(result)
		}
	}
	e.Call.FD = f.String()
	e.Socket = f.socket()
	if result > 0 {
		e.Sent, e.Received = moved(c, int(result))
	}
	e.Probe = c.origin.through("net.(*ipStackCapabilities).probe")
	e.Poller = c.name == "epoll_create1" || c.name == "eventfd2" || c.name == "epoll_ctl"
	if m := c.origin.maker(); e.Poller && (m == nil || m.pkg != "runtime") {
		e.Poller = false
	}
	e.Call.Note = t.note(e, c, result)
}

// made reports whether the call's result is a new descriptor to speak of.
func made(call string) bool {
	switch call {
	case "socket", "accept", "accept4", "openat", "open", "epoll_create1", "eventfd2", "pidfd_open":
		return true
	}
	return false
}

// moved is how many bytes the call sent and received.
func moved(c *call, n int) (sent, got int) {
	switch c.name {
	case "write", "writev", "pwrite64", "pwritev", "sendto", "sendmsg":
		return n, 0
	case "read", "readv", "pread64", "preadv", "recvfrom", "recvmsg":
		return 0, n
	case "splice", "sendfile", "copy_file_range":
		return n, n
	case "sendmmsg", "recvmmsg":
		total := 0
		for _, k := range messageLengths(memory(c.tid), c.args[1], n) {
			total += k
		}
		if c.name == "sendmmsg" {
			return total, 0
		}
		return 0, total
	}
	return 0, 0
}

// note is a sentence about a call that the line of the program does not explain,
// or "".
func (t *tracer) note(e *Event, c *call, result int64) string {
	from := &c.origin
	switch {
	case e.Probe && c.args[2] == unix.IPPROTO_MPTCP && c.name == "socket":
		return "Once in a program's life, package net tries whether the kernel speaks MPTCP."
	case e.Probe:
		return "Once in a program's life, package net tries whether the kernel speaks IPv4 and IPv6, and whether one IPv6 socket can serve both."
	case through(from, "net.initMPTCPavailable", "net.hasSolMPTCP", "net.supportsMultipathTCP"):
		return "Once in a program's life, package net tries whether the kernel speaks MPTCP."
	case e.Poller && c.name == "epoll_create1":
		return "The first descriptor that can wait starts the runtime's poller, one epoll for all goroutines."
	case e.Poller && (c.name == "eventfd2" || from.through("runtime.netpollinit")):
		return "The poller gets an eventfd, so that the runtime can wake it."
	case e.Poller && c.args[1] == unix.EPOLL_CTL_ADD && result == -int64(unix.EPERM):
		return "epoll does not take a regular file: it is always ready, and reads of it block."
	case e.Poller && c.args[1] == unix.EPOLL_CTL_ADD:
		return "The runtime's poller will be told when the descriptor becomes readable or writable."
	case e.Poller:
		return "The runtime's poller forgets the descriptor."
	case from.through("net.maxListenerBacklog"):
		return "Once in a program's life, package net reads how many finished handshakes the kernel lets a listener hold (somaxconn)."
	case c.name == "connect" && result == -int64(unix.EINPROGRESS) && from.through("net.(*netFD).connect"):
		return "The handshake has begun; the goroutine waits in the poller until the socket is writable."
	case e.Again && from.through("internal/poll.(*FD).Accept"):
		return "No connection is waiting; the goroutine waits in the poller until one is, then asks again."
	case e.Again && sends(c.name) && through(from, polled...):
		return "The send buffer is full; the goroutine waits in the poller until there is room, then goes on."
	case e.Again && through(from, polled...):
		return "Nothing is there yet; the goroutine waits in the poller until something is, then asks again."
	}
	return netNote(c)
}

// netNote is about what package net asks of every socket.
func netNote(c *call) string {
	from := &c.origin
	switch c.name {
	case "socket":
		if c.args[2] == unix.IPPROTO_MPTCP && through(from, "net.(*sysListener).listenMPTCP", "net.(*sysDialer).dialMPTCP") {
			return "Since Go 1.24, net.Listen asks for Multipath TCP; with a peer that speaks plain TCP it is plain TCP."
		}
	case "getsockopt":
		if c.args[1] == unix.SOL_SOCKET && c.args[2] == unix.SO_ERROR && from.through("net.(*netFD).connect") {
			return "The socket is writable: the handshake is over, and this tells how it ended."
		}
	case "setsockopt":
		if c.args[1] == unix.SOL_TCP && c.args[2] == unix.TCP_NODELAY && from.through("net.newTCPConn") {
			return "Package net turns Nagle's algorithm off: small writes are sent at once."
		}
		if from.through("net.newTCPConn") {
			if note := keepAlive(c.args[1], c.args[2]); note != "" {
				return note
			}
		}
		if c.args[1] == unix.SOL_SOCKET && c.args[2] == unix.SO_REUSEADDR && from.through("net.setDefaultListenerSockopts") {
			return "Package net lets a server start again on its port while old connections are in TIME_WAIT."
		}
		if c.args[1] == unix.SOL_SOCKET && c.args[2] == unix.SO_BROADCAST && from.through("net.setDefaultSockopts") {
			return "Package net allows broadcast on every socket."
		}
		if c.args[1] == unix.SOL_IPV6 && c.args[2] == unix.IPV6_V6ONLY && from.through("net.setDefaultSockopts") {
			return "Package net says whether the IPv6 socket serves IPv4 as well."
		}
	case "getsockname", "getpeername":
		if through(from, "net.(*netFD).dial", "net.(*netFD).listenStream", "net.(*netFD).listenDatagram", "net.(*netFD).accept") {
			return "Package net asks for the address that the connection's Addr methods give."
		}
	}
	return ""
}

// keepAlive is about the options of keep-alive, which package net sets on every
// TCP connection.
func keepAlive(level, option uint64) string {
	switch {
	case level == unix.SOL_SOCKET && option == unix.SO_KEEPALIVE:
		return "Package net turns keep-alive on: the kernel probes a peer that has been silent for long."
	case level != unix.SOL_TCP:
	case option == unix.TCP_KEEPIDLE:
		return "Keep-alive: seconds of silence before the first probe."
	case option == unix.TCP_KEEPINTVL:
		return "Keep-alive: seconds from one probe to the next."
	case option == unix.TCP_KEEPCNT:
		return "Keep-alive: probes without an answer until the connection is given up."
	}
	return ""
}

// polled are the functions that wait in the poller after EAGAIN.
var polled = []string{
	"internal/poll.(*FD).Read", "internal/poll.(*FD).ReadFrom", "internal/poll.(*FD).ReadFromInet4", "internal/poll.(*FD).ReadFromInet6",
	"internal/poll.(*FD).ReadMsg", "internal/poll.(*FD).ReadMsgInet4", "internal/poll.(*FD).ReadMsgInet6", "internal/poll.(*FD).Write", "internal/poll.(*FD).Writev",
	"internal/poll.(*FD).WriteTo", "internal/poll.(*FD).WriteMsg", "internal/poll.(*FD).RawRead", "internal/poll.(*FD).RawWrite",
	"internal/poll.Splice", "internal/poll.SendFile",
}

func sends(call string) bool {
	switch call {
	case "write", "writev", "sendto", "sendmsg", "sendmmsg", "sendfile":
		return true
	}
	return false
}

func through(o *origin, fns ...string) bool {
	for _, fn := range fns {
		if o.through(fn) {
			return true
		}
	}
	return false
}
