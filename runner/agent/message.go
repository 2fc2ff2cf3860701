package agent

import (
	"syscall"
	"time"

	"sockets/runner/cage"
	"sockets/runner/frame"
	"sockets/runner/trace"
)

// agentKey is the variable that makes a process an agent: its value is a setting.
const agentKey = "SOCKETS_AGENT"

// A setting is what an agent must know before it can take an order.
type setting struct {
	Probe  bool // it only tries whether there can be a pocket
	Pocket bool // it is in a pocket

	Cage  *cage.Limits // it closes a cage around the program
	Shown []string     // what the program is to see in it

	Groups int // descriptors of the program's cgroups, which follow

	Files int // the descriptor that its order comes from; it reports on the next
}

// An Order is what an agent is to run.
type Order struct {
	Path  string        // of the program, as it is called inside
	Args  []string      // without its name
	Dir   string        // where it starts, inside
	Env   []string      // all of it
	Stdin []byte        // what the program can read; then its stdin ends
	Dirs  []string      // of the program's own files, see trace.Program
	Limit time.Duration // then it gets SIGQUIT, and three seconds later all of it SIGKILL

	Ports []uint16 // of TCP, all that it may dial in a cage without a pocket; nil is any

	Calls    int  // reported at most, see trace.Program
	Live     bool // report what happens as it happens, for Look; set by Spec.Live
	Untraced bool // see nothing of its calls: it runs as fast as without an agent
	Children bool // the run goes on, up to the limit, while processes that the program has left do
}

// A request is what the runner asks of its agent: first an order, then others.
type request struct {
	ID      int
	Order   *Order
	Signal  syscall.Signal
	Threads bool // the signal is for each thread of the program
	Usage   bool
	Kill    bool
}

// A reply is the answer to the request of the same number.
type reply struct {
	ID    int
	Usage *Usage
	Ended bool
	Error string
}

// A message is one thing that the agent has to say: exactly one field is set.
type message struct {
	Event   *trace.Event // the program did this
	Begun   *trace.Event // it began to; only if the order is Live
	Frames  []frame.Raw  // the wire carried these, too
	Started bool         // the program is there
	Exit    *Exit        // its own process has ended
	Reply   *reply       // to a request
	End     *ending      // the last message of an agent that could do its work
	Failure string       // the last of one that could not
}

// An ending is how the run ended, as the agent saw it.
type ending struct {
	Exit         Exit
	Hidden       int
	Dropped      int
	Others       int
	Late         bool // the program was still going at the limit
	Killed       bool // the runner asked for its end
	Left         int  // processes that it had left, killed
	User, System time.Duration
}
