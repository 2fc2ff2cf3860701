//go:build amd64 || arm64

package trace

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// refused is what this binary does, instead of tracing, to see Probe fail.
const refused = "refused"

// probeRefused has the kernel refuse ptrace to this process for good, as a
// container's filter does, and prints what Probe says.
func probeRefused() int {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_PTRACE, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		fmt.Println(err)
		return 1
	}
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	if e != 0 {
		fmt.Println(e)
		return 1
	}
	fmt.Println(Probe())
	_, err := Run(context.Background(), Program{Path: "/proc/self/exe"}, func(Event) {})
	fmt.Println(err)
	return 0
}

func TestProbeRefused(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Env = append(os.Environ(), as+"="+refused)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	probe, run, _ := strings.Cut(string(out), "\n")
	const want = "ptrace: a seccomp filter, as containers have, refuses it; docker run --cap-add SYS_PTRACE would do: "
	if !strings.HasPrefix(probe, want) || !strings.Contains(probe, "operation not permitted") {
		t.Errorf("Probe() = %q, want %q and the error", probe, want)
	}
	if !strings.Contains(run, "operation not permitted") {
		t.Errorf("Run() = %q, want it refused", run)
	}
}

// TestRefusedBinaries holds what Run says of what it can't trace.
func TestRefusedBinaries(t *testing.T) {
	text := t.TempDir() + "/text"
	if err := os.WriteFile(text, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		text:                "it is no program for Linux",
		t.TempDir() + "/no": "no such file",
		"/bin/true":         "only programs built by the Go toolchain can be traced",
	} {
		_, err := Run(t.Context(), Program{Path: path}, func(Event) {})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("Run(%s) = %v, want %q", path, err, want)
		}
	}
}
