package check

import (
	"fmt"
	"slices"
	"testing"

	"sockets/runner/peer"
	"sockets/runner/report"
)

// WantEnding wants a conversation that a hostile peer had, see [Conn.Meet], to have
// ended in one of these ways. The endings have names, as the error that a read
// gives is chance where a program closes with input unread: the name is the same
// each time.
func WantEnding(t *testing.T, r peer.Record, endings ...peer.Ending) {
	t.Helper()
	c := of(t)
	if r.Err != nil {
		c.broken("%s: %v", r.Peer, r.Err)
	}
	c.note("the conversation ended: %s", r.Ending)
	if slices.Contains(endings, r.Ending) {
		c.compared = c.compared || len(r.Got) > 0 // without, it was at most silence
		return
	}
	verdict := report.Fail
	if r.End == peer.StillOpen {
		verdict = report.Timeout
	}
	message := r.Ending.About()
	for i, e := range endings {
		if i == 0 {
			message += fmt.Sprintf(" It must end as %q", e)
		} else {
			message += fmt.Sprintf(" or %q", e)
		}
	}
	c.fail(report.Outcome{Verdict: verdict, Message: message + ".", Came: clip(r.Got)})
}
