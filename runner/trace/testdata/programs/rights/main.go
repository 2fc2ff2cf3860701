// A descriptor that travels over a UNIX socket.
package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET, 0) // trace: socketpair
	must(err)
	var pipe [2]int
	must(unix.Pipe2(pipe[:], unix.O_CLOEXEC))                                        // trace: pipe2
	must(unix.Sendmsg(pair[0], []byte("take it"), unix.UnixRights(pipe[1]), nil, 0)) // trace: sendmsg=7
	b, oob := make([]byte, 16), make([]byte, unix.CmsgSpace(4))
	_, oobn, _, _, err := unix.Recvmsg(pair[1], b, oob, 0) // trace: recvmsg=7
	must(err)
	messages, err := unix.ParseSocketControlMessage(oob[:oobn])
	must(err)
	fds, err := unix.ParseUnixRights(&messages[0])
	must(err)
	_, err = unix.Write(fds[0], []byte("through")) // trace: write=7
	must(err)
	n, err := unix.Read(pipe[0], b) // trace: read=7
	fmt.Println(string(b[:n]), err) // trace: stdout
}
