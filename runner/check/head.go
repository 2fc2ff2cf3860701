package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"sockets/runner/report"
)

// maxHead bounds a head; no program under test has much to say in one.
const maxHead = 64 << 10

// WantHead waits for the head of a request, as HTTP and its relatives have it:
// lines that end with CR LF, up to an empty one. Its first line must be first,
// if that is not empty. The fields must be among the other lines, each once, in
// any order; their names may be in upper or lower case.
func (k *Conn) WantHead(first string, fields ...string) {
	k.c.t.Helper()
	head := k.head()
	k.c.compared = k.c.compared || first != "" || len(fields) > 0
	if first != "" && head[0] != first {
		k.c.fail(compare(report.Outcome{Verdict: report.Fail, Message: "The first line of the request is not right."}, []byte(first), []byte(head[0])))
	}
	for _, want := range fields {
		name, _, _ := strings.Cut(want, ":")
		var got []string
		for _, line := range head[1:] {
			n, value, ok := strings.Cut(line, ":")
			if !ok {
				k.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The line %q of the request is no field.", line)})
			}
			if strings.EqualFold(n, name) {
				got = append(got, name+": "+strings.Trim(value, " \t"))
			}
		}
		switch {
		case len(got) == 0:
			k.c.fail(compare(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The request has no field %s.", name)}, []byte(want), nil))
		case len(got) > 1 || got[0] != want:
			k.c.fail(compare(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The field %s of the request is not right.", name)}, []byte(want), []byte(strings.Join(got, "\n"))))
		}
	}
}

// head is the lines of a request's head, at least one.
func (k *Conn) head() []string {
	k.c.t.Helper()
	k.until()
	var lines []string
	buf := make([]byte, 4<<10)
	for size := 0; size <= maxHead; {
		line, rest, whole := bytes.Cut(k.rest, []byte("\n"))
		if whole {
			text, crlf := strings.CutSuffix(string(line), "\r")
			switch {
			case !crlf:
				k.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The line %q of the request ends with LF alone; CR LF would be right.", text)})
			case text == "" && lines == nil:
				k.c.fail(report.Outcome{Verdict: report.Fail, Message: "The request begins with an empty line."})
			}
			k.rest = rest
			if text == "" {
				return lines
			}
			lines = append(lines, text)
			continue
		}
		n, err := k.conn.Read(buf)
		k.rest = append(k.rest, buf[:n]...)
		size += n
		if n > 0 {
			k.said(report.Program, buf[:n])
		}
		switch {
		case err == nil || n > 0:
		case errors.Is(err, os.ErrDeadlineExceeded):
			k.c.fail(k.c.program().missed(context.DeadlineExceeded, "its request was complete: an empty line ends it"))
		default:
			k.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program %s before its request was complete: an empty line ends it.", k.ended(err))})
		}
	}
	k.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The head of the program's request has more than %d KiB.", maxHead>>10)})
	return nil
}
