package recording

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	nilDereference = `before
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x6217b5]

goroutine 34 [running]:
main.(*conn).read(...)
	/home/you/lessons/09/main.go:4
net/http.(*conn).serve(0xc0001, {0x1, 0x2})
	/usr/local/go/src/net/http/server.go:2102 +0x62c
main.main.func1()
	/home/you/lessons/09/main.go:10 +0x155
created by main.main in goroutine 1
	/home/you/lessons/09/main.go:9 +0x9a
`
	deadlock = `fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive, 2 minutes]:
main.main()
	sockets/lessons/09/pitfalls/lock/main.go:13 +0x245

goroutine 18 [select]:
net/http.(*persistConn).writeLoop(0x4f)
	net/http/transport.go:2600 +0xe5
created by net/http.(*Transport).dialConn in goroutine 5
	net/http/transport.go:1944 +0x174f

goroutine 19 [IO wait]:
main.main.gowrap1()
	sockets/lessons/09/pitfalls/lock/main.go:7 +0x25
created by main.main in goroutine 1
	sockets/lessons/09/pitfalls/lock/main.go:7 +0x145
`
	// The registers and the runtime's own stacks come with the dump upon SIGQUIT.
	stacks = `SIGQUIT: quit
PC=0x4096ae m=0 sigcode=0

goroutine 0 gp=0x986080 m=0 mp=0x987020 [idle]:
internal/runtime/syscall/linux.Syscall6()
	/usr/local/go/src/internal/runtime/syscall/linux/asm_linux_amd64.s:36 +0xe fp=0x7ffce01700b0 sp=0x7ffce01700a8 pc=0x4096ae

goroutine 1 gp=0x245b78bd41e0 m=nil [sync.WaitGroup.Wait]:
runtime.goparkunlock(...)
	/usr/local/go/src/runtime/proc.go:468
main.main()
	/home/you/lessons/09/main.go:13 +0x245 fp=0x245b78cf3f48 sp=0x245b78cf3ed8 pc=0x6218a5

goroutine 20 gp=0x245b78c84780 m=nil [IO wait]:
internal/poll.(*FD).Read(0x245b78c96000, {0x245b78c0e010, 0xa, 0xa})
	/usr/local/go/src/internal/poll/fd_unix.go:165 +0x2ae fp=0x1 sp=0x2 pc=0x3
main.(*conn[...]).read(0x1)
	/home/you/lessons/09/main.go:4 +0x2f fp=0x245b78c0bf48 sp=0x245b78c0bf18 pc=0x62159f
main.main.func2()
	/home/you/lessons/09/main.go:12 +0x7b
created by main.main in goroutine 1
	/home/you/lessons/09/main.go:12 +0x23e

goroutine 21 gp=0x2 m=nil [IO wait]:
main.(*conn[...]).read(0x2)
	/home/you/lessons/09/main.go:4 +0x2f fp=0x245b78c0bf48 sp=0x245b78c0bf18 pc=0x62159f

goroutine 22 gp=0x3 m=1 mp=0x4 [running]:
	goroutine running on other thread; stack unavailable
created by main.main in goroutine 1
	/home/you/lessons/09/main.go:11 +0x23e

rax    0xfffffffffffffffc
rip    0x4096ae
eflags 0x246
`
)

func TestTraces(t *testing.T) {
	for _, c := range []struct{ name, from, to string }{
		{"panic", nilDereference, `before
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation]

goroutine N [running]:
main.(*conn).read(...)
	main.go:4
main.main.func1()
	main.go:10
created by main.main
	main.go:9
`},
		{"deadlock", deadlock, `fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive]:
main.main()
	pitfalls/lock/main.go:13

goroutine N [IO wait]:
main.main.gowrap1()
	pitfalls/lock/main.go:7
created by main.main
	pitfalls/lock/main.go:7
`},
		{"value", "panic: (*main.conn) 0xc000012345\n\tpanic: (main.T) 0x4a5b6c\npanic: main: 0xbeef\n", "panic: (*main.conn) 0x...\n\tpanic: (main.T) 0x...\npanic: main: 0xbeef\n"},
		{"no trace", "goroutine 7 [running]\nf(0x1)\nrax 0x1\n", "goroutine 7 [running]\nf(0x1)\nrax 0x1\n"},
		{"registers", "runtime stack:\nruntime.throw()\n\truntime/panic.go:1 +0x1\n\nrax    0x1\nr10    0x2\ndone\n", "done\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Normalise(printed(nil, "", c.from), "/home/you/lessons/09", "sockets/lessons/09").Printed(Stderr)
			if diff := cmp.Diff(c.to, got); diff != "" {
				t.Errorf("Normalise (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCutDumpAndWaiting(t *testing.T) {
	own, dump := CutDump("no newline" + stacks)
	if own != "no newline" || dump != stacks {
		t.Errorf("CutDump = %q and a dump of %d bytes, want %q and %d", own, len(dump), "no newline", len(stacks))
	}
	if own, dump := CutDump("SIGQUIT: quit\n"); own != "SIGQUIT: quit\n" || dump != "" {
		t.Errorf("CutDump of what is no dump = %q, %q", own, dump)
	}
	want := []Place{{"main.go", 4, "conn.read"}, {"main.go", 13, "main"}}
	if diff := cmp.Diff(want, Waiting(dump, "/home/you/lessons/09")); diff != "" {
		t.Errorf("Waiting (-want +got):\n%s", diff)
	}
	if got := Waiting("", "/home/you/lessons/09"); got != nil {
		t.Errorf("Waiting of nothing = %v", got)
	}
}
