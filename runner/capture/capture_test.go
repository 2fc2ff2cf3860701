package capture

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sockets/runner/ladder"
	"sockets/runner/recording"
	"sockets/runner/tier"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket/pcapgo"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

var samples = []string{"http", "refused", "lookup", "server"}

// sample is a run of package frame's testdata.
func sample(t *testing.T, name string) *recording.Recording {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "frame", "testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := recording.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func captured(t *testing.T, r *recording.Recording) (data []byte, file string) {
	t.Helper()
	data, err := Pcapng(r)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "run.pcapng")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return data, file
}

// tool runs a program of Wireshark's, which must have no complaint.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		tier.Lacks(t, name+" is not installed")
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, &stderr)
	}
	for complaint := range strings.Lines(stderr.String()) {
		if !strings.HasPrefix(complaint, "Running as user") {
			t.Errorf("%s complains: %s", name, complaint)
		}
	}
	return stdout.String()
}

// fields are the values of tshark's fields, a frame a line.
func fields(t *testing.T, file string, names ...string) [][]string {
	t.Helper()
	args := []string{"-n", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-r", file, "-T", "fields", "-E", "separator=|", "-E", "occurrence=a", "-E", "aggregator=;"}
	for _, name := range names {
		args = append(args, "-e", name)
	}
	var rows [][]string
	for line := range strings.Lines(tool(t, "tshark", args...)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "|"))
	}
	return rows
}

// TestTsharkAgrees: tshark, which knows nothing of ours, counts the same frames
// in the same order, with the same endpoints, flags, numbers and lengths as the
// ladder's table, and finds good checksums.
func TestTsharkAgrees(t *testing.T) {
	for _, name := range append(samples, "cut") {
		t.Run(name, func(t *testing.T) {
			r := headsOnly(t)
			if name != "cut" {
				r = sample(t, name)
			}
			_, file := captured(t, r)
			rows := fields(t, file, "frame.number", "ip.src", "ipv6.src", "tcp.srcport", "udp.srcport", "tcp.flags", "tcp.seq", "tcp.ack", "tcp.len", "dns.qry.name", "_ws.malformed", "tcp.checksum.status", "udp.checksum.status")
			table := ladder.Table(r)
			if len(rows) != len(table) {
				t.Fatalf("tshark sees %d frames, the table has %d", len(rows), len(table))
			}
			for i, row := range rows {
				f := table[i].Event.Frame
				want := []string{fmt.Sprint(table[i].N), f.From, flagWord(f), number(f, f.Seq), number(f, f.Ack), number(f, uint32(f.Len)), dnsName(f)}
				from := row[1] + ":" + row[3] + row[4]
				if row[2] != "" {
					from = "[" + row[2] + "]:" + row[3] + row[4]
				}
				got := []string{row[0], from, row[5], row[6], row[7], row[8], row[9]}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("frame %d (-table +tshark):\n%s", i+1, diff)
				}
				if row[10] != "" {
					t.Errorf("frame %d is malformed to tshark: %s", i+1, row[10])
				}
				if sum := row[11] + row[12]; sum != "1" && name != "cut" {
					t.Errorf("frame %d: the status of its checksum is %q to tshark, want 1, good", i+1, sum)
				}
			}
		})
	}
}

// headsOnly is a run with frames of which only the first bytes were kept.
func headsOnly(t *testing.T) *recording.Recording {
	t.Helper()
	r := sample(t, "server")
	for _, e := range r.Events {
		if f := e.Frame; f != nil {
			f.Data = f.Data[:min(len(f.Data), 128)]
		}
	}
	return r
}

// flagWord is the TCP flags as tshark prints them.
func flagWord(f *recording.Frame) string {
	if f.Proto != "TCP" {
		return ""
	}
	word := 0
	for i, flag := range []string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"} {
		if strings.Contains(f.Flags, flag) {
			word |= 1 << i
		}
	}
	return fmt.Sprintf("0x%04x", word)
}

func number(f *recording.Frame, n uint32) string {
	if f.Proto != "TCP" {
		return ""
	}
	return fmt.Sprint(n)
}

func dnsName(f *recording.Frame) string {
	words := strings.Fields(f.Summary)
	if words[0] != "DNS" {
		return ""
	}
	return strings.TrimSuffix(words[3], ":")
}

func TestCapinfos(t *testing.T) {
	for _, name := range samples {
		r := sample(t, name)
		_, file := captured(t, r)
		out := tool(t, "capinfos", "-c", "-o", "-t", file)
		for _, want := range []string{"pcapng", fmt.Sprintf("Number of packets:   %d", len(ladder.Table(r))), "Strict time order:   True"} {
			if !strings.Contains(out, want) {
				t.Errorf("capinfos %s does not say %q:\n%s", name, want, out)
			}
		}
	}
}

func TestComments(t *testing.T) {
	_, file := captured(t, sample(t, "http"))
	var got strings.Builder
	for _, row := range fields(t, file, "frame.number", "frame.comment", "frame.time_relative") {
		fmt.Fprintln(&got, strings.Join(row, " | "))
	}
	want := `1 | lessons/06/main.go:18 connect | 0.000000000
2 | by the other kernel;the wire: dropped | 0.000100000
3 | lessons/06/main.go:18 connect;by the kernel itself: retransmission | 1.000200000
4 | lessons/06/main.go:18 connect;by the other kernel: retransmission | 1.000300000
5 | by the kernel itself | 1.000400000
6 | lessons/06/main.go:24 write | 1.000500000
7 | by the other kernel | 1.000600000
8 | lessons/06/main.go:28 read | 1.000700000
9 | by the kernel itself | 1.000800000
10 | lessons/06/main.go:28 read | 1.000900000
11 | lessons/06/main.go:32 close | 1.001000000
12 | by the other kernel | 1.001100000
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("comments and times as tshark reads them (-want +got):\n%s", diff)
	}
}

// TestPcapngReadBack needs no tool: gopacket's own reader finds what was written,
// also of a frame that was cut and of a run without any.
func TestPcapngReadBack(t *testing.T) {
	r := sample(t, "http")
	for i := range r.Events {
		if f := r.Events[i].Frame; f != nil && f.N == 8 {
			f.Data = f.Data[:60]
		}
	}
	data, _ := captured(t, r)
	again, err := Pcapng(r)
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("a second Pcapng of the same recording differs (%v)", err)
	}
	ng, err := pcapgo.NewNgReader(bytes.NewReader(data), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range ladder.Table(r) {
		got, info, err := ng.ReadPacketData()
		if err != nil {
			t.Fatal(err)
		}
		if f := row.Event.Frame; !bytes.Equal(got, f.Data) || info.Length != f.Size {
			t.Errorf("frame %d has %d of %d bytes, want %d of %d", f.N, len(got), info.Length, len(f.Data), f.Size)
		}
	}
	if _, err := Pcapng(new(recording.Recording)); err != nil {
		t.Errorf("Pcapng of nothing: %v", err)
	}
}
