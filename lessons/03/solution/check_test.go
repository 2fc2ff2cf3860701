package main

import (
	"fmt"
	"testing"

	"sockets/runner/check"
)

func TestMain(m *testing.M) { check.Main(m, "sockinfo") }

func TestStream(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux")
	check.Describe(t, "INET STREAM, without a protocol: the kernel makes TCP of it, 6.")
	check.Hint(t, "Protocol 0 asks for the usual one. Which that is, only SO_PROTOCOL tells.")
	made(t, "INET STREAM 6", "INET", "STREAM")
	made(t, "INET6 STREAM 6", "INET6", "STREAM")
}

func TestDatagram(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux")
	check.Describe(t, "INET DGRAM and INET6 DGRAM: UDP, 17.")
	check.Hint(t, "Give unix.Socket family, type and protocol in this order. On Linux SOCK_DGRAM and AF_INET are both 2.")
	made(t, "INET DGRAM 17", "INET", "DGRAM")
	made(t, "INET6 DGRAM 17", "INET6", "DGRAM")
}

func TestUnix(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux")
	check.Describe(t, "UNIX with STREAM, DGRAM and SEQPACKET: there are all three, and the protocol stays 0.")
	check.Hint(t, "In AF_UNIX nothing carries the bytes, so there is no protocol to name.")
	made(t, "UNIX STREAM 0", "UNIX", "STREAM")
	made(t, "UNIX DGRAM 0", "UNIX", "DGRAM")
	made(t, "UNIX SEQPACKET 0", "UNIX", "SEQPACKET")
}

func TestUnixRaw(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux")
	check.Describe(t, "UNIX RAW: a socket comes, and it is another one than was asked for.")
	check.Hint(t, "Don't print what you asked for. SO_DOMAIN, SO_TYPE and SO_PROTOCOL say what the kernel made.")
	made(t, "UNIX DGRAM 0", "UNIX", "RAW")
}

func TestNoSuchType(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux")
	check.Describe(t, "INET RDM, INET6 SEQPACKET and UNIX RDM: the family lacks the type.")
	check.Hint(t, "unix.ErrnoName gives the name of an error that is a unix.Errno; print it on stdout.")
	refused(t, "ESOCKTNOSUPPORT", "INET", "RDM")
	refused(t, "ESOCKTNOSUPPORT", "INET6", "SEQPACKET")
	refused(t, "ESOCKTNOSUPPORT", "UNIX", "RDM")
}

func TestNoSuchProtocol(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux")
	check.Describe(t, "INET RAW and INET6 RAW, without a protocol: raw has no usual one.")
	check.Hint(t, "Ask the kernel, and print the name of what it answers.")
	refused(t, "EPROTONOSUPPORT", "INET", "RAW")
	refused(t, "EPROTONOSUPPORT", "INET6", "RAW")
}

func TestThirdArgument(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux")
	check.Describe(t, "A protocol is named: the one of the type, one of another type, and 0.")
	check.Hint(t, "PROTO is the third argument of socket(2), a number.")
	made(t, "INET STREAM 6", "INET", "STREAM", "6")
	made(t, "UNIX DGRAM 0", "UNIX", "DGRAM", "0")
	refused(t, "EPROTONOSUPPORT", "INET", "STREAM", "17")
	refused(t, "EPROTONOSUPPORT", "UNIX", "STREAM", "6")
}

func TestFamilyNumber(t *testing.T) {
	check.Points(t, 1)
	check.Only(t, "linux")
	check.Describe(t, "The family is a number: 1, which is UNIX, and 999, which no kernel has.")
	check.Hint(t, "A FAMILY that is no name may be a number; let the kernel judge it.")
	made(t, "UNIX STREAM 0", "1", "STREAM")
	refused(t, "EAFNOSUPPORT", "999", "STREAM")
}

func TestThousandSockets(t *testing.T) {
	check.Points(t, 3)
	check.Only(t, "linux")
	check.Describe(t, "1,000 sockets in one process: each is closed before the next is made.")
	check.Hint(t, "The kernel gives the lowest free number. If yours grow, nothing is closed: a defer waits for the end of its function, not of the loop.")
	prog := check.Run(t, "-n", "1000", "UNIX", "DGRAM")
	for range 1000 {
		descriptor(t, prog)
		prog.WantStdout(" UNIX DGRAM 0\n")
	}
	prog.WantExit(0)
}

func TestRefusedAgain(t *testing.T) {
	check.Points(t, 1)
	check.Only(t, "linux")
	check.Hidden(t)
	check.Describe(t, "Three sockets that the kernel does not make: three lines, and exit code 1.")
	check.Hint(t, "An error is a result here: print it, and go on with the next.")
	prog := check.Run(t, "-n", "3", "INET", "RDM")
	prog.WantStdout("errno ESOCKTNOSUPPORT\nerrno ESOCKTNOSUPPORT\nerrno ESOCKTNOSUPPORT\n")
	prog.WantExit(1)
}

func TestRealCalls(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux")
	check.Traced(t)
	check.Describe(t, "Three sockets: the kernel is asked for each, and for what each is, and gets each back.")
	check.Hint(t, "unix.Socket, three times unix.GetsockoptInt, unix.Close: a call of the kernel each.")
	prog := check.Run(t, "-n", "3", "UNIX", "STREAM")
	for range 3 {
		descriptor(t, prog)
		prog.WantStdout(" UNIX STREAM 0\n")
	}
	prog.WantExit(0)
	prog.WantCalls("socket", 3)
	prog.WantCalls("getsockopt", 9)
	prog.WantCalls("close", 3)
}

func TestCloseOnExec(t *testing.T) {
	check.Points(t, 1)
	check.Only(t, "linux")
	check.Traced(t)
	check.Describe(t, "The socket is made with SOCK_CLOEXEC, in the call that makes it.")
	check.Hint(t, "The type may carry flags: kind | unix.SOCK_CLOEXEC.")
	prog := check.Run(t, "UNIX", "SEQPACKET")
	descriptor(t, prog)
	prog.WantStdout(" UNIX SEQPACKET 0\n")
	prog.WantExit(0)
	prog.CalledWith("socket", "SOCK_CLOEXEC")
}

func TestUsage(t *testing.T) {
	check.Points(t, 1)
	check.Only(t, "linux")
	check.Hidden(t)
	check.Describe(t, "Unknown names and wrong arguments: the word usage on stderr, nothing on stdout, exit code 2.")
	check.Hint(t, "A map tells, with a second value, whether it has the name.")
	for _, args := range [][]string{
		{},
		{"INET"},
		{"OSI", "STREAM"},
		{"INET", "STEAM"},
		{"INET", "STREAM", "tcp"},
		{"INET", "STREAM", "6", "0"},
		{"-n", "0", "INET", "STREAM"},
	} {
		prog := check.Run(t, args...)
		prog.WantStderr("usage")
		prog.WantExit(2)
	}
}

// made wants a line that says what the kernel made, after its number.
func made(t *testing.T, want string, args ...string) {
	t.Helper()
	prog := check.Run(t, args...)
	descriptor(t, prog)
	prog.WantStdout(" " + want + "\n")
	prog.WantExit(0)
}

// refused wants the name of the error with which the kernel refused.
func refused(t *testing.T, want string, args ...string) {
	t.Helper()
	prog := check.Run(t, args...)
	prog.WantStdout(fmt.Sprintf("errno %s\n", want))
	prog.WantExit(1)
}

// descriptor takes a descriptor's number. 0, 1 and 2 are taken; Go's runtime
// may have opened some more.
func descriptor(t *testing.T, prog *check.Program) {
	t.Helper()
	prog.WantNumber(3, 63)
}
