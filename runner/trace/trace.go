// Package trace runs an unmodified Go program under ptrace and says which line of
// its own files made each system call, and on which goroutine.
//
// At the entry of a call the kernel stops the thread that makes it. The tracer
// walks the frame pointers of that thread, looks the return addresses up in the
// line table that every Go binary carries, and takes the innermost line of the
// program's own files. The goroutine is the g that the compiler keeps in a
// register. Three rules decide what is reported:
//
//   - A call with a line of the program's own files on its stack is an [Event] at
//     this line. What the runtime does for itself while the line runs is not:
//     futexes, memory, the threads of the scheduler, a signal's handler.
//   - A goroutine without such a line, a resolver's or a transport's, inherits
//     the line at which it was started, or that its creator inherited, and is
//     marked so. It does not inherit from the runtime: a finalizer or a timer
//     runs on behalf of nobody in particular.
//   - Every other call is counted in [End.Hidden] and left out. So is a call whose
//     stack can't be walked: no line is better than a wrong one.
//
// What the program writes to its stdout and stderr is always reported, with a
// line or without one. So is what its child processes print there, without a
// line; of their other calls there is only the number, as they run another
// program. They are traced to their end all the same.
//
// Calls are decoded as strace does it: names, flags, addresses, options, buffers.
// What a descriptor is, the tracer knows from the calls that made it and, for
// the rest, from the kernel.
//
// The package starts one program and waits for that alone: it can be the first
// process of a pid namespace. It is for Linux on amd64 and arm64. It does not
// confine the program, it does not read what the program prints (it shows what
// was written), and it does not make two runs equal: ports, goroutine numbers
// and the number of tries are as they were.
package trace

import (
	"net/netip"
	"os"
	"time"

	"golang.org/x/net/bpf"

	"sockets/runner/recording"
)

// A Program is what to trace.
type Program struct {
	Path string   // of the binary, built by the Go toolchain
	Args []string // its arguments, without its name
	Dir  string   // where it starts; "" is the caller's directory
	Env  []string // its whole environment

	// Where the program writes, inherited by it; nil discards.
	Stdout, Stderr *os.File

	Stdin *os.File // inherited as well; nil is empty

	// Dirs are the directories of the program's own files as they stand in its
	// line table: absolute or, for a build with -trimpath, import paths. The
	// places of events are relative to them.
	Dirs []string

	// Calls is how many calls are reported at most; 0 means 1,000,000. The
	// program runs on beyond it, and what it prints is still reported.
	Calls int

	// Signals are sent to the program as they arrive; may be nil.
	Signals <-chan os.Signal

	// Enter is told, if not nil, of each call when it begins, while the thread
	// stands still. Whether it will be reported is decided by then.
	Enter func(tid, id int)

	// Begun is told, if not nil, of each call that will be reported, but for what
	// the program prints, when it begins: with "?" as its result, and without the
	// arguments that it is to fill in.
	Begun func(Event)

	// Started is told, if not nil, of the program's number when it is confined and
	// before its first instruction: from then on it may be sent signals. Exited is
	// told of its end, when its children may still be there.
	Started func(pid int)
	Exited  func(End)

	// Confine, if not nil, is what the program is held to from its first
	// instruction on.
	Confine *Confine

	// Began is the moment that times count from; zero means the start of Run.
	Began time.Time

	slow bool // for tests: stop at every call, as without a filter
}

// A Confine is what a program is held to, and what it starts. All of it is in
// force before the program's first instruction.
type Confine struct {
	// Thread is called on the thread that is to start the program, and what it
	// changes there, such as capabilities, the program inherits.
	Thread func() error

	UID, GID int       // the user and the only group that the program becomes; 0 is the caller's
	Caps     []uintptr // capabilities that it keeps though it is not root

	Limits []Rlimit
	Groups []*os.File           // cgroup.procs of the control groups that it is to be in
	Filter []bpf.RawInstruction // for seccomp(2)
}

// An Rlimit is a resource limit, see setrlimit(2): soft and hard, or what is
// allowed already if that is less.
type Rlimit struct {
	Resource   int
	Soft, Hard uint64
}

// An Event is one thing that the program did: its Call is set, or its Output if
// it wrote to stdout or stderr.
type Event struct {
	recording.Event

	ID         int           // from 1 in the order in which calls began; a Call's ID too
	TID        int           // of the thread that made the call
	Start, End time.Duration // when the call began and returned
	Other      bool          // a child process of the program did it

	FD             int     // the descriptor that the call is about, -1 if none
	Socket         *Socket // what it is, if it is a socket
	Sent, Received int     // bytes moved out of the program and into it
	Again          bool    // EAGAIN: nothing there yet, it will be tried again
	Probe          bool    // package net made it to learn what the machine can do
	Poller         bool    // the runtime made it to be woken when something is ready
}

// A Socket is what is known of one after a call. Endpoints of the Internet
// families have addresses, those of others a text only.
type Socket struct {
	Family    string // "INET", "INET6", "UNIX", "NETLINK", "PACKET" ...
	Type      string // "STREAM", "DGRAM", "SEQPACKET", "RAW"
	Proto     string // "TCP", "UDP", "MPTCP", "ICMP", or "" for a family's only one
	Local     netip.AddrPort
	Remote    netip.AddrPort
	LocalText string // as in a descriptor's text: "192.0.2.10:50001", "@abstract"
	PeerText  string
	Listening bool
}

// An End says how the program ended and what was not reported.
type End struct {
	Exit    int    // its exit code, -1 if it did not exit by itself
	Signal  string // "SIGSEGV", if a signal ended it
	Calls   int    // calls reported
	Hidden  int    // calls seen that no line of the program's own files made
	Dropped int    // calls beyond the Program's limit, with a line or without
	Others  int    // calls seen of its child processes
	Slow    bool   // the kernel took no filter and stopped the program at every call
}
