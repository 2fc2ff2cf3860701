package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestFormats reads every rendering of every sample as its specification has it.
func TestFormats(t *testing.T) {
	for name, r := range samples() {
		for _, f := range formats {
			t.Run(name+"/"+f.name, func(t *testing.T) {
				passes, err := decoders[f.name](render(t, f, r))
				if err != nil {
					t.Fatal(err)
				}
				if want := r.Verdict() == Pass; passes != want {
					t.Errorf("reads as a pass: %t, want %t (verdict %s)", passes, want, r.Verdict())
				}
			})
		}
	}
}

// TestNothingElsePasses goes through every combination of three verdicts, of
// what can be wrong with the whole report, and of missing outcomes: nothing
// reads as a pass in any format but three passes in a sound report.
func TestNothingElsePasses(t *testing.T) {
	spoilers := map[string]func(*Report){
		"sound":            func(*Report) {},
		"fault":            func(r *Report) { r.Fault = "no network" },
		"build":            func(r *Report) { r.Build = "main.go:1:1: no" },
		"stopped":          func(r *Report) { r.Truncated = true },
		"missing":          func(r *Report) { delete(r.Outcomes, "limit") },
		"of another check": func(r *Report) { r.Outcomes["else"] = Outcome{Verdict: Pass} },
		"twice":            func(r *Report) { r.Exercise.Checks = append(r.Exercise.Checks, r.Exercise.Checks[0]) },
		"negative":         func(r *Report) { r.Exercise.Checks[0].Points = -1 },
		"level":            func(r *Report) { r.Level = "E" },
		"no checks":        func(r *Report) { r.Exercise.Checks, r.Outcomes = nil, nil },
	}
	all := []Verdict{NotRun, Pass, Fail, Timeout, Crash, BuildError, Error, Flaky, Verdict(len(verdicts)), -1}
	passes := 0
	for spoiler, spoil := range spoilers {
		for _, a := range all {
			for _, b := range all {
				r := sample(map[string]Outcome{"whole": {Verdict: a}, "drip": {Verdict: b}, "limit": {Verdict: Pass}})
				spoil(&r)
				want := spoiler == "sound" && a == Pass && b == Pass
				if got := r.Verdict() == Pass; got != want {
					t.Fatalf("%s, %s and %s: Verdict() = %s", spoiler, a, b, r.Verdict())
				}
				if want {
					passes++
				}
				for _, f := range formats {
					got, err := decoders[f.name](render(t, f, r))
					if err != nil {
						t.Fatalf("%s, %s and %s in %s: %v", spoiler, a, b, f.name, err)
					}
					if got != want {
						t.Errorf("%s, %s and %s reads as a pass in %s", spoiler, a, b, f.name)
					}
				}
			}
		}
	}
	if passes != 1 {
		t.Errorf("%d combinations pass, want 1", passes)
	}
}

func TestZeroIsNotRun(t *testing.T) {
	var v Verdict
	var r Report
	if v != NotRun || r.Verdict() == Pass || r.Score().Final {
		t.Errorf("zero verdict %s, zero report %s, final %t", v, r.Verdict(), r.Score().Final)
	}
	for i, row := range sample(nil).Rows() {
		if row.Verdict != NotRun {
			t.Errorf("row %d without an outcome is %s, want not run", i, row.Verdict)
		}
	}
}

func TestVerdictText(t *testing.T) {
	for i, want := range verdicts {
		b, err := Verdict(i).MarshalText()
		var back Verdict = -1
		if err != nil || string(b) != want || back.UnmarshalText(b) != nil || back != Verdict(i) {
			t.Errorf("%d: MarshalText() = %q, %v; back %d", i, b, err, back)
		}
	}
	var v Verdict
	for _, text := range []string{"", "PASS", "passed", "pass ", "verdict 1"} {
		if err := v.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("UnmarshalText(%q) = nil, want an error", text)
		}
	}
	if _, err := Verdict(8).MarshalText(); err == nil {
		t.Error("a verdict that does not exist marshals")
	}
}

// TestScores has the sums of every sample.
func TestScores(t *testing.T) {
	want := map[string]string{
		"pass":        "pass: 3 of 3 checks, 5 of 5 points; sandbox level B; seed 42",
		"fail":        "timeout: 1 of 3 checks, 1 of 5 points; sandbox level B; seed 42",
		"build-error": "build error: 0 of 3 checks, 0 of 5 points; seed 42",
		"fault":       "error: 1 of 3 checks, 1 of 5 points, not final; sandbox level B; seed 42",
		"flaky":       "crash: 1 of 3 checks, 2 of 5 points; sandbox level B; seed 42",
		"not-run":     "not run: 0 of 3 checks, 0 of 5 points, not final; sandbox level B; seed 42",
		"nothing":     "not run: 0 of 0 checks, 0 of 0 points, not final; seed 0",
		"hostile":     "fail: 0 of 3 checks, 0 of 5 points; sandbox level B; seed 42",
	}
	got := map[string]string{}
	for name, r := range samples() {
		got[name] = r.Summary()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summaries (-want +got):\n%s", diff)
	}
}

// TestHiddenStaysHidden has what a hidden check does in every field, and looks
// for it in all that a student reads.
func TestHiddenStaysHidden(t *testing.T) {
	r := sample(passed())
	const secret = "s3cr3t"
	o := evilOutcome(secret)
	r.Exercise.Checks[2].Description = secret
	r.Exercise.Checks[2].Code = secret
	for _, v := range []Verdict{Pass, Fail, Timeout, Error, NotRun} {
		o.Verdict = v
		r.Outcomes["limit"] = o
		for _, f := range formats {
			text := render(t, f, r)
			if f.name == "classroom-step.txt" {
				continue // base64 of classroom.json
			}
			if f.student && strings.Contains(text, secret) {
				t.Errorf("%s tells a student what the hidden check does (verdict %s)", f.name, v)
			}
			if f.student && f.name != "overview.html" && !strings.Contains(text, "limit") {
				t.Errorf("%s does not name the hidden check", f.name)
			}
		}
		if text := render(t, formats[1], r); !strings.Contains(text, `"visibility": "hidden"`) {
			t.Errorf("Gradescope shows the hidden check")
		}
	}
}

// TestStored reads back what was stored: the same report, and the same in every
// format, also where it held what JSON can't.
func TestStored(t *testing.T) {
	for name, r := range samples() {
		var b bytes.Buffer
		if err := Encode(&b, r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		back, err := Decode(b.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if name != "hostile" {
			if diff := cmp.Diff(r, back, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		for _, f := range formats {
			if diff := cmp.Diff(render(t, f, r), render(t, f, back)); diff != "" {
				t.Errorf("%s: %s from the store differs (-want +got):\n%s", name, f.name, diff)
			}
		}
		var again bytes.Buffer
		if err := Encode(&again, back); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Errorf("%s: stored twice: %v\n%s", name, err, cmp.Diff(b.String(), again.String()))
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	var b bytes.Buffer
	if err := Encode(&b, samples()["pass"]); err != nil {
		t.Fatal(err)
	}
	good := b.String()
	for name, bad := range map[string]string{
		"another schema":   strings.Replace(good, "report/v1", "report/v2", 1),
		"an unknown field": strings.Replace(good, `"seed"`, `"sead"`, 1),
		"a second value":   good + "{}",
		"half of it":       good[:len(good)/2],
		"a verdict":        strings.Replace(good, `"verdict": "pass"`, `"verdict": "passed"`, 1),
		"another check":    strings.Replace(good, `"drip": {`, `"dripp": {`, 1),
		"nothing":          "",
	} {
		if _, err := Decode([]byte(bad)); err == nil {
			t.Errorf("Decode takes %s", name)
		}
	}
	if err := Encode(&b, Report{Level: "Z"}); err == nil {
		t.Error("Encode takes a report that is not valid")
	}
}

// TestFailureReads has the parts of a failure in the order in which it is
// understood.
func TestFailureReads(t *testing.T) {
	text := render(t, formats[0], samples()["fail"])
	at := -1
	for _, part := range []string{
		"We sent a line of 8 bytes", "the conversation so far:", "we dialled", "67 6f 6f 64 62 79 65 0a", "came 2 bytes",
		"wanted 2 bytes, came 2 bytes; the difference (-wanted +came)", "the program was waiting at", "main.go:31 in serve", "its last calls", "it printed", "hint: ",
	} {
		next := strings.Index(text[max(at, 0):], part)
		if next < 0 {
			t.Fatalf("%q is missing or too early in:\n%s", part, text)
		}
		at = max(at, 0) + next
	}
}

func TestLongConversation(t *testing.T) {
	var c Conversation
	for i := range 1000 {
		c = append(c, Turn{At: time.Duration(i) * time.Millisecond, Who: We, Bytes: []byte{byte(i)}})
	}
	shown := c.shown()
	if len(shown) != maxTurns+1 || shown[maxTurns/2].skipped != 1000-maxTurns || shown[maxTurns].At != 999*time.Millisecond {
		t.Errorf("%d turns shown, %d skipped, the last at %s", len(shown), shown[maxTurns/2].skipped, shown[maxTurns].At)
	}
	c[500] = Turn{Left: 9000}
	if shown := c.shown(); shown[maxTurns/2].skipped != 9999-maxTurns || c[500].What() != "9,000 turns were not kept" {
		t.Errorf("%d turns skipped, 9,000 of which were not kept; and it says %q", shown[maxTurns/2].skipped, c[500].What())
	}
	text := Turn{Who: Program, Bytes: make([]byte, 300), Size: 5_000_000}.What()
	if text != "came 5,000,000 bytes" {
		t.Errorf("What() = %q", text)
	}
	rows := strings.Count(hexdump(make([]byte, 300), 5_000_000), "\n")
	if rows != hexRows+1 {
		t.Errorf("hexdump of 5 MB has %d lines, want %d", rows, hexRows+1)
	}
}

// TestTogether: two clients at once are one conversation, in the order of time.
func TestTogether(t *testing.T) {
	a := Conversation{{At: 1, Who: We, Bytes: []byte("x")}, {At: 4, Who: Program, Bytes: []byte("x")}}
	b := Conversation{{At: 2, Who: We, Bytes: []byte("yy")}, {At: 3, Note: "we closed"}}
	var got []string
	for _, turn := range Together(a.Named("a"), b.Named("b")) {
		got = append(got, turn.What())
	}
	want := []string{"a: we sent 1 byte", "b: we sent 2 bytes", "b: we closed", "a: came 1 byte"}
	if diff := cmp.Diff(want, got); diff != "" || a[0].Peer != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}

func TestForStudentLeavesTheOriginal(t *testing.T) {
	r := samples()["fail"]
	_ = r.ForStudent()
	if diff := cmp.Diff(samples()["fail"], r); diff != "" {
		t.Errorf("ForStudent changed its receiver (-want +got):\n%s", diff)
	}
}

func TestJUnitOfMany(t *testing.T) {
	var b bytes.Buffer
	if err := JUnit(&b, samples()["pass"], samples()["fail"], samples()["nothing"]); err != nil {
		t.Fatal(err)
	}
	passes, err := decodeJUnit(b.String())
	if err != nil || passes {
		t.Errorf("passes %t, error %v; want neither", passes, err)
	}
	if n := strings.Count(b.String(), "<testsuite "); n != 3 {
		t.Errorf("%d suites, want 3", n)
	}
}

// TestEveryVerdictSaysSomething: none but pass may be shown without a sentence.
func TestEveryVerdictSaysSomething(t *testing.T) {
	var seen []string
	for i := range verdicts {
		about := Verdict(i).about()
		if (about == "") != (Verdict(i) == Pass) || slices.Contains(seen, about) {
			t.Errorf("%s says %q", Verdict(i), about)
		}
		seen = append(seen, about)
	}
}
