package report

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

// A format is a rendering of one report.
type format struct {
	name    string
	student bool // is read by the student
	write   func(io.Writer, Report) error
}

var handedIn = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

var formats = []format{
	{"report.txt", false, Text},
	{"gradescope.json", false, Gradescope},
	{"exercism.json", true, Exercism},
	{"junit.xml", false, func(w io.Writer, r Report) error { return JUnit(w, r) }},
	{"classroom50.json", true, func(w io.Writer, r Report) error {
		return Classroom50{
			Classroom: "sockets-26", Assignment: r.Exercise.Name, AssignmentType: "individual", Owner: r.Submission,
			Submission: "submit/3", Commit: "https://git.test/c", Release: "https://git.test/r", Review: "https://git.test/v",
			Handed: handedIn, Username: r.Submission, UserID: 7,
		}.Write(w, r)
	}},
	{"classroom.json", true, Classroom},
	{"classroom-step.txt", true, ClassroomStep},
	{"tap.txt", false, TAP},
	{"gradebook.csv", false, CSV},
	{"handback.html", true, func(w io.Writer, r Report) error { return Handback(w, r, "report.css", "") }},
	{"student.html", true, func(w io.Writer, r Report) error { return Page(w, r, "report.css") }},
	{"terminal.txt", false, Terminal{Width: 80}.Write},
	{"overview.html", false, func(w io.Writer, r Report) error {
		return Overview(w, Class{Name: r.Submission, Exercises: []Exercise{r.Exercise}, Reports: []Report{r}}, "report.css", nil)
	}},
}

func render(tb testing.TB, f format, r Report) string {
	tb.Helper()
	var b bytes.Buffer
	if err := f.write(&b, r); err != nil {
		tb.Fatalf("%s: %v", f.name, err)
	}
	return b.String()
}

// exercise is the one that all samples are of.
func exercise() Exercise {
	return Exercise{Number: "05", Name: "linereader", Checks: []Check{
		{Name: "whole", Description: "A line that comes in one segment is one line.", Points: 1, Code: "c.Send(\"hi\\n\")"},
		{Name: "drip", Description: "A line that comes byte by byte is one line.", Points: 2},
		{Name: "limit", Description: "A line of max + 1 bytes is an error.", Points: 2, Hidden: true},
	}}
}

func sample(outcomes map[string]Outcome) Report {
	return Report{
		Exercise: exercise(), Submission: "ada", Seed: 42, Level: LevelB,
		Graded: time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC), Outcomes: outcomes,
	}
}

func passed() map[string]Outcome {
	return map[string]Outcome{
		"whole": {Verdict: Pass, Duration: 4200 * time.Microsecond},
		"drip":  {Verdict: Pass, Duration: 51 * time.Millisecond},
		"limit": {Verdict: Pass},
	}
}

func samples() map[string]Report {
	all := map[string]Report{"pass": sample(passed())}

	failed := passed()
	failed["drip"] = Outcome{
		Verdict: Timeout, Duration: 2 * time.Second,
		Message: "We sent a line of 8 bytes, one byte a segment, and waited 2 s for its length; 2 bytes came.",
		Conversation: Conversation{
			{At: 0, Note: "we dialled 192.0.2.10:8080"},
			{At: 100 * time.Microsecond, Till: 1200 * time.Microsecond, Who: We, Bytes: []byte("goodbye\n"), Pieces: 8},
			{At: 1500 * time.Microsecond, Who: Program, Bytes: []byte("1\n")},
			{At: 2 * time.Second, Note: "nothing more came before the deadline"},
		},
		Wanted: []byte("7\n"), Came: []byte("1\n"),
		Diff:    "  string(\n- \t\"7\\n\",\n+ \t\"1\\n\",\n  )\n",
		Waiting: []Place{{File: "main.go", Line: 31, Func: "serve", Code: "\tn, err := conn.Read(buf)", Call: "read"}},
		XRay:    []string{"main.go:31 read(7, 4096) = 1", "main.go:34 write(7, \"1\\n\", 2) = 2", "main.go:31 read(7, 4096) ..."},
		Output:  "listening 192.0.2.10:8080\n",
		Hints:   []string{"One read is not one line: keep reading until the newline."},
		Locked:  1,
	}
	failed["limit"] = Outcome{Verdict: Fail, Message: "secret message", Hints: []string{"secret hint"}, Locked: 1, Output: "secret output"}
	all["fail"] = sample(failed)

	broken := sample(nil)
	broken.Build = "./main.go:9:2: undefined: conn\n./main.go:12:1: missing return\n"
	broken.Level = ""
	all["build-error"] = broken

	fault := sample(map[string]Outcome{"whole": {Verdict: Pass}})
	fault.Fault = "no namespaces: clone: operation not permitted"
	all["fault"] = fault

	flaky := passed()
	flaky["drip"] = Outcome{Verdict: Flaky, Message: "With seed 42 it passed once and timed out once."}
	flaky["whole"] = Outcome{Verdict: Crash, Output: "panic: runtime error: index out of range [0] with length 0\n"}
	all["flaky"] = sample(flaky)

	all["not-run"] = sample(nil)
	all["nothing"] = Report{Exercise: Exercise{Number: "05", Name: "linereader"}, Submission: "ada"}
	all["hostile"] = hostile()
	return all
}

// evil is text that breaks out of something in each format.
var evil = strings.Join([]string{
	"\x1b[2J\x1b]0;title\x07\x9b31m", "]]></failure><testcase name='forged'/>", "\"><script>alert(1)</script>",
	"</pre><img src=x onerror=alert(1)>", "=HYPERLINK(\"http://evil.test\")", "ok 9 - forged # SKIP",
	"\r\nok 10 - forged\r\n  ...\n", "\x00\x01\xff\xfe", "\u202egnp.exe\u2066", "javascript:alert(1)", "{{.}}", "\u2028\u2029\ufeff",
	"result=Zm9yZ2Vk\n::set-output name=x::y", "-- forged.txt --\n", "\n  passed\n", "'; DROP TABLE students; --",
}, "\n")

// hostile has evil in every field a student or their program can write.
func hostile() Report {
	r := sample(nil)
	r.Submission = "=1+1" + evil
	r.Outcomes = map[string]Outcome{"whole": evilOutcome(evil), "drip": evilOutcome(evil), "limit": evilOutcome(evil)}
	return r
}

func evilOutcome(text string) Outcome {
	return Outcome{
		Verdict: Fail, Message: text, Diff: text, Output: text, Hints: []string{text, text}, XRay: []string{text, text},
		Wanted: []byte(text), Came: []byte(text),
		Waiting: []Place{{File: text, Line: 3, Func: text, Code: text, Call: text}},
		Conversation: Conversation{
			{Who: We, Bytes: []byte(text), Note: text},
			{Who: Program, Bytes: []byte(text), Peer: text},
			{Note: text},
			{Who: Who(text), Bytes: []byte(text)},
		},
	}
}
