package fault

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Fault{
		"drop in SYN,ACK 1":          {Action: Drop, Dir: In, Kind: SYNACK, N: 1},
		"drop out SYN *":             {Action: Drop, Dir: Out, Kind: SYN},
		"delay out data 2 200ms":     {Action: Delay, Dir: Out, Kind: Data, N: 2, By: 200 * time.Millisecond},
		"duplicate in dns 1":         {Action: Duplicate, Dir: In, Kind: DNS, N: 1},
		"reorder in data 3":          {Action: Reorder, Dir: In, Kind: Data, N: 3},
		"reset in after 5000 bytes":  {Action: Reset, Dir: In, After: 5000},
		"  delay   in any *   1.5s ": {Action: Delay, Dir: In, Kind: Any, By: 1500 * time.Millisecond},
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", text, got, err, want)
			continue
		}
		if again, err := Parse(got.String()); err != nil || again != got {
			t.Errorf("Parse(%q) = %v, %v; want %v", got.String(), again, err, got)
		}
	}
}

func TestParseMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", `the fault is empty; write one like "drop in SYN,ACK 1"`},
		{"lose in SYN 1", `"lose in SYN 1": the wire can't "lose"; it can drop, delay, duplicate, reorder, reset`},
		{"drop SYN 1", `"drop SYN 1" names no direction; after drop comes out (from the program) or in (to it)`},
		{"drop", `"drop" names no direction; after drop comes out (from the program) or in (to it)`},
		{"drop in SYN", `"drop in SYN" has 3 words, want 4; write one like "drop in SYN 1"`},
		{"drop in SYNACK 1", `"drop in SYNACK 1": there are no frames called "SYNACK"; frames are SYN, SYN,ACK, ACK, FIN, RST, data, udp, dns, icmp, any`},
		{"drop in SYN 0", `"drop in SYN 0": "0" does not say which of the frames; write a number from 1, or * for every one`},
		{"delay in SYN 1", `"delay in SYN 1" has 4 words, want 5; write one like "delay in SYN 1 200ms"`},
		{"delay in SYN 1 soon", `"delay in SYN 1 soon": "soon" is no time up to 1m0s; write one like 200ms or 1.5s`},
		{"reset out 5000", `"reset out 5000" does not say after how many bytes; write "reset out after 5000 bytes"`},
		{"reset in after 0 bytes", `"reset in after 0 bytes": "0" is no number of bytes from 1 to 1073741824; write "reset in after 5000 bytes"`},
	} {
		_, err := Parse(c.text)
		var m *Mistake
		if !errors.As(err, &m) || err.Error() != c.want {
			t.Errorf("Parse(%q): %v\nwant %s", c.text, err, c.want)
		}
	}
}

// Whatever is written, it is read as a fault or gets two sentences.
func FuzzParse(f *testing.F) {
	f.Add("delay out data 2 200ms")
	f.Add("reset in after 5000 bytes")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text)
		if err != nil {
			if !strings.Contains(err.Error(), "; ") {
				t.Errorf("Parse(%q): %v says not what would be right", text, err)
			}
			return
		}
		if again, err := Parse(got.String()); err != nil || again != got {
			t.Errorf("Parse(%q) = %v, %v; want %v", got.String(), again, err, got)
		}
	})
}
