package pocket

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// waiting reports whether nothing but the agent runs in the pocket: all threads
// of all programs wait for something. Then a program has done all it can do
// without another frame.
func waiting() bool {
	proc, err := os.Open("/proc")
	if err != nil {
		return true
	}
	defer func() { _ = proc.Close() }()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return true
	}
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err != nil || pid == 1 {
			continue
		}
		tasks, err := os.ReadDir("/proc/" + name + "/task")
		if err != nil {
			continue // it has ended
		}
		for _, t := range tasks {
			switch state("/proc/" + name + "/task/" + t.Name()) {
			case 'R', 'D', 't': // t is stopped by its tracer, in the middle of something
				return false
			}
		}
	}
	return true
}

// state is the state of a thread, see proc_pid_stat(5); 0 is a thread that has
// ended.
func state(thread string) byte {
	fd, err := unix.Open(thread+"/stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer func() { _ = unix.Close(fd) }()
	var buf [512]byte
	n, err := unix.Read(fd, buf[:])
	if err != nil {
		return 0
	}
	// The name before it may hold anything.
	if i := bytes.LastIndexByte(buf[:n], ')'); i > 0 && i+2 < n {
		return buf[i+2]
	}
	return 0
}

// crowd reports whether somebody on the machine waits for a processor: a thread may
// be kept from one for as long as others have their turns, some milliseconds each.
func crowd() bool {
	text, err := os.ReadFile("/proc/loadavg")
	return err == nil && runnable(string(text)) > runtime.NumCPU()
}

// runnable is how many threads run or wait for a processor, see proc_loadavg(5); 0 is
// that it is not known.
func runnable(loadavg string) int {
	fields := strings.Fields(loadavg)
	if len(fields) < 4 {
		return 0
	}
	now, _, _ := strings.Cut(fields[3], "/")
	n, _ := strconv.Atoi(now)
	return n
}
