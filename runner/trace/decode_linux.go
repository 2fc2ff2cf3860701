//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// A signature says how the arguments of a call are shown.
type signature struct {
	params []param
	fd     int  // the argument that is the descriptor it is about, -1 if none
	hex    bool // its result is an address
}

// A param shows one argument. What a call fills in is shown when it has
// returned, and as "..." if it failed or did not return.
type param struct {
	out  bool
	show func(d *decoder, v uint64) string
}

// A decoder reads what the arguments of a call point to.
type decoder struct {
	m    memory
	args [6]uint64
	n    int64 // its result, once it has returned
}

const unseen = "..."

// unknown is a call that the table does not have.
var unknown = signature{params: []param{hex, hex, hex, hex, hex, hex}, fd: -1}

// before shows the arguments of a call that begins.
func (s *signature) before(m memory, c *call) []string {
	d := decoder{m: m, args: c.args}
	text := make([]string, len(s.params))
	for i, p := range s.params {
		if p.out {
			text[i] = unseen
			continue
		}
		text[i] = p.show(&d, c.args[i])
	}
	return s.shorten(text)
}

// after adds what the call has filled in.
func (s *signature) after(d *decoder, c *call) []string {
	for i, p := range s.params {
		if p.out && i < len(c.text) && (d.n >= 0 || c.name == "getsockopt") {
			c.text[i] = p.show(d, c.args[i])
		}
	}
	return c.text
}

// shorten leaves out the zeros at the end of a call whose arguments are not
// known, which may have fewer.
func (s *signature) shorten(text []string) []string {
	if s == &unknown {
		for len(text) > 0 && text[len(text)-1] == "0" {
			text = text[:len(text)-1]
		}
	}
	return text
}

// address shows a number that may be one: those differ from run to run.
func address(v uint64) string {
	switch {
	case v < 10:
		return strconv.FormatUint(v, 10)
	case v >= 1<<32 && v < 1<<56:
		return unseen
	}
	return "0x" + strconv.FormatUint(v, 16)
}

const shown = 64 // bytes of a buffer

// quote shows the first of total bytes, as text or, if they are none, in
// hexadecimal.
func quote(b []byte, total int) string {
	cut := ""
	if total > len(b) {
		cut = fmt.Sprintf("... (%d bytes)", total)
	}
	if isText(b, total > len(b)) {
		return strconv.Quote(string(b)) + cut
	}
	return fmt.Sprintf("<% x>", b) + cut
}

func isText(b []byte, cut bool) bool {
	strange, n := 0, 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		broken := r == utf8.RuneError && size == 1 && (!cut || utf8.FullRune(b))
		if broken || r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			strange++
		}
		n++
		b = b[size:]
	}
	return strange*4 <= n
}

func buffer(m memory, addr uint64, total int) string {
	if addr == 0 {
		return "NULL"
	}
	return quote(m.bytes(addr, min(total, shown)), total)
}

// A vector is one struct iovec.
type vector struct {
	addr uint64
	n    int
}

func vectors(m memory, addr uint64, count int) []vector {
	b := m.bytes(addr, min(count, unix.PathMax/4)*16)
	var vs []vector
	for ; len(b) >= 16; b = b[16:] {
		vs = append(vs, vector{binary.LittleEndian.Uint64(b), int(binary.LittleEndian.Uint64(b[8:]))})
	}
	return vs
}

// showVectors shows what lies in the first n bytes of the vectors.
func showVectors(m memory, vs []vector, n int) string {
	var parts []string
	for _, v := range vs {
		if n <= 0 && len(parts) > 0 {
			break
		}
		if len(parts) == 8 {
			parts = append(parts, fmt.Sprintf("... (%d parts)", len(vs)))
			break
		}
		k := min(v.n, n)
		parts = append(parts, buffer(m, v.addr, k))
		n -= k
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// written is the text of a write to an output.
func written(m memory, c *call, n int) string {
	const most = 1 << 20 // of one call; Go's package os writes less than 1 GiB at once
	vs := []vector{{c.args[1], int(c.args[2])}}
	if strings.Contains(c.name, "writev") {
		vs = vectors(m, c.args[1], int(c.args[2]))
	}
	var text strings.Builder
	for _, v := range vs {
		k := min(v.n, n, most-text.Len())
		text.Write(m.bytes(v.addr, k))
		n -= k
	}
	return text.String()
}

// writes are the calls that print; the descriptor is the first argument.
var writes = map[string]bool{"write": true, "writev": true, "pwrite64": true, "pwritev": true, "pwritev2": true}

func errnoName(e int64) string {
	if name := unix.ErrnoName(unix.Errno(e)); name != "" {
		return name
	}
	return "errno " + strconv.FormatInt(e, 10)
}

// names reads a table of calls, a number and a name in each line.
func names(table string) map[uint64]string {
	calls := make(map[uint64]string)
	for line := range strings.Lines(table) {
		number, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseUint(number, 10, 64); err == nil {
			calls[n] = name
		}
	}
	return calls
}

func callName(nr uint64) string {
	if name := callNames[nr]; name != "" {
		return name
	}
	return "syscall_" + strconv.FormatUint(nr, 10)
}
