package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kballard/go-shellquote"

	"sockets/runner/cage"
	"sockets/runner/fault"
	"sockets/runner/lesson"
	"sockets/runner/recording"
	"sockets/runner/run"
)

// What a request may ask for.
const (
	maxBody   = 256 << 10
	maxSource = 64 << 10 // bytes; a lesson has 80 lines
	maxArgs   = 2 << 10  // bytes
	maxFaults = 8
	limit     = 20 * time.Second // for a run of which its lesson does not say how long
)

// A Request is a run that a reader asks for.
type Request struct {
	Page   string // which page asks; one that can't be guessed
	Name   string // what the page calls the run: unique on it
	Run    string // of the lesson's runs or pitfalls', the one that it starts from
	Args   string // of the program, as in a shell; "{web}" stands for the lab's service
	Faults string // of the wire, one a line
	Source string // of main.go, if it was changed
}

// A refusal is why a request can't be met, in a sentence for whoever made it.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(format string, args ...any) error {
	return &refusal{http.StatusUnprocessableEntity, fmt.Sprintf(format, args...)}
}

// read reads the request's body into v.
func read(w http.ResponseWriter, q *http.Request, v any) error {
	body := json.NewDecoder(http.MaxBytesReader(w, q.Body, maxBody))
	body.DisallowUnknownFields()
	err := body.Decode(v)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("a request may have %d bytes", maxBody)}
	case err != nil:
		return &refusal{http.StatusBadRequest, "the request can't be read: " + err.Error()}
	}
	return nil
}

var (
	pageName = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)
	runName  = regexp.MustCompile(`^[a-z0-9-]{1,24}$`)
)

// A plan is a request that can be met.
type plan struct {
	*program
	spec    run.Spec // without a binary
	changed string   // the text of main.go, if it is not the lesson's
	note    string   // on what is not the lesson's, in words
	name    string
}

// plan holds the request to what may be asked for here.
func (r *Room) plan(p *program, q Request) (*plan, error) {
	if !pageName.MatchString(q.Page) || !runName.MatchString(q.Name) {
		return nil, refuse("the page and the run need names")
	}
	base, ok := p.Run(q.Run)
	if !ok {
		return nil, refuse("the lesson has no run %q", q.Run)
	}
	args, err := arguments(q.Args)
	if err != nil {
		return nil, err
	}
	faults, err := faults(q.Faults)
	if err != nil {
		return nil, err
	}
	if r.level != recording.LevelFull {
		if err := p.withoutPocket(args, faults); err != nil {
			return nil, err
		}
	}
	all := *p.Lesson
	if r.level == recording.LevelFull {
		all.Needs = run.Services() // a reader may name any of them
	}
	to := lesson.Run{Name: q.Name, Program: mainFile, Args: args, Wire: faults}
	to.Expect.Deadline = base.Expect.Deadline
	pl := &plan{program: p, spec: run.Spec{Lesson: &all, Run: to, Limit: limit}, name: q.Name, note: note(faults)}
	if q.Source != "" && q.Source != string(p.text) {
		if err := r.mayChange(q.Source); err != nil {
			return nil, err
		}
		pl.changed, pl.spec.Cage = q.Source, new(cage.Limits)
	}
	return pl, nil
}

// mayChange says why a changed text can't be run.
func (r *Room) mayChange(text string) error {
	if r.caged != nil {
		return refuse("a changed program runs in a cage only, and this machine has none: %v", r.caged)
	}
	if len(text) > maxSource {
		return refuse("main.go has %d bytes; here it may have %d", len(text), maxSource)
	}
	return nil
}

func arguments(text string) ([]string, error) {
	if len(text) > maxArgs {
		return nil, refuse("the arguments have %d bytes; they may have %d", len(text), maxArgs)
	}
	if strings.ContainsRune(text, 0) {
		return nil, refuse("an argument can't hold a zero byte")
	}
	args, err := shellquote.Split(text)
	if err != nil {
		return nil, refuse("the arguments: a quotation mark or a backslash has no end")
	}
	return args, nil
}

func faults(text string) ([]fault.Fault, error) {
	var all []fault.Fault
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		f, err := fault.Parse(line)
		if err != nil {
			return nil, refuse("the wire: %v", err)
		}
		all = append(all, f)
	}
	if len(all) > maxFaults {
		return nil, refuse("the wire does %d things wrong; it may do %d", len(all), maxFaults)
	}
	return all, nil
}

// withoutPocket refuses what needs a private network: faults, and arguments that
// could lead anywhere but to the lab.
func (p *program) withoutPocket(args []string, faults []fault.Fault) error {
	const why = "this machine has no private network for the program; runner doctor says why"
	if len(faults) > 0 {
		return refuse("there is no wire to do anything wrong: %s", why)
	}
	for _, declared := range p.runs() {
		if slices.Equal(declared.Args, args) {
			return nil
		}
	}
	for _, a := range args {
		if !standIn.MatchString(a) {
			return refuse("the argument %q: only the lesson's own arguments and names of the lab such as {echo} can be used, as %s", a, why)
		}
	}
	return nil
}

var standIn = regexp.MustCompile(`^\{[a-z]+6?\}$`)

// note says what the wire does.
func note(faults []fault.Fault) string {
	if len(faults) == 0 {
		return ""
	}
	words := make([]string, len(faults))
	for i, f := range faults {
		words[i] = f.String()
	}
	return "the wire: " + strings.Join(words, ", ")
}

// plainArg is an argument that a shell, or we, take as it is.
var plainArg = regexp.MustCompile(`^[A-Za-z0-9_./:{}@%+,=\[\]-]+$`)
