package run

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sockets/runner/lesson"
	"sockets/runner/process"
	"sockets/runner/recording"
)

func TestJudge(t *testing.T) {
	type end = recording.End
	type expect = lesson.Expect
	for _, c := range []struct {
		name   string
		end    end
		expect expect
		want   string // part of the failure; "" if there is none
	}{
		{"exit 0", end{}, expect{}, ""},
		{"exit 1 for 0", end{Exit: 1}, expect{}, "it must exit 0, but it exited 1"},
		{"exit 1", end{Exit: 1}, expect{Exit: 1}, ""},
		{"exit 0 for 1", end{}, expect{Exit: 1}, "it must exit 1, but it exited 0"},
		{"signal", end{Exit: -1, Signal: "SIGPIPE"}, expect{Signal: "SIGPIPE"}, ""},
		{"other signal", end{Exit: -1, Signal: "SIGSEGV"}, expect{Signal: "SIGPIPE"}, "it must be ended by SIGPIPE, but SIGSEGV ended it"},
		{"signal for exit", end{Exit: -1, Signal: "SIGSEGV"}, expect{Exit: 1}, "it must exit 1, but SIGSEGV ended it"},
		{"exit for signal", end{Exit: 2}, expect{Signal: "SIGPIPE"}, "it must be ended by SIGPIPE, but it exited 2"},
		{"deadline", end{Exit: -1, Deadline: "1s"}, expect{Deadline: time.Second}, ""},
		{"too soon", end{}, expect{Deadline: time.Second}, "it must be still going after 1s, but it exited 0"},
		{"too late", end{Exit: -1, Deadline: "10s"}, expect{}, "it must exit 0, but it was still going after 10s"},
		{"too much", end{Exit: -1, Signal: "SIGKILL", Cut: true}, expect{Signal: "SIGKILL"}, "it printed more than 1 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, r := &lesson.Lesson{Number: "03"}, lesson.Run{Name: "x", Expect: c.expect}
			err := Judge(l, r, &Result{
				Recording: &recording.Recording{Header: recording.Header{End: c.end}},
				Raw:       &process.End{Stderr: []byte("complaint\n")},
			})
			var failed *Failure
			switch {
			case c.want == "" && err != nil:
				t.Errorf("Judge = %v, want nil", err)
			case c.want != "" && (!errors.As(err, &failed) || !strings.Contains(err.Error(), "lesson 03, run x: "+c.want)):
				t.Errorf("Judge = %v, want a *Failure with %q", err, c.want)
			}
		})
	}
}

func TestFailure(t *testing.T) {
	stderr := strings.Repeat("early\n", 30) + "complaint\n"
	dump := "SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n\n" +
		"goroutine 0 gp=0x1 m=0 mp=0x2 [idle]:\nruntime.mcall()\n\truntime/asm.s:1 +0x1 fp=0x1 sp=0x2 pc=0x3\n\n" +
		"goroutine 1 gp=0x1 m=nil [IO wait]:\nnet.(*conn).Read(0x1)\n\tnet/net.go:1 +0x1\nmain.main()\n\tsockets/lessons/03/main.go:7 +0x2\n\nrax 0x1\n"
	result := &Result{
		Recording: &recording.Recording{
			Header: recording.Header{End: recording.End{Exit: -1, Deadline: "10s", Waiting: []recording.Place{{File: "main.go", Line: 7, Func: "main"}}}},
			Events: events(recording.Stderr, stderr),
		},
		Raw:  &process.End{Late: true, Stderr: []byte(stderr + dump)},
		dirs: []string{"sockets/lessons/03"},
	}
	l := &lesson.Lesson{Number: "03", Dir: "lessons/03"}
	err := Judge(l, lesson.Run{Name: "hang", Line: 14}, result)
	want := "lesson 03, run hang: it must exit 0, but it was still going after 10s and was stopped; it waited at main.go:7 (main) (declared in lessons/03/lesson.md:14)\n" +
		"    The last it printed on stderr:\n" + strings.Repeat("\tearly\n", 19) + "\tcomplaint\n" +
		"    Where its goroutines stood:\n\tgoroutine 1 [IO wait]:\n\tmain.main()\n\t\tmain.go:7"
	if err == nil || err.Error() != want {
		t.Errorf("Judge = %v\nwant %s", err, want)
	}
	// A stored recording has no more than itself.
	result.Raw = nil
	if err := Judge(l, lesson.Run{Name: "hang"}, result); err == nil || strings.Contains(err.Error(), "goroutine") {
		t.Errorf("Judge = %v, want a *Failure without stacks", err)
	}
	result.Raw = &process.End{Late: true, Stderr: []byte("SIGQUIT: quit\nPC=0x1 m=0\n\ngoroutine 0 [idle]:\nruntime.mcall()\n\truntime/asm.s:1 +0x1\n")}
	if err := Judge(l, lesson.Run{Name: "hang"}, result); err == nil || !strings.Contains(err.Error(), "\tPC=0x1") {
		t.Errorf("Judge = %v, want a *Failure with the dump as it is", err)
	}
}
