package pocket

import (
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// maxFrame is Ethernet's header and MTU; a superframe may have maxSuper.
const (
	maxFrame = 14 + mtu
	maxSuper = 14 + 65535
)

// An end is where the wire meets a host: a descriptor from which frames are
// read that the host has sent, and one to which those are written that it is to
// get; of a TAP device it is the same. It never blocks.
type end struct {
	from, to int
	buf, out []byte
}

func newEnd(from, to int) *end {
	return &end{from: from, to: to, buf: make([]byte, vnetLen+maxSuper)}
}

// read returns the next frame, or nil if there is none now.
func (e *end) read() ([]byte, error) {
	for {
		n, err := unix.Read(e.from, e.buf)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ENETDOWN):
			continue
		case errors.Is(err, unix.EAGAIN):
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("read from the wire: %w", err)
		case n > vnetLen:
			return append([]byte(nil), e.buf[vnetLen:n]...), nil
		}
	}
}

// write hands a frame to the host, which has taken it when write returns.
func (e *end) write(f super) error {
	e.out = append(f.header.encode(e.out[:0]), f.data...)
	for {
		_, err := unix.Write(e.to, e.out)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.ENOBUFS), errors.Is(err, unix.EIO), errors.Is(err, unix.ENETDOWN):
			return nil // the host has no room, or is down: the frame is lost, as on any wire
		case err != nil:
			return fmt.Errorf("write to the wire: %w", err)
		}
		return nil
	}
}

// close closes the descriptors at once: for each the kernel waits.
func (e *end) close() error {
	if e.to == e.from {
		return unix.Close(e.to)
	}
	closed := make(chan error)
	go func() { closed <- unix.Close(e.to) }()
	return errors.Join(unix.Close(e.from), <-closed)
}

// errNoTAP is the reason for a wire of veth devices.
var errNoTAP = errors.New("no TAP device can be made")

// tap makes the device of the calling thread's network namespace as a TAP
// device. It fails with errNoTAP where /dev/net/tun can't be used.
func tap() (*end, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoTAP, &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err})
	}
	ifr, err := unix.NewIfreq(device)
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	ifr.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI | unix.IFF_VNET_HDR)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, ifr); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: TUNSETIFF: %w", errNoTAP, err), unix.Close(fd))
	}
	// The host must cut segments and sum them up itself, so that we see what
	// would be on a real wire.
	if err := unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, 0); err != nil {
		return nil, errors.Join(fmt.Errorf("TUNSETOFFLOAD: %w", err), unix.Close(fd))
	}
	// Or closing the descriptor takes the device down and waits until nobody can
	// be using it; the kernel does so anyway when it takes the namespace down.
	if err := unix.IoctlSetInt(fd, unix.TUNSETPERSIST, 1); err != nil {
		return nil, errors.Join(fmt.Errorf("TUNSETPERSIST: %w", err), unix.Close(fd))
	}
	return newEnd(fd, fd), nil
}

// veth makes a pair of devices, of which one is the device of the network
// namespace and the other in that of the calling thread, and opens the latter for
// what the host is to get.
func veth(name string, namespace int) (to int, err error) {
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.MTU = name, mtu
	err = netlink.LinkAdd(&netlink.Veth{
		LinkAttrs: attrs, PeerName: device, PeerMTU: mtu, PeerNamespace: netlink.NsFd(namespace),
	})
	if err != nil {
		return 0, &Refused{"make a pair of network devices", err, "load the kernel's module: modprobe veth"}
	}
	link, err := netlink.LinkByName(name)
	if err != nil {
		return 0, fmt.Errorf("find %s: %w", name, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return 0, fmt.Errorf("bring %s up: %w", name, err)
	}
	return packets(link, 0)
}

// sent opens the device of the calling thread's network namespace for what its
// host sends. Frames of one socket are seen in the order in which it sent them: the
// kernel shows them under the socket's lock. At the other end of a pair, those that
// two processors have sent change places at times, and the peer then answers another
// conversation than the one that was held.
func sent() (from int, err error) {
	link, err := netlink.LinkByName(device)
	if err != nil {
		return 0, fmt.Errorf("find %s: %w", device, err)
	}
	return packets(link, unix.ETH_P_ALL,
		unix.SockFilter{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: skfPacketType},
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.PACKET_OUTGOING, Jf: 1},
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: math.MaxUint32},
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	)
}

// skfPacketType is where a filter finds a frame's kind: SKF_AD_OFF+SKF_AD_PKTTYPE
// of linux/filter.h, for BPF_ABS.
const skfPacketType = 1<<32 - 0x1000 + 4

// packets opens a packet socket on a device, packet(7), for frames of the protocol; 0
// is none. Of those it takes what the filter does.
func packets(link netlink.Link, protocol uint16, filter ...unix.SockFilter) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, &Refused{"open a packet socket", err, "the kernel must have CONFIG_PACKET"}
	}
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 8<<20), // as much as we may
	)
	if len(filter) > 0 {
		err = errors.Join(err, unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}))
	}
	err = errors.Join(err, unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: protocol<<8 | protocol>>8, Ifindex: link.Attrs().Index}))
	if err != nil {
		return 0, errors.Join(fmt.Errorf("packet socket: %w", err), unix.Close(fd))
	}
	return fd, nil
}
