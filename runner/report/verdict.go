package report

import "fmt"

// A Verdict is what a check, or a whole report, came to. The zero value is
// [NotRun], so that what nobody judged is never a pass.
type Verdict int

// The verdicts.
const (
	NotRun     Verdict = iota // nobody judged it
	Pass                      // the peer saw what it must see
	Fail                      // it saw something else
	Timeout                   // it saw nothing in time
	Crash                     // the program ended by a panic or a signal
	BuildError                // the program could not be built
	Error                     // our side failed; says nothing of the program
	Flaky                     // with the same seed it passed once and failed once
)

var verdicts = [...]string{
	NotRun: "not run", Pass: "pass", Fail: "fail", Timeout: "timeout",
	Crash: "crash", BuildError: "build error", Error: "error", Flaky: "flaky",
}

func (v Verdict) known() bool { return v >= 0 && int(v) < len(verdicts) }

// String is the verdict as people read it.
func (v Verdict) String() string {
	if !v.known() {
		return fmt.Sprintf("verdict %d", int(v))
	}
	return verdicts[v]
}

// MarshalText fails for a verdict that does not exist.
func (v Verdict) MarshalText() ([]byte, error) {
	if !v.known() {
		return nil, fmt.Errorf("verdict %d does not exist", int(v))
	}
	return []byte(verdicts[v]), nil
}

// UnmarshalText knows the texts that String gives, and no others.
func (v *Verdict) UnmarshalText(b []byte) error {
	for i, text := range verdicts {
		if string(b) == text {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("verdict %q does not exist", b)
}

// Ran reports whether the program itself was judged: not when it was not run,
// and not when our side failed.
func (v Verdict) Ran() bool { return v != NotRun && v != Error && v.known() }

// Counts reports whether the verdict tells a teacher something about the
// program, so that statistics may use it.
func (v Verdict) Counts() bool { return v.Ran() && v != BuildError }

// about is one sentence for each verdict but pass, for rows that have no
// message of their own.
func (v Verdict) about() string {
	switch v {
	case NotRun:
		return "This check was not run."
	case Fail:
		return "The peer saw something else than it must see."
	case Timeout:
		return "The deadline passed before the peer saw what it must see."
	case Crash:
		return "The program ended by a panic or a signal."
	case BuildError:
		return "The program could not be built, so this check could not run."
	case Error:
		return "The grader failed here, not your program; ask for it to be graded again."
	case Flaky:
		return "Run twice with the same seed, this check once passed and once did not."
	default:
		return ""
	}
}
