package serve

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sockets/runner/tier"
)

// TestManySaves saves 1,000 times as fast as it can, in place and by renaming:
// the last one is shown, and the site was never made of half a file.
func TestManySaves(t *testing.T) {
	root := course(t)
	s := start(t, root)
	c := enter(t, s)
	file := filepath.Join(root, "lessons/01/lesson.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		now := strings.Replace(string(text), "## The program", fmt.Sprintf("Save number %d.\n\n## The program", i), 1)
		to := file
		if i%2 == 0 {
			to = file + "~"
		}
		err := os.WriteFile(to, []byte(now), 0o644)
		if err == nil && to != file {
			err = os.Rename(to, file)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the last save", func() bool {
		_, page := c.get("01/")
		return strings.Contains(page, "Save number 999.")
	})
	until(t, "that all is well", func() bool { return s.state().State == Good })
}

// TestVanishes takes the lessons away and brings them back: the last good site
// stays meanwhile, and says what is wrong.
func TestVanishes(t *testing.T) {
	root := course(t)
	s := start(t, root)
	c := enter(t, s)
	until(t, "the site", func() bool { return s.state().State == Good })
	from, to := filepath.Join(root, "lessons"), filepath.Join(root, "away")
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
	until(t, "a word about it", func() bool { st := s.state(); return st.State == Bad && len(st.Problems) > 0 })
	if code, page := c.get("01/"); code != 200 || !strings.Contains(page, "A specimen") {
		t.Errorf("the last good version: %d", code)
	}
	if err := os.Rename(to, from); err != nil {
		t.Fatal(err)
	}
	until(t, "the site", func() bool { return s.state().State == Good })
	edit(t, filepath.Join(from, "01/lesson.md"), "## The program", "Back again.\n\n## The program")
	until(t, "an edit in the folder that came back", func() bool {
		_, page := c.get("01/")
		return strings.Contains(page, "Back again.")
	})
}

// runs is a checkout whose lessons run here: the specimen of the runner's tests.
func runs(tb testing.TB) string {
	tb.Helper()
	root := tb.TempDir()
	if err := os.CopyFS(root, os.DirFS("../testdata/course")); err != nil {
		tb.Fatal(err)
	}
	return root
}

// hanging is a checkout with a lesson whose program would run for a minute, and
// that program's name, which nobody else runs.
func hanging(tb testing.TB) (root, name string) {
	tb.Helper()
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		tier.Lacks(tb, err.Error())
	}
	root = runs(tb)
	name = fmt.Sprintf("hang%d", os.Getpid())
	if err := os.Rename(filepath.Join(root, "lessons/01/pitfalls/hang"), filepath.Join(root, "lessons/01/pitfalls", name)); err != nil {
		tb.Fatal(err)
	}
	edit(tb, filepath.Join(root, "lessons/01/lesson.md"), "pitfalls/hang\n    expect: {deadline: 500ms}", "pitfalls/"+name+"\n    expect: {deadline: 1m}")
	edit(tb, filepath.Join(root, "lessons/01/lesson.md"), "(pitfalls/hang/", "(pitfalls/"+name+"/")
	return root, name
}

// interrupt serves the checkout, ends the server while the program runs, and gives
// the time from that to the end of both.
func interrupt(tb testing.TB, root, name string) time.Duration {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	defer cancel()
	s, err := Listen(ctx, Config{Root: root, Addr: "127.0.0.1:0", Log: tb.Output()})
	if err != nil {
		tb.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	until(tb, "a program that hangs", func() bool { return len(children(name)) > 0 })
	cancel()
	start := time.Now()
	select {
	case err := <-ended:
		if err != nil {
			tb.Error(err)
		}
	case <-time.After(patient):
		tb.Fatal("serve did not end")
	}
	took := time.Since(start)
	if left := children(name); len(left) > 0 {
		tb.Errorf("left behind: %v", left)
	}
	return took
}

// TestInterrupted ends the server while a program runs that would run on for
// long: it is over at once, and so is the program. BenchmarkInterrupt has the time.
func TestInterrupted(t *testing.T) {
	root, name := hanging(t)
	if took := interrupt(t, root, name); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

// children are the processes that run a program of that name.
func children(name string) (found []string) {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range all {
		line, err := os.ReadFile(path)
		program, _, _ := strings.Cut(string(line), "\x00")
		if err == nil && filepath.Base(program) == name {
			found = append(found, path+" "+program)
		}
	}
	return found
}

// TestSoak makes the site 200 times, every tenth time of a program that must run
// again: no goroutine, descriptor or process more than after the first few.
func TestSoak(t *testing.T) {
	tier.Long(t)
	root := runs(t)
	s := start(t, root, func(c *Config) { c.Replay = false })
	c := enter(t, s)
	until(t, "the site", func() bool { return s.state().State == Good })
	prose, code := filepath.Join(root, "lessons/02/lesson.md"), filepath.Join(root, "lessons/02/main.go")
	edit(t, prose, "## The program", "Round 0 of it.\n\n## The program")
	edit(t, code, `"lines"`, `"Round 0 of it."`)
	var before leftovers
	for i := 1; i <= 200; i++ {
		was, now := fmt.Sprintf("Round %d of it.", i-1), fmt.Sprintf("Round %d of it.", i)
		want := 1
		edit(t, prose, was, now)
		if i%10 == 0 {
			edit(t, code, fmt.Sprintf("Round %d of it.", i-10), now)
			want = 3 // in the program, and in what it printed
		}
		until(t, now, func() bool {
			_, page := c.get("02/")
			return strings.Count(page, now) >= want
		})
		if i == 20 {
			until(t, "the site", func() bool { return s.state().State == Good })
			before = look(t)
		}
	}
	until(t, "as little as before", func() bool {
		now := look(t)
		return now.goroutines <= before.goroutines+2 && now.files <= before.files+2 && now.processes <= before.processes
	})
}

// leftovers are what this process could leak.
type leftovers struct{ goroutines, files, processes int }

func look(t *testing.T) leftovers {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		tier.Lacks(t, err.Error())
	}
	l := leftovers{goroutines: runtime.NumGoroutine(), files: len(fds)}
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, after, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(after); len(fields) > 1 && fields[1] == fmt.Sprint(os.Getpid()) {
			l.processes++
		}
	}
	return l
}
