package recording

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNormaliseProcesses(t *testing.T) {
	call := func(name, result, fd string, args ...string) Event {
		return Event{Call: &Call{Name: name, Args: args, Result: result, FD: fd}}
	}
	r := &Recording{Events: []Event{
		call("getpid", "8", ""),
		call("pidfd_open", "13", "process 8", "8", "0"),
		call("clone", "12", "", "CLONE_VFORK"),
		call("read", "8", "pipe", "8", "12"),
		call("wait4", "12", "", "-1", "0"),
		call("kill", "0", "", "12", "SIGTERM"),
		call("clone", "-1", "", "CLONE_VFORK"),
		call("getppid", "1", ""),
	}}
	want := []Event{
		call("getpid", "1001", ""),
		call("pidfd_open", "13", "process 1001", "1001", "0"),
		call("clone", "1002", "", "CLONE_VFORK"),
		call("read", "8", "pipe", "8", "12"),
		call("wait4", "1002", "", "-1", "0"),
		call("kill", "0", "", "1002", "SIGTERM"),
		call("clone", "-1", "", "CLONE_VFORK"),
		call("getppid", "1", ""),
	}
	once, _ := Replace(r)
	if diff := cmp.Diff(want, once.Events); diff != "" {
		t.Errorf("Replace (-want +got):\n%s", diff)
	}
	twice, _ := Replace(once)
	if diff := cmp.Diff(want, twice.Events); diff != "" {
		t.Errorf("Replace again (-want +got):\n%s", diff)
	}
	if r.Events[0].Call.Result != "8" {
		t.Error("Replace changed what it was given")
	}
}
