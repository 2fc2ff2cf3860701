package recording

import (
	"regexp"
	"slices"
	"strconv"
)

// firstProcess is the stand-in for the first process that a call shows.
const firstProcess = 1001

// processResults are the calls that return the number of a process or thread.
var processResults = []string{"clone", "clone3", "fork", "vfork", "getpid", "getppid", "gettid", "wait4", "setsid", "getpgid"}

// processArgs are the arguments that hold one, by call.
var processArgs = map[string][]int{
	"getpgid": {0}, "kill": {0}, "pidfd_open": {0}, "prlimit64": {0}, "setpgid": {0, 1},
	"tgkill": {0, 1}, "tkill": {0}, "wait4": {0},
}

var processFD = regexp.MustCompile(`^(process )([0-9]+)$`)

// replaceProcesses gives the numbers of processes and threads stand-ins, in the
// order in which calls show them. How many threads the runtime has started before
// is chance, and the kernel counts them all.
func (r *Recording) replaceProcesses() {
	s := standIns{next: firstProcess, last: 1<<31 - 1, of: make(map[string]string)}
	number := func(text string) string {
		// 0 and less are no process; 1 is the same everywhere.
		if n, err := strconv.Atoi(text); err != nil || n <= 1 {
			return text
		}
		s.see(text)
		return s.of[text]
	}
	for _, e := range r.Events {
		c := e.Call
		if c == nil {
			continue
		}
		for _, i := range processArgs[c.Name] {
			if i < len(c.Args) {
				c.Args[i] = number(c.Args[i])
			}
		}
		if slices.Contains(processResults, c.Name) {
			c.Result = number(c.Result)
		}
		c.FD = s.swap(processFD, c.FD)
	}
}
