package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sockets/runner/agent"
	"sockets/runner/attempts"
	"sockets/runner/report"
)

// BenchmarkGrade times what somebody waits for who solves an exercise with
// `runner grade --watch`: from the save to the report, of a program that passes.
// The floor, of the same round, is a plain go build of that program and the time
// that its longest check took; the checks run side by side.
func BenchmarkGrade(b *testing.B) {
	if l := agent.Probe(b.Context()); l.Cage != nil {
		b.Skip(l.Cage)
	}
	solution, err := os.ReadFile("../lessons/05/solution/main.go")
	if err != nil {
		b.Fatal(err)
	}
	dir, edits := b.TempDir(), 0
	save := func() {
		edits++
		text := fmt.Appendf(nil, "%s\nvar edit = %d\n\nfunc init() { edit++ }\n", solution, edits)
		err := os.WriteFile(filepath.Join(dir, "new"), text, 0o644)
		if err == nil {
			err = os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "main.go"))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	save()
	ctx, cancel := context.WithCancel(b.Context())
	reports, out := io.Pipe()
	ended := make(chan int, 1)
	go func() { ended <- command(ctx, []string{"grade", "05", dir, "--watch", "--json"}, out, io.Discard) }()
	b.Cleanup(func() {
		cancel()
		_ = reports.Close()
		<-ended
		if file, err := attempts.File("..", "05", dir); err == nil {
			_ = os.Remove(file)
		}
	})
	dec := json.NewDecoder(reports)
	longest := func() (d time.Duration) {
		var text json.RawMessage
		if err := dec.Decode(&text); err != nil {
			b.Fatal(err)
		}
		r, err := report.Decode(text)
		if err != nil || r.Verdict() != report.Pass {
			b.Fatalf("%v, %v", r.Summary(), err)
		}
		for _, row := range r.Rows() {
			d = max(d, row.Duration)
		}
		return d
	}
	longest() // warms the caches
	module := b.TempDir()
	if err := os.WriteFile(filepath.Join(module, "go.mod"), []byte("module student\n\ngo 1.26\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	build := func() {
		text, err := os.ReadFile(filepath.Join(dir, "main.go"))
		if err == nil {
			err = os.WriteFile(filepath.Join(module, "main.go"), text, 0o600)
		}
		if err != nil {
			b.Fatal(err)
		}
		cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", "program", ".")
		cmd.Dir, cmd.Env = module, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
		if text, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("go build: %v\n%s", err, text)
		}
	}
	build()
	var took, floor []time.Duration
	for b.Loop() {
		start := time.Now()
		save()
		checks := longest()
		took = append(took, time.Since(start))
		start = time.Now()
		build()
		floor = append(floor, time.Since(start)+checks)
	}
	b.ReportMetric(median(took).Seconds()*1000, "ms/verdict")
	b.ReportMetric(median(floor).Seconds()*1000, "ms/floor")
	b.ReportMetric(median(took).Seconds()/median(floor).Seconds(), "x-floor")
	b.ReportMetric(0, "ns/op")
}
