package run

import (
	"regexp"
	"strconv"

	"sockets/runner/recording"
)

// descriptors calls the descriptors of a run by numbers that are the same on every
// machine. Go's runtime keeps files of its control group open: two with cgroups of
// version 1, one with version 2, none without. So the first number that is left to
// a program is 3, 4 or 5.
type descriptors struct {
	first int // the first that a call of the program gave; 0 if none did yet
}

// opens are the calls that return a descriptor.
var opens = map[string]bool{
	"accept": true, "accept4": true, "dup": true, "dup3": true, "epoll_create1": true, "eventfd2": true,
	"memfd_create": true, "open": true, "openat": true, "openat2": true, "pidfd_open": true,
	"signalfd4": true, "socket": true, "timerfd_create": true,
}

// takes are calls whose first argument is a descriptor, also one that is closed.
var takes = map[string]bool{
	"accept": true, "accept4": true, "bind": true, "close": true, "connect": true, "dup": true,
	"dup3": true, "fcntl": true, "fstat": true, "getpeername": true, "getsockname": true,
	"getsockopt": true, "ioctl": true, "listen": true, "lseek": true, "pidfd_send_signal": true,
	"pread64": true, "pwrite64": true, "read": true, "readv": true, "recvfrom": true,
	"recvmsg": true, "sendmsg": true, "sendfile": true, "sendto": true, "setsockopt": true,
	"shutdown": true, "splice": true, "write": true, "writev": true,
}

// inText finds the descriptors inside of an argument: of a path, of poll, and the
// pair that pipe2 and socketpair give.
var inText = regexp.MustCompile(`(/fd/|\{|^\[|, )(\d+)(\b)`)

// saw takes note of a call, in the order of the run, polling or not.
func (d *descriptors) saw(c *recording.Call) {
	if n, err := strconv.Atoi(c.Result); err == nil && n > 2 && d.first == 0 && d.gives(c) {
		d.first = n
	}
}

// gives reports whether the call's result is a descriptor.
func (d *descriptors) gives(c *recording.Call) bool {
	return opens[c.Name] ||
		c.Name == "fcntl" && len(c.Args) > 1 && (c.Args[1] == "F_DUPFD" || c.Args[1] == "F_DUPFD_CLOEXEC")
}

// call is the call with those numbers.
func (d *descriptors) call(c *recording.Call) *recording.Call {
	named := *c
	named.Args = append([]string(nil), c.Args...)
	for i, a := range named.Args {
		switch {
		case i == 0 && takes[c.Name], i == 1 && c.Name == "waitid" && c.Args[0] == "P_PIDFD",
			i == 1 && c.Name == "sendfile", i == 2 && c.Name == "splice":
			named.Args[i] = d.number(a)
		case c.Name == "ppoll" && i == 0, c.Name == "poll" && i == 0, c.Name == "pipe2" && i == 0,
			c.Name == "socketpair" && i == 3, c.Name == "readlinkat" && i == 1:
			named.Args[i] = inText.ReplaceAllStringFunc(a, func(s string) string {
				m := inText.FindStringSubmatch(s)
				return m[1] + d.number(m[2])
			})
		}
	}
	if d.gives(c) {
		named.Result = d.number(c.Result)
	}
	return &named
}

// number is the descriptor as if 3 had been the first.
func (d *descriptors) number(s string) string {
	n, err := strconv.Atoi(s)
	if err != nil || d.first == 0 || n < d.first {
		return s
	}
	return strconv.Itoa(n - d.first + 3)
}
