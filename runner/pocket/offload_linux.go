package pocket

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// offloads is what a device does for its host on the way out: sums, and the
// cutting of segments. Numbers of linux/ethtool.h that set one of them.
var offloads = []struct {
	name string
	set  uint32
}{
	{"tx-checksumming", unix.ETHTOOL_STXCSUM},
	{"scatter-gather", unix.ETHTOOL_SSG},
	{"tcp-segmentation-offload", unix.ETHTOOL_STSO},
	{"generic-segmentation-offload", unix.ETHTOOL_SGSO},
	{"generic-receive-offload", unix.ETHTOOL_SGRO},
}

// plain turns off what the device of the calling thread's network namespace
// does for its host, see ethtool(8): a TAP device is made without.
func plain() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	defer func() { _ = unix.Close(fd) }()
	for _, o := range offloads {
		value := struct{ cmd, data uint32 }{cmd: o.set}
		request := struct {
			name [unix.IFNAMSIZ]byte
			data unsafe.Pointer
			_    [16]byte // the rest of struct ifreq's union
		}{data: unsafe.Pointer(&value)}
		copy(request.name[:], device)
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request)))
		runtime.KeepAlive(&value)
		if errno != 0 && !errors.Is(errno, unix.EOPNOTSUPP) {
			return fmt.Errorf("turn off %s: %w", o.name, errno)
		}
	}
	return nil
}
