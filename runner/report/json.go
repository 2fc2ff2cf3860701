package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// storeSchema names the form in which reports are kept between runs.
const storeSchema = "sockets/report/v1"

type stored struct {
	Schema string `json:"schema"`
	Report
}

// Encode writes the report as it is kept: everything, for [Decode]. It refuses
// one that is not valid. What is stored renders as the report itself.
func Encode(w io.Writer, r Report) error {
	if err := r.Validate(); err != nil {
		return fmt.Errorf("store the report of %s: %w", line(r.Submission), err)
	}
	r.Submission, r.Build, r.Fault = valid(r.Submission), valid(r.Build), valid(r.Fault)
	r.Exercise.Number, r.Exercise.Name = valid(r.Exercise.Number), valid(r.Exercise.Name)
	r.Exercise.Checks = slices.Clone(r.Exercise.Checks)
	for i, c := range r.Exercise.Checks {
		r.Exercise.Checks[i].Description, r.Exercise.Checks[i].Code = valid(c.Description), valid(c.Code)
	}
	outcomes := make(map[string]Outcome, len(r.Outcomes))
	for name, o := range r.Outcomes {
		outcomes[name] = o.valid()
	}
	r.Outcomes = outcomes
	return writeJSON(w, stored{storeSchema, r})
}

// valid is the outcome with all its text in UTF-8. Bytes stay what they are.
func (o Outcome) valid() Outcome {
	o.Message, o.Diff, o.Output = valid(o.Message), valid(o.Diff), valid(o.Output)
	o.Conversation = slices.Clone(o.Conversation)
	for i, t := range o.Conversation {
		o.Conversation[i].Note, o.Conversation[i].Who = valid(t.Note), Who(valid(string(t.Who)))
		o.Conversation[i].Peer = valid(t.Peer)
	}
	o.Waiting = slices.Clone(o.Waiting)
	for i, p := range o.Waiting {
		o.Waiting[i] = Place{File: valid(p.File), Line: p.Line, Func: valid(p.Func), Code: valid(p.Code), Call: valid(p.Call)}
	}
	o.XRay, o.Hints = slices.Clone(o.XRay), slices.Clone(o.Hints)
	for _, lines := range [][]string{o.XRay, o.Hints} {
		for i, l := range lines {
			lines[i] = valid(l)
		}
	}
	return o
}

// Decode reads a report that [Encode] wrote. It refuses fields and verdicts it
// does not know, a report with text behind it, and one that is not valid.
func Decode(b []byte) (Report, error) {
	var s stored
	if err := strict(b, &s); err != nil {
		return Report{}, fmt.Errorf("a stored report: %w", err)
	}
	if s.Schema != storeSchema {
		return Report{}, fmt.Errorf("a stored report: schema %q; %q would be right", s.Schema, storeSchema)
	}
	if err := s.Validate(); err != nil {
		return Report{}, fmt.Errorf("a stored report: %w", err)
	}
	return s.Report, nil
}

// strict decodes exactly one JSON value with exactly the fields of v.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("something follows the value")
	}
	return nil
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// seconds is a duration as the formats have it.
func (row Row) seconds() float64 { return float64(row.Duration.Microseconds()) / 1e6 }
