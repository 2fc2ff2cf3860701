package pocket

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// controlFD is the agent's end of the control socket.
const controlFD = 3

// A message is what the two halves say to each other, one JSON value in one
// record of a SEQPACKET socket, with at most one descriptor.
//
//	config  to the agent: what the pocket is to be
//	up      to the runner: it is, and waits
//	refused to the runner: it can't be, and why
//	socket  to the agent: make a socket there; to the runner: here it is
//	begin   to the agent: everybody is in place
//	report  to the runner: a file with what the agent has to say
type message struct {
	Op     string
	Config *Config  `json:",omitempty"`
	Socket *socket  `json:",omitempty"`
	Error  *refusal `json:",omitempty"`

	file *os.File // that came or goes with it
}

// A socket is the arguments of socket(2).
type socket struct{ Domain, Type, Protocol int }

// A refusal is an error on its way to the runner.
type refusal struct {
	Step, Text, Help string
	Errno            syscall.Errno // 0 if it is none of the kernel's
}

func (r *refusal) err() error {
	var err error = remote{r.Text, r.Errno}
	if r.Step == "" {
		return err
	}
	return &Refused{Step: r.Step, Err: err, Help: r.Help}
}

func refuse(err error) *refusal {
	r := &refusal{Text: err.Error()}
	_ = errors.As(err, &r.Errno)
	if step := (*Refused)(nil); errors.As(err, &step) {
		r.Step, r.Text, r.Help = step.Step, step.Err.Error(), step.Help
	}
	return r
}

// A remote is an error of the agent, which errors.Is knows by its errno.
type remote struct {
	text  string
	errno syscall.Errno
}

func (r remote) Error() string { return r.text }

func (r remote) Unwrap() error {
	if r.errno == 0 {
		return nil
	}
	return r.errno
}

// maxMessage is more than any message has.
const maxMessage = 128 << 10

// control is one end of the control socket. One goroutine may send while
// another receives.
type control struct{ conn *net.UnixConn }

// newControl makes a control socket of a descriptor, and closes the file.
func newControl(f *os.File) (*control, error) {
	conn, err := net.FileConn(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	uc, ok := conn.(*net.UnixConn)
	if !ok {
		_ = conn.Close()
		return nil, fmt.Errorf("descriptor %d is no UNIX socket", f.Fd())
	}
	return &control{uc}, nil
}

// send sends a message; its file remains the caller's.
func (c *control) send(m message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(b) > maxMessage {
		return fmt.Errorf("a message of %d bytes, and %d are the limit", len(b), maxMessage)
	}
	if m.file == nil {
		_, err = c.conn.Write(b)
		return err
	}
	return with(m.file, "sendmsg", func(fd int) error {
		_, _, err := c.conn.WriteMsgUnix(b, unix.UnixRights(fd), nil)
		return err
	})
}

// receive waits for a message. The end of the other half is io.EOF.
func (c *control) receive() (message, error) {
	b := make([]byte, maxMessage)
	oob := make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := c.conn.ReadMsgUnix(b, oob)
	if errors.Is(err, syscall.ECONNRESET) { // it ended with messages unread
		err = io.EOF
	}
	if err != nil {
		return message{}, err
	}
	var m message
	if err := json.Unmarshal(b[:n], &m); err != nil {
		return message{}, err
	}
	m.file, err = descriptor(oob[:oobn])
	return m, err
}

// descriptor is the file that came as ancillary data, or nil.
func descriptor(oob []byte) (*os.File, error) {
	if len(oob) == 0 {
		return nil, nil
	}
	cms, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, err
	}
	fds, err := unix.ParseUnixRights(&cms[0])
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fds[0]), "from the pocket"), nil
}
