package peer

import (
	"net"
	"path/filepath"
	"runtime"
	"testing"

	"sockets/runner/tier"
)

// TestPassedOn: a connection that another process made and passed on arrives as
// a descriptor; all that a peer asks its kernel works on it as well.
func TestPassedOn(t *testing.T) {
	if runtime.GOOS == "windows" {
		tier.Lacks(t, "Windows passes no descriptors")
	}
	for server, want := range map[string]Ending{"answers at EOF": Clean, "reads one byte": ResetAfter, "half a reply": Short} {
		if want == ResetAfter && runtime.GOOS != "linux" {
			continue
		}
		made := dial(t, serve(t, servers[server]))
		file, err := made.(*net.TCPConn).File()
		if err != nil {
			t.Fatal(err)
		}
		_ = made.Close()
		conn, err := net.FileConn(file)
		_ = file.Close()
		if err != nil {
			t.Fatal(err)
		}
		e := Exchange{Send: messages(request), Way: Drip{}, HalfClose: true, Want: []byte(reply)}
		if r := e.Meet(soon(t), conn); r.Ending != want || r.Err != nil {
			t.Errorf("%s: ending %s (%v), want %s\n%s", server, r.Ending, r.Err, want, said(r))
		}
	}
}

// TestUnix: peers meet programs over UNIX sockets too.
func TestUnix(t *testing.T) {
	if runtime.GOOS == "windows" {
		tier.Lacks(t, "Go has no half-close of UNIX sockets on Windows")
	}
	ln, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	h := host(t, ln, Answer{Until: []byte("\n"), Send: messages("ok\n"), Want: []byte("hi\n")})
	for _, way := range []Way{Whole{}, Drip{}, Coalesce{}} {
		conn, err := new(net.Dialer).DialContext(soon(t), "unix", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		r := Exchange{Send: messages("h", "i", "\n"), Way: way, HalfClose: true, Want: []byte("ok\n")}.Meet(soon(t), conn)
		if r.Ending != Clean || r.Err != nil {
			t.Errorf("%s: ending %s (%v), got %q\n%s", way, r.Ending, r.Err, r.Got, said(r))
		}
	}
	for i, r := range h.Wait(soon(t), 3) {
		if r.Ending != Clean {
			t.Errorf("request %d: ending %s, got %q", i, r.Ending, r.Got)
		}
	}
	// A peer that resets has no RST to send here; it closes.
	conn, err := new(net.Dialer).DialContext(soon(t), "unix", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if r := (Exchange{Send: messages("hi\n"), Way: RST{N: 1}}).Meet(soon(t), conn); r.Ending != ByUs {
		t.Errorf("ending %s, want %s", r.Ending, ByUs)
	}
}
