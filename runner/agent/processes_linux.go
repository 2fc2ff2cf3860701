package agent

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// tick is the unit of times in /proc, the same on all architectures of Go's.
const tick = time.Second / 100

// processes is all processes below this one: the program and what it has
// started. A process that has lost its parent is below us too, see prepare.
func processes() []Process {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	children := make(map[int][]Process)
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, ok := stat(pid); ok {
			children[p.Parent] = append(children[p.Parent], p)
		}
	}
	var all []Process
	for next := []int{os.Getpid()}; len(next) > 0; next = next[1:] {
		for _, p := range children[next[0]] {
			all = append(all, p)
			next = append(next, p.PID)
		}
	}
	return all
}

// fields is what a file of the kind /proc/PID/stat has, from its third field on,
// the state; see proc_pid_stat(5).
func fields(file string) []string {
	text, _ := os.ReadFile(file) // it may be gone
	// The second field is a name in parentheses that may hold anything.
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

// running counts the threads that run or could.
func running(pid int) (n int) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, file := range threads {
		if f := fields(file); len(f) > 0 && f[0] == "R" {
			n++
		}
	}
	return n
}

// stat reads /proc/PID/stat.
func stat(pid int) (Process, bool) {
	fields := fields(fmt.Sprintf("/proc/%d/stat", pid))
	const third, utime, stime, threads = 3, 14, 15, 20
	if len(fields) <= threads-third {
		return Process{}, false
	}
	number := func(field int) int {
		n, _ := strconv.Atoi(fields[field-third])
		return n
	}
	return Process{
		PID: pid, Parent: number(4), Zombie: fields[0] == "Z" || fields[0] == "X", Threads: number(threads),
		User: time.Duration(number(utime)) * tick, System: time.Duration(number(stime)) * tick,
	}, true
}

// count adds what is known of the process's memory and descriptors.
func (p *Process) count() {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID))
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			p.RSS = kib << 10
		case "VmHWM":
			p.Peak = kib << 10
		}
	}
	p.Running = running(p.PID)
	folder := fmt.Sprintf("/proc/%d/fd", p.PID)
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if to, err := os.Readlink(folder + "/" + e.Name()); err == nil { // not closed meanwhile
			p.Descriptors = append(p.Descriptors, Descriptor{fd, to})
		}
	}
	slices.SortFunc(p.Descriptors, func(a, b Descriptor) int { return a.FD - b.FD })
}

// spent is the processor time of all processes that have ended below us.
func spent() (user, system time.Duration) {
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_CHILDREN, &r) != nil {
		return 0, 0
	}
	return time.Duration(r.Utime.Nano()), time.Duration(r.Stime.Nano())
}
