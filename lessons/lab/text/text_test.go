package text_test

import (
	"strings"
	"testing"

	"sockets/lessons/lab/text"
)

func TestLines(t *testing.T) {
	if got, want := strings.Count(text.Lines, "\n"), 103; got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
	if got, want := len(text.Lines), 8045; got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
	if !strings.HasSuffix(text.Lines, "\n") {
		t.Error("the last line does not end in a newline")
	}
	if i := strings.IndexFunc(text.Lines, func(r rune) bool { return r > '~' || r == '\r' }); i >= 0 {
		t.Errorf("byte %d is not plain ASCII", i)
	}
}
