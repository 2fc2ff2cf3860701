//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// eventSize is that of struct epoll_event, which is packed on amd64 alone.
func eventSize() int {
	if runtime.GOARCH == "amd64" {
		return 12
	}
	return 16
}

var (
	epollEvent = in(func(d *decoder, v uint64) string {
		if v == 0 || d.args[1] == unix.EPOLL_CTL_DEL {
			return pointer(v)
		}
		return showEvents(d.m, v, 1, int(int32(d.args[2])))
	})
	epollReady = out(func(d *decoder, v uint64) string {
		return "[" + showEvents(d.m, v, int(d.n), -1) + "]"
	})
	pollIn  = in(func(d *decoder, v uint64) string { return showPoll(d.m, v, int(d.args[1]), false) })
	timeout = in(func(_ *decoder, v uint64) string { return strconv.Itoa(int(int32(v))) })
)

// showEvents shows epoll's events. Their data is the program's own affair: a
// descriptor, if it is small, or a pointer that says nothing here.
func showEvents(m memory, addr uint64, n, fd int) string {
	size := eventSize()
	b := m.bytes(addr, min(n, 64)*size)
	var parts []string
	for ; len(b) >= size; b = b[size:] {
		events := joined(bits(epollEvents, uint64(binary.LittleEndian.Uint32(b))))
		data := binary.LittleEndian.Uint64(b[size-8:])
		switch {
		case data < 1<<20 && int(data) != fd:
			events += fmt.Sprintf(", data=%d", data)
		case data < 1<<20:
			events += fmt.Sprintf(", fd=%d", data)
		}
		parts = append(parts, "{"+events+"}")
	}
	return strings.Join(parts, ", ")
}

// showPoll shows struct pollfd: what is waited for or what was found.
func showPoll(m memory, addr uint64, n int, found bool) string {
	b := m.bytes(addr, min(n, 64)*8)
	var parts []string
	for ; len(b) >= 8; b = b[8:] {
		fd, events := int32(binary.LittleEndian.Uint32(b)), binary.LittleEndian.Uint16(b[4:])
		if found {
			if events = binary.LittleEndian.Uint16(b[6:]); events == 0 {
				continue
			}
		}
		parts = append(parts, fmt.Sprintf("{%d, %s}", fd, joined(bits(pollEvents, uint64(events)))))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
