package pocket_test

import (
	"strings"
	"testing"
	"time"

	"sockets/runner/fault"
	"sockets/runner/pocket"
)

// faulty is a pocket whose wire has faults.
func faulty(t *testing.T, texts ...string) pocket.Config {
	t.Helper()
	c := www()
	for _, text := range texts {
		f, err := fault.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		c.Faults = append(c.Faults, f)
	}
	return c
}

// without leaves out what a wire carried besides.
func without(words []string, kind string) []string {
	var rest []string
	for _, w := range words {
		if !strings.HasSuffix(w, kind) {
			rest = append(rest, w)
		}
	}
	return rest
}

// The first SYN-ACK is lost: the kernel sends its SYN once more, and there
// answers again.
func TestDropSYNACK(t *testing.T) {
	for _, wire := range []string{pocket.WireTAP, pocket.WireVeth} {
		c := faulty(t, "drop in SYN,ACK 1")
		c.Wire = wire
		r, err := try(t.Context(), t, c, "get 192.0.2.80:80", serving(t, "welcome\n", "192.0.2.80:80"))
		if err != nil && wire == pocket.WireTAP {
			t.Logf("no TAP: %v", err) // TestRefused looks at the error
			continue
		}
		if err != nil || string(r.Stdout) != "welcome\n" {
			t.Fatalf("%s: %v, %q", wire, err, r.Stdout)
		}
		got := strings.Join(kinds(r)[:6], ", ")
		want := "out SYN, in SYN,ACK dropped, out SYN, in SYN,ACK, out ACK, out data"
		if got != want {
			t.Errorf("%s: the wire carried %s; want %s", wire, got, want)
		}
		again := r.Frames[2].At - r.Frames[0].At
		if again < 900*time.Millisecond || again > 3*time.Second {
			t.Errorf("%s: the SYN was sent again after %v, want about a second", wire, again)
		}
	}
}

func TestDropEverySYN(t *testing.T) {
	r := play(t, faulty(t, "drop out SYN *"), "dial 192.0.2.80:80 2500ms", serving(t, "", "192.0.2.80:80"))
	wantPrinted(t, r, "timeout\n")
	if len(r.Frames) < 2 {
		t.Errorf("there are %d frames, want the SYN and at least one more", len(r.Frames))
	}
	for _, f := range r.Frames {
		if !f.Lost || f.Fault != "dropped" || !fault.Is(f.Data, fault.SYN) {
			t.Errorf("a frame %v", f)
		}
	}
}

func TestDelay(t *testing.T) {
	r := play(t, faulty(t, "delay in data 1 300ms"), "get 192.0.2.80:80", serving(t, "late\n", "192.0.2.80:80"))
	wantPrinted(t, r, "late\n")
	var sent, came time.Duration
	for _, f := range r.Frames {
		switch {
		case f.Dir == fault.Out && fault.Is(f.Data, fault.Data):
			sent = f.At
		case f.Fault == "delayed 300ms":
			came = f.At
		}
	}
	if took := came - sent; took < 300*time.Millisecond || took > 2*time.Second {
		t.Errorf("the answer took %v, want 300 ms and a little", took)
	}
	r = play(t, faulty(t, "delay out SYN 1 300ms"), "get 192.0.2.80:80", serving(t, "late\n", "192.0.2.80:80"))
	wantPrinted(t, r, "late\n")
	if took := r.Frames[1].At - r.Frames[0].At; r.Frames[0].Fault != "delayed 300ms" || took < 300*time.Millisecond {
		t.Errorf("the SYN (%s) was answered after %v", r.Frames[0].Fault, took)
	}
}

func TestDuplicate(t *testing.T) {
	r := play(t, faulty(t, "duplicate out dns 1"), "datagram 192.0.2.80:53", mirror(t, "192.0.2.80:53"))
	wantPrinted(t, r, "ping")
	got := kinds(r)
	if len(got) < 3 || got[0] != "out dns" || got[1] != "out dns duplicate" || got[2] != "in dns" {
		t.Errorf("the wire carried %q", got)
	}
	r = play(t, faulty(t, "duplicate in data 1"), "get 192.0.2.80:80", serving(t, "twice\n", "192.0.2.80:80"))
	wantPrinted(t, r, "twice\n") // TCP drops what it has
	if got := strings.Join(kinds(r), ", "); !strings.Contains(got, "in data, in data duplicate") {
		t.Errorf("the wire carried %s", got)
	}
}

// The second segment overtakes the first, and the stream is whole all the same.
func TestReorder(t *testing.T) {
	text := strings.Repeat("x", 5000)
	r := play(t, faulty(t, "reorder in data 1"), "get 192.0.2.80:80", serving(t, text, "192.0.2.80:80"))
	wantPrinted(t, r, text)
	data := 0
	for _, f := range r.Frames {
		if f.Dir == fault.In && fault.Is(f.Data, fault.Data) {
			if data++; (f.Fault == "reordered") != (data == 2) {
				t.Errorf("segment %d with data: %q", data, f.Fault)
			}
		}
	}
	if data != 4 {
		t.Errorf("there are %d segments with data, want 4", data)
	}
}

func TestReset(t *testing.T) {
	text := strings.Repeat("x", 50000)
	r, err := try(t.Context(), t, faulty(t, "reset in after 5000 bytes"), "pull 192.0.2.80:80",
		pushing(t, text, "192.0.2.80:80"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Code != 1 || !strings.Contains(string(r.Stderr), "connection reset by peer") {
		t.Errorf("the program ended with %d: %s", r.Code, r.Stderr)
	}
	resets := 0
	for _, f := range r.Frames {
		if f.Fault == "reset by the wire" {
			resets++
		}
	}
	if resets != 2 {
		t.Errorf("%d resets by the wire, want one each way: %q", resets, without(kinds(r), "ACK"))
	}
}
