// Package doctor looks at the machine: what the runner finds here, what it can
// therefore show of a run, and what would have to change to show more. Each
// finding comes from trying the thing itself, not from a list of systems.
//
// It changes nothing on the machine.
package doctor

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/lesson"
	"sockets/runner/process"
	"sockets/runner/recording"
)

// A Finding is the answer to one question about the machine.
type Finding struct {
	Name   string // "go"
	OK     bool
	Needed bool   // nothing works without it
	Found  string // what is there
	Remedy string // what would help, if it is not OK
}

// Look examines the machine for the checkout at root.
func Look(ctx context.Context, root string) []Finding {
	return append(levels(ctx),
		goCommand(ctx, root),
		loopback(ctx, "loopback", "tcp4", "127.0.0.1:0", true, "bring the loopback interface up: ip link set lo up"),
		loopback(ctx, "IPv6", "tcp6", "[::1]:0", false, "lessons leave their IPv6 steps out; to see them, enable IPv6 on the loopback interface"),
		platforms(root),
		writable("cache", filepath.Join(root, ".cache"), "make the checkout writable; without a cache every build runs every lesson"),
		writable("site", filepath.Join(root, "site"), "make the checkout writable, or give build another folder with -o"),
		chromium(),
	)
}

// levels says what a recording made here holds, and what stands in the way of
// more.
func levels(ctx context.Context) []Finding {
	l := agent.Probe(ctx)
	level := agent.Level(ctx)
	shows := map[string]string{
		recording.LevelOutput: "pages show what programs print",
		recording.LevelCalls:  "pages show what programs print and the system calls they make",
		recording.LevelFull:   "pages show what programs print, the system calls they make, and the frames on the wire",
	}
	fs := []Finding{
		{Name: "level", OK: level == recording.LevelFull, Found: level + ": " + shows[level], Remedy: "see what is missing below; what others recorded at a higher level is in the tree: runner build --replay"},
		finding("calls", "system calls can be traced, by ptrace", l.Calls),
	}
	if l.Calls == nil {
		fs = append(fs, finding("wire", "a private network of two hosts can be made, without root; its wire is "+l.Wire, l.Full))
	}
	fs = append(fs, confinement(l))
	if l.Asked != "" {
		fs[0].Found += " (SOCKETS_LEVEL=" + l.Asked + ")"
	}
	return fs
}

// confinement says how a student's program can be held.
func confinement(l agent.Levels) Finding {
	f := Finding{Name: "cage", OK: l.CageLevel().Confined(), Found: "level " + string(l.CageLevel()) + ": "}
	switch l.CageLevel() {
	case cage.LevelA:
		f.Found += "students' programs are confined, and their memory is limited together"
	case cage.LevelB:
		f.Found += "students' programs are confined; their memory is limited for each process only"
	case cage.LevelC:
		f.Found += "students' programs can't reach files or processes that are not theirs, but the network: grade your own, or with --allow-sandbox=C"
		f.Remedy = remedy(l)
	default:
		f.Found += "students' programs can't be confined: grade your own only"
		f.Remedy = remedy(l)
	}
	return f
}

// remedy is what stands in the way of a better cage.
func remedy(l agent.Levels) string {
	if l.Cage == nil {
		return "unset SOCKETS_LEVEL, which leaves no private network to confine them to"
	}
	return l.Cage.Error()
}

// finding is about something that works unless err says why not; the errors of
// probes say what would help after a semicolon.
func finding(name, works string, err error) Finding {
	if err == nil {
		return Finding{Name: name, OK: true, Found: works}
	}
	what, remedy, _ := strings.Cut(err.Error(), "; ")
	return Finding{Name: name, Found: what, Remedy: remedy}
}

func goCommand(ctx context.Context, root string) Finding {
	f := Finding{Name: "go", Needed: true, Remedy: "install Go from go.dev/dl and put it on the PATH; go.mod names the oldest release that will do"}
	end, err := process.Run(ctx, process.Command{
		Path: "go", Args: []string{"list", "-e", "-deps", "-f", "{{if .Error}}{{.Error}}{{end}}", "./lessons/..."},
		Dir: root, Env: os.Environ(), Limit: time.Minute,
	})
	if err != nil {
		f.Found = err.Error()
		return f
	}
	complaint := strings.TrimSpace(string(end.Stdout) + string(end.Stderr))
	if end.Code != 0 || complaint != "" {
		f.Found = "the go command can't load the lessons: " + complaint
		f.Remedy = "the modules of go.mod must be downloaded once: go mod download"
		return f
	}
	f.OK, f.Found = true, runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH+", all modules at hand"
	return f
}

func loopback(ctx context.Context, name, network, addr string, needed bool, remedy string) Finding {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, network, addr)
	if err != nil {
		return Finding{Name: name, Needed: needed, Found: err.Error(), Remedy: remedy}
	}
	_ = ln.Close()
	host, _, _ := net.SplitHostPort(addr)
	return Finding{Name: name, OK: true, Found: host + " takes connections"}
}

func platforms(root string) Finding {
	f := Finding{Name: "lessons", OK: true}
	numbers, err := lesson.Numbers(filepath.Join(root, "lessons"))
	if err != nil {
		return Finding{Name: "lessons", Needed: true, Found: err.Error(), Remedy: "run the command inside a checkout"}
	}
	var elsewhere []string
	for _, n := range numbers {
		if l, _ := lesson.Load(filepath.Join(root, "lessons", n)); l != nil && !l.RunsOn(runtime.GOOS) {
			elsewhere = append(elsewhere, n)
		}
	}
	f.Found = fmt.Sprintf("all %d run on %s", len(numbers), runtime.GOOS)
	if len(elsewhere) > 0 {
		f.OK = false
		f.Found = fmt.Sprintf("%s don't run on %s", strings.Join(elsewhere, ", "), runtime.GOOS)
		f.Remedy = "their pages show the recordings in the tree; to run them, use Linux"
	}
	return f
}

// writable tries to make a file in the folder or, where that is yet to be made,
// in the one above.
func writable(name, dir, remedy string) Finding {
	if _, err := os.Stat(dir); err != nil {
		dir = filepath.Dir(dir)
	}
	tmp, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return Finding{Name: name, Found: err.Error(), Remedy: remedy}
	}
	_ = tmp.Close()
	os.Remove(tmp.Name())
	return Finding{Name: name, OK: true, Found: "can be written"}
}

// chromium is only needed by the tests of the pages.
func chromium() Finding {
	for _, name := range []string{"chromium", "google-chrome", "chromium-browser"} {
		for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
			path := filepath.Join(dir, name)
			if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
				return Finding{Name: "Chromium", OK: true, Found: path}
			}
		}
	}
	return Finding{Name: "Chromium", Found: "not found", Remedy: "only the tests of the pages need it, and skip without: apt-get install chromium"}
}
