package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"strings"
	"time"

	"sockets/runner/compile"
	"sockets/runner/handin"
	"sockets/runner/lesson"
	"sockets/runner/page"
	"sockets/runner/recording"
	"sockets/runner/run"
)

// A Message is a line of a run's stream, in JSON.
type Message struct {
	State string // see the states

	// Parts are those parts of the run that are not as the last message had them:
	// "printed", "lines", "kernel", "wire".
	Parts map[string]template.HTML `json:",omitempty"`

	Said     string    `json:",omitempty"` // a sentence on how it stands
	Mistakes []Mistake `json:",omitempty"` // in the changed text
}

// The states of a run, in the order in which they come.
const (
	Building = "building"
	Running  = "running"
	Over     = "over"     // the program has ended; this is the last message
	Mistaken = "mistaken" // there is no program, as its text is wrong; likewise
	Failed   = "failed"   // the machine or a rule does not let it run; likewise
)

// A Mistake is what is wrong with a line of the changed text.
type Mistake struct {
	Line int // 0 if it is about no line
	Text string
}

// A stream is the answer to one request.
type stream struct {
	*plan
	enc  *json.Encoder
	http *http.ResponseController
	last map[string]template.HTML
	err  error // of writing: whoever asked is gone
}

// slow is how long whoever reads a stream may take for a message.
const slow = 10 * time.Second

func (r *Room) run(w http.ResponseWriter, q *http.Request) {
	p, err := r.program(q.PathValue("lesson"))
	if err == nil {
		err = p.runsHere()
	}
	var asked Request
	if err == nil {
		err = read(w, q, &asked)
	}
	var pl *plan
	if err == nil {
		pl, err = r.plan(p, asked)
	}
	if err != nil {
		fail(w, err)
		return
	}
	ctx, leave, err := r.seats.take(q.Context(), asked.Page)
	if err != nil {
		fail(w, err)
		return
	}
	defer leave()
	// What a server allows for a request to come in is not for a run to end; with
	// a deadline to read by, the connection's end would seem to be there at it.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	s := &stream{plan: pl, enc: json.NewEncoder(w), http: http.NewResponseController(w), last: make(map[string]template.HTML)}
	s.say(Message{State: Building})
	last := r.make(ctx, s)
	if ctx.Err() == nil {
		s.say(last)
	}
}

// fail answers a request that can't be met.
func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		status = refused.status
	case errors.Is(err, errNoLesson):
		status = http.StatusNotFound
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(Message{State: Failed, Said: err.Error()}) // who is gone needs no answer
}

// say writes a message, at once.
func (s *stream) say(m Message) {
	if s.err != nil {
		return
	}
	_ = s.http.SetWriteDeadline(time.Now().Add(slow)) // a test's recorder has none
	if s.err = s.enc.Encode(m); s.err == nil {
		s.err = s.http.Flush()
	}
}

// make builds the program and runs it, and gives the last message.
func (r *Room) make(ctx context.Context, s *stream) Message {
	ctx, hangUp := context.WithCancelCause(ctx)
	defer hangUp(nil)
	folder, err := os.MkdirTemp(r.folder, "run-")
	if err != nil {
		return Message{State: Failed, Said: err.Error()}
	}
	defer os.RemoveAll(folder)
	mistakes, err := r.binary(ctx, s.plan, folder)
	if len(mistakes) > 0 {
		return Message{State: Mistaken, Said: "main.go can't be built", Mistakes: mistakes}
	}
	if err != nil {
		return Message{State: Failed, Said: said(err)}
	}
	s.spec.Watch = func(rec *recording.Recording) {
		s.say(s.message(rec, true))
		if s.err != nil {
			hangUp(s.err)
		}
	}
	result, err := run.Program(ctx, s.spec)
	if err != nil {
		return Message{State: Failed, Said: said(err)}
	}
	return s.message(result.Recording, false)
}

// binary builds what the plan wants to run; what is wrong with a changed text is
// no error.
func (r *Room) binary(ctx context.Context, p *plan, folder string) (ms []Mistake, err error) {
	if p.changed == "" {
		p.spec.Binary, err = r.build(ctx, p.program)
		var wrong *compile.Error
		if errors.As(err, &wrong) {
			return complaints(wrong.Text), nil
		}
		return nil, err
	}
	sub, err := handin.Lesson([]byte(p.changed))
	var wrong handin.Mistakes
	if errors.As(err, &wrong) {
		for _, m := range wrong {
			ms = append(ms, Mistake{m.Line, m.Text})
		}
		return ms, nil
	}
	if err != nil {
		return nil, err
	}
	b, err := r.handing()
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(folder, 0o755); err != nil {
		return nil, err
	}
	built, err := b.BuildLesson(ctx, folder, p.Number, sub)
	p.spec.Binary = built.Binary
	return complaints(built.Complaint), err
}

func complaints(text string) (ms []Mistake) {
	for _, c := range handin.Complaints(text) {
		ms = append(ms, Mistake(c))
	}
	return ms
}

// said is the error for a reader, who has written no front matter.
func said(err error) string {
	var wrong lesson.Mistakes
	if errors.As(err, &wrong) && len(wrong) > 0 {
		return wrong[0].What + "; " + wrong[0].Right
	}
	return err.Error()
}

// message shows the recording, as far as it is not shown yet.
func (s *stream) message(rec *recording.Recording, going bool) Message {
	text := s.text
	if s.changed != "" {
		text = []byte(s.changed)
	}
	parts, err := page.Show(page.Showing{Lesson: s.Lesson, Recording: rec, Source: text, Note: s.note, Going: going})
	if err != nil {
		return Message{State: Failed, Said: err.Error()}
	}
	m := Message{State: Running, Parts: make(map[string]template.HTML)}
	for name, html := range map[string]template.HTML{"printed": parts.Printed, "lines": parts.Lines, "kernel": parts.Kernel, "wire": parts.Wire} {
		if html != "" && s.last[name] != html {
			m.Parts[name], s.last[name] = html, html
		}
	}
	if !going {
		m.State, m.Said = Over, summary(rec, parts)
	}
	return m
}

// summary is a run in a sentence.
func summary(rec *recording.Recording, p page.Parts) string {
	how := run.Happened(rec.Header.End)
	text := fmt.Sprintf("%s, with %s of output", strings.ToUpper(how[:1])+how[1:], count(p.Rows, "line"))
	if rec.Header.Level != recording.LevelOutput {
		text += ", " + count(p.Calls, "call")
	}
	if rec.Header.Level == recording.LevelFull {
		text += ", " + count(p.Frames, "frame")
	}
	return text + "."
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
