package check

import (
	"fmt"
	"testing"

	"sockets/runner/report"
)

// Without wants the program to have been made without a package of the standard
// library: neither it nor anything that it uses may import it. It looks at the
// program's file, and what the sources say there is no matter. Where that can't
// be done the check is not run.
func Without(t *testing.T, pkg string) {
	t.Helper()
	c := of(t)
	held, err := linked(task.Binary, pkg)
	if err != nil {
		c.skip("This check looks into the program's file, and that can't be done: " + err.Error())
	}
	if held {
		c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program uses package %s, which it must not; or it imports a package that does.", pkg)})
	}
}
