package capture

import (
	"os"
	"path/filepath"
	"testing"

	"sockets/runner/recording"

	"github.com/google/go-cmp/cmp"
)

func TestStraceSamples(t *testing.T) {
	for _, name := range samples {
		got := Strace(sample(t, name))
		file := filepath.Join("testdata", name+".strace")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got); -update rewrites it:\n%s", file, diff)
		}
	}
}

func TestStraceArguments(t *testing.T) {
	for _, c := range []struct{ from, want string }{
		{"{AF_INET, 192.0.2.80:80}", `{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("192.0.2.80")}`},
		{"{AF_INET6, [fe80::1%2]:80}", `{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "fe80::1", &sin6_addr), sin6_scope_id=2}`},
		{`{AF_UNIX, "/tmp/x"}`, `{sa_family=AF_UNIX, sun_path="/tmp/x"}`},
		{`{AF_UNIX, "@x"}`, `{sa_family=AF_UNIX, sun_path=@"x"}`},
		{"{AF_UNIX}", "{sa_family=AF_UNIX}"},
		{"{AF_NETLINK, port 0, groups 0x0}", "{sa_family=AF_NETLINK, port 0, groups 0x0}"},
		{`"{AF_UNIX}"... (100 bytes)`, `"{AF_UNIX}"...`},
		{"<00 01 31 ff 22 0a>... (64 bytes)", `"\0\0011\377\"\n"...`},
		{"<>", `""`},
		{"SOCK_STREAM|SOCK_CLOEXEC", "SOCK_STREAM|SOCK_CLOEXEC"},
	} {
		if got := argument(c.from); got != c.want {
			t.Errorf("argument(%s) = %s, want %s", c.from, got, c.want)
		}
	}
}

func TestStraceEnds(t *testing.T) {
	for _, c := range []struct {
		header recording.Header
		want   string
	}{
		{recording.Header{Level: recording.LevelOutput}, ""},
		{recording.Header{Level: recording.LevelCalls, End: recording.End{Exit: 2}}, "write(2, \"a line of text that is longer th\"..., 42) = 42 /* x*y.go:3, on a goroutine that this line started, 7 times in a row */\n+++ exited with 2 +++\n"},
		{recording.Header{Level: recording.LevelCalls, Hidden: 3, Dropped: 1000, End: recording.End{Exit: -1, Signal: "SIGPIPE"}}, "write(2, \"a line of text that is longer th\"..., 42) = 42 /* x*y.go:3, on a goroutine that this line started, 7 times in a row */\n/* left out: 3 calls that no line of the program made */\n/* left out: 1000 calls after the last that is kept */\n+++ killed by SIGPIPE +++\n"},
	} {
		r := &recording.Recording{Header: c.header, Events: []recording.Event{{
			At: &recording.Place{File: "x*y.go", Line: 3}, Inherited: true, Count: 7,
			Output: &recording.Output{Stream: recording.Stderr, Text: "a line of text that is longer than strace\n"},
		}}}
		if diff := cmp.Diff(c.want, Strace(r)); diff != "" {
			t.Errorf("Strace (-want +got):\n%s", diff)
		}
	}
}
