package pocket

import (
	"errors"
	"fmt"
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
// read that the host has sent, and to which those are written that it is to
// get. It never blocks.
type end struct {
	fd  int
	buf []byte
	out []byte
}

func newEnd(fd int) *end { return &end{fd: fd, buf: make([]byte, vnetLen+maxSuper)} }

// read returns the next frame, or nil if there is none now.
func (e *end) read() ([]byte, error) {
	for {
		n, err := unix.Read(e.fd, e.buf)
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
		_, err := unix.Write(e.fd, e.out)
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

func (e *end) close() error { return unix.Close(e.fd) }

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
	return newEnd(fd), nil
}

// veth makes a pair of devices, of which one is the device of the network
// namespace and the other in that of the calling thread, and opens the latter.
func veth(name string, namespace int) (*end, error) {
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.MTU = name, mtu
	err := netlink.LinkAdd(&netlink.Veth{
		LinkAttrs: attrs, PeerName: device, PeerMTU: mtu, PeerNamespace: netlink.NsFd(namespace),
	})
	if err != nil {
		return nil, &Refused{"make a pair of network devices", err, "load the kernel's module: modprobe veth"}
	}
	link, err := netlink.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", name, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return nil, fmt.Errorf("bring %s up: %w", name, err)
	}
	all := uint16(unix.ETH_P_ALL<<8 | unix.ETH_P_ALL>>8)
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, &Refused{"open a packet socket", err, "the kernel must have CONFIG_PACKET"}
	}
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 8<<20), // as much as we may
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: link.Attrs().Index}),
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("packet socket: %w", err), unix.Close(fd))
	}
	return newEnd(fd), nil
}
