// Package cage confines a student's program: what it may use, what it can see,
// and which system calls it may make. A [pocket] gives a program a network of its
// own; the cage takes away the rest of the machine.
//
//	memory, time      resource limits, set before the first instruction
//	files             a read-only root that holds the program, six files of /etc,
//	                  /proc, a few devices, and a /tmp of limited size
//	other processes   a pid namespace; /proc shows a program its own only; no
//	                  signal reaches the agent that watches over it
//	privileges        no capability, none to be gained, and no user of the
//	                  machine's that owns anything, if the judge is root
//	system calls      a seccomp filter: see [Limits.Filter] for what it denies
//
// How much of this there is depends on the machine, and is a [Level]. The package
// applies what the agent of package agent asks for, inside; it starts no program
// and judges none.
//
// What it does not do: without a cgroup (level B) memory is limited for each
// process, so all of them may have Processes times Data; the kernel's own memory
// for sockets and pipes is limited by Files only; and processor time is limited
// for each process, while Wall bounds them all.
package cage

import "time"

// Limits are what a program may use. The zero value of a field is its default,
// see [Limits.Defaults], which the solution of every exercise stays far below.
type Limits struct {
	CPU       time.Duration // processor time of each process, in whole seconds
	Data      int64         // bytes of writable memory of each process (RLIMIT_DATA)
	Memory    int64         // bytes of memory of all processes; needs a cgroup
	Files     int           // descriptors of each process
	Processes int           // processes and threads at once
	FileSize  int64         // bytes of a file
	Scratch   int64         // bytes in /tmp
	Inodes    int           // files in /tmp
	Output    int           // bytes on stdout, and on stderr
	Wall      time.Duration // from start to end

	Raw bool // CAP_NET_RAW: raw sockets, on its own network

	// Writable are those of the shown folders that may be written to, by user 65534
	// if the judge is root. Scratch and Inodes don't limit them. For compilers.
	Writable []string
}

// Defaults is the limits with no zero among its numbers.
func (l Limits) Defaults() Limits {
	set(&l.CPU, 20*time.Second)
	set(&l.Data, 256<<20)
	set(&l.Memory, 512<<20)
	set(&l.Files, 1024)
	set(&l.Processes, 128)
	set(&l.FileSize, 16<<20)
	set(&l.Scratch, 16<<20)
	set(&l.Inodes, 1024)
	set(&l.Output, 1<<20)
	set(&l.Wall, 30*time.Second)
	return l
}

func set[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// Nobody is the user that a program becomes where the judge is root. Limits on
// processes don't hold root.
const Nobody = 65534

// A Level says how much of a cage a machine allows.
type Level string

// The levels, from the best. A class is graded at A or B.
const (
	LevelA Level = "A" // namespaces, filter, limits, and a cgroup
	LevelB Level = "B" // the same without a cgroup: memory is limited for each process
	LevelC Level = "C" // Landlock, filter and limits, on the machine's own network: see Fence
	LevelD Level = "D" // a deadline and nothing else: not confined
)

// Confined reports whether programs can be neither read by, nor reach, what is
// not theirs.
func (l Level) Confined() bool { return l == LevelA || l == LevelB }
