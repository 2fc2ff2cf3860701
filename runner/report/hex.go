package report

import (
	"fmt"
	"strings"
)

// hexRows are how many lines of hex a rendering shows of one turn: the
// beginning, and the end where that is known.
const hexRows = 8

// hexdump is b in hex beside its text, 16 bytes a line, as hexdump -C has it.
// If b is long, or there were size bytes and b holds only their beginning, the
// rest is one line that says how much it is. A line has at most 74 columns.
func hexdump(b []byte, size int) string {
	var out strings.Builder
	shown := min(len(b), hexRows*16)
	for at := 0; at < shown; at += 16 {
		row := b[at:min(at+16, shown)]
		fmt.Fprintf(&out, "%04x  ", at)
		for i := range 16 {
			if i < len(row) {
				fmt.Fprintf(&out, "%02x ", row[i])
			} else {
				out.WriteString("   ")
			}
			if i == 7 {
				out.WriteByte(' ')
			}
		}
		out.WriteString(" |")
		for _, c := range row {
			if c < 0x20 || c > 0x7e {
				c = '.'
			}
			out.WriteByte(c)
		}
		out.WriteString("|\n")
	}
	if size = max(size, len(b)); size > shown {
		fmt.Fprintf(&out, "... and %s more\n", count(size-shown, "byte"))
	}
	return out.String()
}
