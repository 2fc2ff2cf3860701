//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

var (
	level    = named(levels)
	option   = in(func(d *decoder, v uint64) string { return name(optionNames[d.args[1]], v) })
	valueIn  = in(func(d *decoder, v uint64) string { return showValue(d, v, int(int32(d.args[4]))) })
	valueOut = out(func(d *decoder, v uint64) string {
		n, ok := d.m.int32(d.args[4])
		if !ok || d.n < 0 {
			return unseen
		}
		return showValue(d, v, int(n))
	})
)

// showValue shows the value of a socket option by what it is.
func showValue(d *decoder, addr uint64, n int) string {
	b := d.m.bytes(addr, min(n, 256))
	if len(b) < n && n <= 256 {
		return pointer(addr)
	}
	number := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(b[at:])) }
	if d.args[1] == unix.SOL_SOCKET {
		switch d.args[2] {
		case unix.SO_ERROR:
			if len(b) >= 4 && number(0) != 0 {
				return "[" + errnoName(int64(number(0))) + "]"
			}
		case unix.SO_TYPE:
			if len(b) >= 4 {
				return "[" + name(socketTypes, number(0)) + "]"
			}
		case unix.SO_DOMAIN:
			if len(b) >= 4 {
				return "[" + name(families, number(0)) + "]"
			}
		case unix.SO_PROTOCOL:
			if len(b) >= 4 {
				return "[" + name(protocols, number(0)) + "]"
			}
		case unix.SO_LINGER:
			if len(b) >= 8 {
				return fmt.Sprintf("{onoff=%d, linger=%d}", number(0), number(4))
			}
		case unix.SO_RCVTIMEO, unix.SO_SNDTIMEO:
			if len(b) >= 16 {
				sec, micro := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
				return "[" + (time.Duration(sec)*time.Second + time.Duration(micro)*time.Microsecond).String() + "]"
			}
		case unix.SO_PEERCRED:
			if len(b) >= 12 {
				return fmt.Sprintf("{pid=%d, uid=%d, gid=%d}", number(0), number(4), number(8))
			}
		case unix.SO_BINDTODEVICE:
			return quote(b, n)
		}
	}
	switch n {
	case 4:
		return "[" + strconv.Itoa(int(int32(number(0)))) + "]"
	case 1:
		return "[" + strconv.Itoa(int(b[0])) + "]"
	}
	return quote(b[:min(len(b), shown)], n)
}
