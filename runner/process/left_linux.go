package process

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// left is the processes alive that carry the run's mark and, if grouped is set,
// those in its group. It is unsure if it met a process in the middle of execve,
// whose environment is not there yet.
func (t *tree) left(grouped bool) (pids []int, unsure bool) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, false // not mounted: the group is all we know
	}
	defer func() { _ = proc.Close() }()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil, false
	}
	buf := make([]byte, 64<<10)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		env, err := read("/proc/"+name+"/environ", &buf)
		if err != nil {
			continue // gone, or another user's
		}
		switch {
		case bytes.Contains(env, t.mark):
			pids = append(pids, pid)
		case grouped || len(env) == 0 && hasProgram(name):
			// The dead, kernel threads and programs with no environment at all
			// have none to read; only a program that starts is of interest.
			s := status(name, &buf)
			switch {
			case grouped && s.group == t.cmd.Process.Pid && s.alive:
				pids = append(pids, pid)
			case len(env) == 0 && s.starting:
				unsure = true
			}
		}
	}
	return pids, unsure
}

// hasProgram reports whether a process executes a file: neither the dead nor
// the kernel's threads do.
func hasProgram(name string) bool {
	_, err := unix.Readlink("/proc/"+name+"/exe", make([]byte, 1))
	return err == nil
}

// anyAlive reports whether one of the processes is not dead yet. A process that
// was killed first loses its memory, and so its mark, and then its life.
func anyAlive(pids map[int]bool) bool {
	buf := make([]byte, 1024)
	for pid := range pids {
		if status(strconv.Itoa(pid), &buf).alive {
			return true
		}
	}
	return false
}

// A state is what /proc/PID/stat says of a process.
type state struct {
	group    int
	alive    bool
	starting bool // execve has not yet put its environment into memory
}

// status reads /proc/PID/stat, see proc_pid_stat(5).
func status(name string, buf *[]byte) state {
	text, err := read("/proc/"+name+"/stat", buf)
	if err != nil {
		return state{}
	}
	// The second field is a name in parentheses that may hold anything.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	const third, pgrp, envEnd = 3, 5, 51
	if len(fields) <= envEnd-third {
		return state{}
	}
	group, err := strconv.Atoi(string(fields[pgrp-third]))
	if err != nil {
		return state{}
	}
	alive := !slices.Contains([]string{"Z", "X", "x"}, string(fields[0]))
	return state{group, alive, alive && string(fields[envEnd-third]) == "0"}
}

// read reads a file of /proc with few calls, into buf, which it may enlarge.
func read(name string, buf *[]byte) ([]byte, error) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	n := 0
	for {
		if n == len(*buf) {
			*buf = append(*buf, make([]byte, n)...)
		}
		got, err := unix.Read(fd, (*buf)[n:])
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return nil, err
		case got == 0:
			return (*buf)[:n], nil
		default:
			n += got
		}
	}
}
