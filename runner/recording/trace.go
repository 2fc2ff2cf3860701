package recording

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Go program that panics or can't go on prints the stacks of its goroutines:
//
//	goroutine 18 [chan receive, 2 minutes]:
//	main.serve({0x4f1c40, 0xc000012345})
//		/home/you/sockets/lessons/09/main.go:31 +0x1d
//	net/http.(*conn).serve(0xc0001)
//		net/http/server.go:2102 +0x62c
//	created by main.main in goroutine 1
//		/home/you/sockets/lessons/09/main.go:12 +0x9a
//
// What differs from run to run and from machine to machine is left out, with
// the frames of others' code and the goroutines that have no others:
//
//	goroutine N [chan receive]:
//	main.serve(...)
//		main.go:31
//	created by main.main
//		main.go:12
//
// Goroutine 1, which runs main, keeps its number. A second pass finds nothing
// to leave out.
var (
	traceHead    = regexp.MustCompile(`^goroutine (\d+|N)(?: gp=\S+)?(?: m=\S+)?(?: mp=\S+)? \[([^\]]*)\]:\n?$`)
	traceRuntime = regexp.MustCompile(`^runtime stack:\n?$`)
	traceCall    = regexp.MustCompile(`^([^\s(].*)\(([^()]*)\)\n?$`)
	traceCreated = regexp.MustCompile(`^created by (\S+)(?: in goroutine \d+)?\n?$`)
	traceFile    = regexp.MustCompile(`^\t(\S.*\.(?:go|s)):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=.*)?\n?$`)
	traceSkip    = regexp.MustCompile(`^(?:\tgoroutine running on other thread|\.\.\.).*\n?$`)

	minutes  = regexp.MustCompile(`, \d+ minutes`)
	fault    = regexp.MustCompile(`^(\[signal SIG[A-Z0-9]+: [^\]]*?) code=0x[0-9a-f]+ addr=0x[0-9a-f]+ pc=0x[0-9a-f]+\]`)
	panicked = regexp.MustCompile(`^(\t*panic: \(.*\) )0x[0-9a-f]+`)
	register = regexp.MustCompile(`^(?:[a-z][a-z0-9]{1,6} +0x[0-9a-f]+|PC=0x[0-9a-f]+ m=.*)\n?$`)

	// ours is the form that a file of the lesson has in a stored recording.
	ours = regexp.MustCompile(`^(?:pitfalls/[^/]+/)?[^/\\<>]+\.go$`)
)

// A stack is one goroutine's part of a trace.
type stack struct {
	head   string // with what varies left out; empty if it is not a goroutine's
	frames []frame
	lines  int // of text that it takes
}

// A frame is two lines of a stack, from the innermost call outwards; the last
// may be that of the statement that started the goroutine.
type frame struct {
	at      int // number of its first line in the stack
	call    string
	fn      string // "main.(*conn).Read"
	file    string // relative to the lesson; empty if it is not the lesson's
	line    string
	created bool
}

// parseStack reads the stack that starts with the first of the lines.
func parseStack(lines, dirs []string) (s stack, ok bool) {
	switch m := traceHead.FindStringSubmatch(lines[0]); {
	case m != nil:
		number := m[1]
		if number != "1" {
			number = "N"
		}
		s.head = "goroutine " + number + " [" + minutes.ReplaceAllString(m[2], "") + "]:"
	case !traceRuntime.MatchString(lines[0]):
		return s, false
	}
	i := 1
	for i < len(lines) {
		if traceSkip.MatchString(lines[i]) {
			i++
			continue
		}
		if i+1 == len(lines) {
			break
		}
		f, ok := parseFrame(lines[i], lines[i+1], dirs)
		if !ok {
			break
		}
		f.at = i
		s.frames = append(s.frames, f)
		i += 2
	}
	s.lines = i
	return s, true
}

func parseFrame(call, place string, dirs []string) (f frame, ok bool) {
	at := traceFile.FindStringSubmatch(place)
	if at == nil {
		return f, false
	}
	f.line = at[2]
	for _, dir := range dirs {
		if rel, ok := strings.CutPrefix(at[1], strings.TrimSuffix(dir, "/")+"/"); ok {
			f.file = rel
		}
	}
	if f.file == "" && ours.MatchString(at[1]) {
		f.file = at[1]
	}
	if m := traceCreated.FindStringSubmatch(call); m != nil {
		f.call, f.fn, f.created = "created by "+m[1], m[1], true
		return f, true
	}
	m := traceCall.FindStringSubmatch(call)
	if m == nil {
		return f, false
	}
	f.fn = m[1]
	f.call = m[1] + "()"
	if m[2] != "" {
		f.call = m[1] + "(...)"
	}
	return f, true
}

// maxPasses is how often traces are shortened, more than they ever need.
const maxPasses = 8

// shortenTraces leaves out of each stream's traces what varies.
func (r *Recording) shortenTraces(dirs []string) {
	for _, stream := range []string{Stdout, Stderr} {
		// Leaving out lines may join others to a stack; a program that means harm
		// could have it done again and again.
		for range maxPasses {
			if !r.shortenOnce(stream, dirs) {
				break
			}
		}
	}
	r.Events = slices.DeleteFunc(r.Events, func(e Event) bool { return e.Output != nil && e.Output.Text == "" })
}

// shortenOnce reports whether it changed anything.
func (r *Recording) shortenOnce(stream string, dirs []string) (changed bool) {
	var lines []string
	var from []*Output // of each line
	for _, e := range r.Events {
		if e.Output == nil || e.Output.Stream != stream {
			continue
		}
		for line := range strings.Lines(e.Output.Text) {
			lines, from = append(lines, line), append(from, e.Output)
		}
	}
	short := shorten(lines, dirs)
	if slices.Equal(lines, short) {
		return false
	}
	var text strings.Builder
	for i, o := range from {
		text.WriteString(short[i])
		if i+1 == len(from) || from[i+1] != o {
			o.Text = text.String()
			text.Reset()
		}
	}
	return true
}

// shorten gives for each line what is to be left of it.
func shorten(lines, dirs []string) []string {
	short := slices.Clone(lines)
	put := func(i int, text string) {
		if strings.HasSuffix(lines[i], "\n") {
			text += "\n"
		}
		short[i] = text
	}
	crashed := false // the registers come after the stacks, if at all
	for i := 0; i < len(lines); i++ {
		s, ok := parseStack(lines[i:], dirs)
		if !ok {
			short[i] = fault.ReplaceAllString(panicked.ReplaceAllString(lines[i], "${1}0x..."), "$1]")
			if crashed && register.MatchString(lines[i]) {
				short[i] = ""
			}
			continue
		}
		crashed = true
		clear(short[i : i+s.lines])
		any := false
		for _, f := range s.frames {
			if f.file == "" {
				continue
			}
			any = true
			put(i+f.at, f.call)
			put(i+f.at+1, "\t"+f.file+":"+f.line)
		}
		end := i + s.lines
		switch {
		case any && s.head != "":
			put(i, s.head)
		case end < len(lines) && lines[end] == "\n":
			short[end] = "" // the blank line between it and the next
			end++
		}
		i = end - 1
	}
	return short
}

// quit starts what a Go program prints upon SIGQUIT.
const quit = "SIGQUIT: quit\nPC="

// CutDump splits the text that a program wrote to stderr into its own and the
// dump of goroutines it printed upon SIGQUIT, if there is one.
func CutDump(stderr string) (own, dump string) {
	i := strings.LastIndex(stderr, quit)
	if i < 0 {
		return stderr, ""
	}
	return stderr[:i], stderr[i:]
}

// CutDump takes the dump of goroutines that the program printed upon SIGQUIT
// out of the recording's output, and gives it.
func (r *Recording) CutDump() string {
	own, dump := CutDump(r.Printed(Stderr))
	left := len(own)
	r.Events = slices.DeleteFunc(r.Events, func(e Event) bool {
		if e.Output == nil || e.Output.Stream != Stderr {
			return false
		}
		e.Output.Text = e.Output.Text[:min(left, len(e.Output.Text))]
		left -= len(e.Output.Text)
		return e.Output.Text == ""
	})
	return dump
}

// Waiting is the lines at which the goroutines of a dump stand, in order and
// each once: of each goroutine the innermost line of a file in dirs. Goroutines
// that have none are left out.
func Waiting(dump string, dirs ...string) []Place {
	var places []Place
	lines := slices.Collect(strings.Lines(dump))
	for i := 0; i < len(lines); i++ {
		s, ok := parseStack(lines[i:], dirs)
		if !ok {
			continue
		}
		i += s.lines - 1
		at := slices.IndexFunc(s.frames, func(f frame) bool { return f.file != "" && !f.created })
		if at < 0 {
			continue
		}
		f := s.frames[at]
		if line, err := strconv.Atoi(f.line); err == nil {
			places = append(places, Place{File: f.file, Line: line, Func: Declared(f.fn)})
		}
	}
	slices.SortFunc(places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Func, b.Func))
	})
	return slices.Compact(places)
}

var literal = regexp.MustCompile(`\.(?:func|gowrap|deferwrap)\d.*$`)

// Declared is the declaration that a function of a trace stands in, as package
// source calls it: "conn.Read" for main.(*conn).Read.func1.
func Declared(fn string) string {
	fn = strings.TrimPrefix(fn, "main.")
	fn = literal.ReplaceAllString(fn, "")
	fn = strings.ReplaceAll(fn, "[...]", "")
	return strings.NewReplacer("(*", "", ")", "").Replace(fn)
}
