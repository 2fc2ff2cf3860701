package agent

import "time"

// A Usage is what a program's processes have in use at one moment.
type Usage struct {
	At        time.Duration // since the program began
	Processes []Process     // the program's own, if it is there, and those that it started
}

// A Process is one process of a program, as /proc shows it.
type Process struct {
	PID, Parent int
	Main        bool // it is the program's own
	Zombie      bool // it has ended, and its parent has not asked how
	Threads     int
	Running     int // of the threads: they run, or would if they had a processor
	Descriptors []Descriptor

	RSS, Peak    int64 // bytes of memory, now (VmRSS) and at most (VmHWM)
	User, System time.Duration
}

// A Descriptor is one that a process has open.
type Descriptor struct {
	FD int
	To string // "socket:[12345]", "pipe:[678]", "/tmp/log", "anon_inode:[eventpoll]"
}

// Main is the program's own process.
func (u Usage) Main() (p Process, ok bool) {
	for _, p := range u.Processes {
		if p.Main {
			return p, true
		}
	}
	return Process{}, false
}

// Threads is how many threads all processes have.
func (u Usage) Threads() (n int) {
	for _, p := range u.Processes {
		n += p.Threads
	}
	return n
}

// Running is how many threads run, or would if they had a processor. Those of a
// program that waits for something do not, however busy the machine is.
func (u Usage) Running() (n int) {
	for _, p := range u.Processes {
		n += p.Running
	}
	return n
}

// Descriptors is how many descriptors all processes have open.
func (u Usage) Descriptors() (n int) {
	for _, p := range u.Processes {
		n += len(p.Descriptors)
	}
	return n
}

// RSS is how many bytes of memory all processes have.
func (u Usage) RSS() (n int64) {
	for _, p := range u.Processes {
		n += p.RSS
	}
	return n
}

// CPU is how much processor time the processes that are there have spent.
func (u Usage) CPU() (d time.Duration) {
	for _, p := range u.Processes {
		d += p.User + p.System
	}
	return d
}
