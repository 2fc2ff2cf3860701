//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// One param for each kind of argument.
var (
	integer  = in(func(_ *decoder, v uint64) string { return strconv.Itoa(int(int32(v))) })
	size     = in(func(_ *decoder, v uint64) string { return strconv.FormatInt(int64(v), 10) })
	hex      = in(func(_ *decoder, v uint64) string { return address(v) })
	octal    = in(func(_ *decoder, v uint64) string { return "0" + strconv.FormatUint(v, 8) })
	path     = in(func(d *decoder, v uint64) string { return showText(d.m, v) })
	dirFD    = in(func(_ *decoder, v uint64) string { return showDirFD(v) })
	sigName  = in(func(_ *decoder, v uint64) string { return showSignal(v) })
	timespec = in(func(d *decoder, v uint64) string { return showTime(d.m, v) })
	clock    = in(func(_ *decoder, v uint64) string { return strconv.Itoa(int(int32(v))) })
	ignored  = in(func(_ *decoder, v uint64) string { return pointer(v) })
	strings2 = in(func(d *decoder, v uint64) string { return showStrings(d.m, v) })

	family     = in(func(_ *decoder, v uint64) string { return name(families, v) })
	socketType = in(func(_ *decoder, v uint64) string {
		const mask = unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC
		return joined(name(socketTypes, v&^mask), bits(socketFlags, v&mask))
	})
	protocol = in(func(d *decoder, v uint64) string { return showProtocol(d.args[0], v) })

	// A buffer that the call takes, as long as the argument after it says; one
	// that it fills, as long as its result says.
	given  = in(func(d *decoder, v uint64) string { return buffer(d.m, v, int(d.args[2])) })
	filled = out(func(d *decoder, v uint64) string { return buffer(d.m, v, int(d.n)) })

	givenVectors = in(func(d *decoder, v uint64) string {
		return showVectors(d.m, vectors(d.m, v, int(d.args[2])), 1<<62)
	})
	filledVectors = out(func(d *decoder, v uint64) string {
		return showVectors(d.m, vectors(d.m, v, int(d.args[2])), int(d.n))
	})

	sockaddr = in(func(d *decoder, v uint64) string { return showAddress(d.m, v, int(d.args[2])) })
	// The length of an address that the call fills in is in memory, and known
	// only afterwards.
	sockaddrOut = func(length int) param {
		return out(func(d *decoder, v uint64) string {
			n, ok := d.m.int32(d.args[length])
			if v == 0 || !ok {
				return "NULL"
			}
			return showAddress(d.m, v, int(n))
		})
	}
	lengthOut = out(func(d *decoder, v uint64) string {
		n, ok := d.m.int32(v)
		if !ok {
			return "NULL"
		}
		return "[" + strconv.Itoa(int(n)) + "]"
	})
	pairOut = out(func(d *decoder, v uint64) string {
		b := d.m.bytes(v, 8)
		if len(b) < 8 {
			return unseen
		}
		return fmt.Sprintf("[%d, %d]", int32(binary.LittleEndian.Uint32(b)), int32(binary.LittleEndian.Uint32(b[4:])))
	})
	offsetIn = in(func(d *decoder, v uint64) string {
		n, ok := d.m.word(v)
		if !ok {
			return "NULL"
		}
		return "[" + strconv.FormatInt(int64(n), 10) + "]"
	})
	statusOut = out(func(d *decoder, v uint64) string {
		n, ok := d.m.int32(v)
		if !ok {
			return "NULL"
		}
		return showStatus(unix.WaitStatus(n))
	})
)

func in(show func(d *decoder, v uint64) string) param { return param{show: show} }

func out(show func(d *decoder, v uint64) string) param { return param{out: true, show: show} }

// named shows an argument that is one of a table's.
func named(table map[uint64]string) param {
	return in(func(_ *decoder, v uint64) string { return name(table, uint64(uint32(v))) })
}

// flagged shows an argument that is made of flags.
func flagged(table []flag) param {
	return in(func(_ *decoder, v uint64) string { return joined(bits(table, v)) })
}

func name(table map[uint64]string, v uint64) string {
	if s := table[v]; s != "" {
		return s
	}
	return "0x" + strconv.FormatUint(v, 16)
}

// bits is the names of the flags in v, and the rest as a number, or "".
func bits(table []flag, v uint64) string {
	var set []string
	for _, f := range table {
		if f.bits != 0 && v&f.bits == f.bits {
			set = append(set, f.name)
			v &^= f.bits
		}
	}
	if v != 0 {
		set = append(set, "0x"+strconv.FormatUint(v, 16))
	}
	return strings.Join(set, "|")
}

// joined is the parts that are not empty, or "0".
func joined(parts ...string) string {
	var set []string
	for _, p := range parts {
		if p != "" {
			set = append(set, p)
		}
	}
	if len(set) == 0 {
		return "0"
	}
	return strings.Join(set, "|")
}

func pointer(v uint64) string {
	if v == 0 {
		return "NULL"
	}
	return unseen
}

func showText(m memory, addr uint64) string {
	if addr == 0 {
		return "NULL"
	}
	text, ok := m.text(addr)
	if !ok {
		return unseen
	}
	return strconv.Quote(text)
}

// showStrings shows a vector of C strings, as of execve.
func showStrings(m memory, addr uint64) string {
	var all []string
	for n := 0; ; n++ {
		p, ok := m.word(addr + uint64(8*n))
		switch {
		case !ok || p == 0:
			return "[" + strings.Join(all, ", ") + "]"
		case n == 16:
			all = append(all, unseen)
			return "[" + strings.Join(all, ", ") + "]"
		}
		all = append(all, showText(m, p))
	}
}

func showDirFD(v uint64) string {
	if int32(v) == unix.AT_FDCWD {
		return "AT_FDCWD"
	}
	return strconv.Itoa(int(int32(v)))
}

func showSignal(v uint64) string {
	if s := unix.SignalName(unix.Signal(v)); s != "" {
		return s
	}
	return strconv.FormatUint(v, 10)
}

func showStatus(s unix.WaitStatus) string {
	switch {
	case s.Exited():
		return fmt.Sprintf("[exit %d]", s.ExitStatus())
	case s.Signaled():
		return fmt.Sprintf("[%s]", unix.SignalName(s.Signal()))
	}
	return fmt.Sprintf("[0x%x]", uint32(s))
}

func showTime(m memory, addr uint64) string {
	b := m.bytes(addr, 16)
	if len(b) < 16 {
		return "NULL"
	}
	sec, nsec := int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:]))
	return strconv.FormatFloat(float64(sec)+float64(nsec)/1e9, 'f', -1, 64) + "s"
}

func showProtocol(family, v uint64) string {
	switch {
	case family == unix.AF_NETLINK:
		return name(netlinks, v)
	case family == unix.AF_PACKET:
		return fmt.Sprintf("htons(0x%04x)", v&0xff<<8|v>>8&0xff)
	case v == 0 || family != unix.AF_INET && family != unix.AF_INET6:
		return strconv.FormatUint(v, 10)
	}
	return name(protocols, v)
}

// control shows the third argument of fcntl, which the second explains.
var control = in(func(d *decoder, v uint64) string {
	switch d.args[1] {
	case unix.F_SETFL:
		return joined(bits(openFlags, v&^largeFile))
	case unix.F_SETFD:
		if v == unix.FD_CLOEXEC {
			return "FD_CLOEXEC"
		}
	}
	return address(v)
})

// ioctlValue shows the number that a request about a queue's length gives.
var ioctlValue = out(func(d *decoder, v uint64) string {
	switch d.args[1] {
	case unix.TIOCINQ, unix.TIOCOUTQ:
		if n, ok := d.m.int32(v); ok {
			return "[" + strconv.Itoa(int(n)) + "]"
		}
	}
	return pointer(v)
})
