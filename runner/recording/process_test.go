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

func TestNormaliseReadlink(t *testing.T) {
	link := func(text, result, errno string) Event {
		return Event{Call: &Call{Name: "readlinkat", Args: []string{"AT_FDCWD", `"/proc/self/fd/5"`, text, "128"}, Result: result, Errno: errno}}
	}
	got, _ := Replace(&Recording{Events: []Event{
		link(`"socket:[1234567]"`, "16", ""), link(`"socket:[123]"`, "12", ""),
		link(`"/dev/null"`, "9", ""), link("...", "-1", "ENOENT"),
	}})
	want := []Event{
		link(`"socket:[70001]"`, "14", ""), link(`"socket:[70002]"`, "14", ""),
		link(`"/dev/null"`, "9", ""), link("...", "-1", "ENOENT"),
	}
	if diff := cmp.Diff(want, got.Events); diff != "" {
		t.Errorf("Replace (-want +got):\n%s", diff)
	}
}
