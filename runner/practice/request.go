package practice

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"

	"sockets/runner/handin"
)

// maxBody is what a request may have: a text is longer as JSON has it.
const maxBody = 4 * handin.MaxFile

// A Change is what a page has made of main.go.
type Change struct {
	Text string `json:"text"`
	Was  string `json:"was"` // the digest of what the page had read
}

// An Answer is main.go as it is now, and what there is to say if the change could
// not be made.
type Answer struct {
	*File
	Said string `json:"said,omitempty"`
}

// A refusal is why a request can't be met, in a sentence for whoever made it.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// get answers with main.go.
func (r *Room) get(w http.ResponseWriter, q *http.Request) {
	f, err := r.read(q.PathValue("number"))
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, Answer{File: &f})
}

// put writes main.go. That it was saved is for the watch to see, as any save.
func (r *Room) put(w http.ResponseWriter, q *http.Request) {
	c, err := change(w, q)
	if err != nil {
		fail(w, err)
		return
	}
	number := q.PathValue("number")
	now, err := r.write(number, c.Text, c.Was)
	switch {
	case errors.Is(err, errChanged):
		answer(w, http.StatusConflict, Answer{&now, nameOf(number) + " has changed since this page read it; nothing was written"})
	case err != nil:
		fail(w, err)
	default:
		answer(w, http.StatusOK, Answer{File: &now})
	}
}

// difference says how a text differs from main.go, as `diff -u` does; equal texts
// differ by nothing.
func (r *Room) difference(w http.ResponseWriter, q *http.Request) {
	c, err := change(w, q)
	number := q.PathValue("number")
	var f File
	if err == nil {
		err = fits(number, []byte(c.Text))
	}
	if err == nil {
		f, err = r.read(number)
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(diff.Diff(mainFile, []byte(f.Text), "yours", []byte(c.Text))) // who asked may be gone
}

// change reads a request's body. Text that is none must not become another one,
// as package json would have it.
func change(w http.ResponseWriter, q *http.Request) (c Change, err error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return c, refuse(http.StatusRequestEntityTooLarge, "a request may have %d bytes", maxBody)
	case err != nil:
		return c, refuse(http.StatusBadRequest, "the request can't be read: %v", err)
	case !utf8.Valid(body):
		return c, refuse(http.StatusUnprocessableEntity, "the text is not UTF-8, as the text of a Go program is")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, refuse(http.StatusBadRequest, "the request can't be read: %v", err)
	}
	// Half a surrogate pair, "\ud800", is read as U+FFFD.
	const stand = "\uFFFD"
	if n := strings.Count(c.Text, stand); n > bytes.Count(body, []byte(stand))+bytes.Count(bytes.ToLower(body), []byte(`\ufffd`)) {
		return c, refuse(http.StatusUnprocessableEntity, "the text has half a character in it, which UTF-8 can't say")
	}
	return c, nil
}

func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var r *refusal
	if errors.As(err, &r) {
		status = r.status
	}
	answer(w, status, Answer{Said: err.Error()})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who asked may be gone
}
