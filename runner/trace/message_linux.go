//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// The parts of struct msghdr and struct mmsghdr on 64-bit machines.
const (
	msghdrSize  = 56
	mmsghdrSize = 64
)

var (
	messageIn   = in(func(d *decoder, v uint64) string { return showMessage(d.m, v, 1<<62) })
	messageOut  = out(func(d *decoder, v uint64) string { return showMessage(d.m, v, int(d.n)) })
	messagesIn  = in(func(d *decoder, v uint64) string { return showMessages(d.m, v, int(d.args[2]), false) })
	messagesOut = out(func(d *decoder, v uint64) string { return showMessages(d.m, v, int(d.n), true) })
)

// showMessage shows a struct msghdr with n bytes of data.
func showMessage(m memory, addr uint64, n int) string {
	b := m.bytes(addr, msghdrSize)
	if len(b) < msghdrSize {
		return pointer(addr)
	}
	word := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	var parts []string
	if name, length := word(0), int(binary.LittleEndian.Uint32(b[8:])); name != 0 && length > 0 {
		parts = append(parts, "name="+showAddress(m, name, length))
	}
	parts = append(parts, "iov="+showVectors(m, vectors(m, word(16), int(word(24))), n))
	if control := showControl(m, word(32), int(word(40))); control != "" {
		parts = append(parts, "control="+control)
	}
	if flags := uint64(binary.LittleEndian.Uint32(b[48:])); flags != 0 {
		parts = append(parts, "flags="+bits(messageFlags, flags))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// showControl shows control messages: descriptors and credentials.
func showControl(m memory, addr uint64, n int) string {
	var parts []string
	for _, c := range controlMessages(m, addr, n) {
		switch {
		case c.level == unix.SOL_SOCKET && c.kind == unix.SCM_RIGHTS:
			parts = append(parts, fmt.Sprintf("SCM_RIGHTS %v", c.descriptors()))
		case c.level == unix.SOL_SOCKET && c.kind == unix.SCM_CREDENTIALS && len(c.data) >= 12:
			parts = append(parts, fmt.Sprintf("SCM_CREDENTIALS pid %d, uid %d, gid %d", binary.LittleEndian.Uint32(c.data),
				binary.LittleEndian.Uint32(c.data[4:]), binary.LittleEndian.Uint32(c.data[8:])))
		default:
			option := name(optionNames[c.level], c.kind)
			parts = append(parts, fmt.Sprintf("%s %s %s", name(levels, c.level), option, quote(c.data[:min(len(c.data), shown)], len(c.data))))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// A controlMessage is one struct cmsghdr and its data.
type controlMessage struct {
	level, kind uint64
	data        []byte
}

// descriptors is those of an SCM_RIGHTS message.
func (c *controlMessage) descriptors() []int {
	var fds []int
	for b := c.data; len(b) >= 4; b = b[4:] {
		fds = append(fds, int(int32(binary.LittleEndian.Uint32(b))))
	}
	return fds
}

func controlMessages(m memory, addr uint64, n int) []controlMessage {
	const header = 16
	b := m.bytes(addr, min(n, page))
	var all []controlMessage
	for len(b) >= header {
		length := int(binary.LittleEndian.Uint64(b))
		if length < header || length > len(b) {
			break
		}
		all = append(all, controlMessage{
			level: uint64(binary.LittleEndian.Uint32(b[8:])),
			kind:  uint64(binary.LittleEndian.Uint32(b[12:])),
			data:  b[header:length],
		})
		b = b[min((length+7)&^7, len(b)):]
	}
	return all
}

// received is the descriptors that came with the message at addr.
func received(m memory, addr uint64) []int {
	b := m.bytes(addr, msghdrSize)
	if len(b) < msghdrSize {
		return nil
	}
	var fds []int
	for _, c := range controlMessages(m, binary.LittleEndian.Uint64(b[32:]), int(binary.LittleEndian.Uint64(b[40:]))) {
		if c.level == unix.SOL_SOCKET && c.kind == unix.SCM_RIGHTS {
			fds = append(fds, c.descriptors()...)
		}
	}
	return fds
}

// messageLengths is how many bytes each of n messages moved.
func messageLengths(m memory, addr uint64, n int) []int {
	var lengths []int
	for i := range min(n, 1024) {
		k, _ := m.int32(addr + uint64(i*mmsghdrSize+msghdrSize))
		lengths = append(lengths, int(k))
	}
	return lengths
}

func showMessages(m memory, addr uint64, n int, done bool) string {
	lengths := messageLengths(m, addr, n)
	var parts []string
	for i, k := range lengths {
		if i == 8 {
			parts = append(parts, fmt.Sprintf("... (%d messages)", n))
			break
		}
		if !done {
			k = 1 << 62
		}
		parts = append(parts, showMessage(m, addr+uint64(i*mmsghdrSize), k))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
