package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// become is the variable that turns a process into a service.
const become = "SOCKETS_LAB"

// startTimeout is how long a child may take to report its addresses.
const startTimeout = 10 * time.Second

// Become turns this process into the service if its environment asks for it,
// and returns at once if not. Each service calls it when its package is
// initialised. A process that became a service serves until its standard
// input ends, and exits.
func (s *Service) Become() {
	if os.Getenv(become) != s.Name {
		return
	}
	forget()

	// Keys such as Ctrl-C go to every process of the terminal's foreground
	// group. They are meant for the lesson, which lets us know by ending.
	signal.Ignore(os.Interrupt, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)

	r, err := s.Start()
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	fmt.Println(strings.Join(r.Env(), "\n"))
	_ = os.Stdout.Close() // the end of the report; nothing else is printed

	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	<-ctx.Done()
	if err := r.Close(); err != nil {
		os.Exit(3)
	}
	os.Exit(0)
}

// spawn starts this binary again as the service and returns the addresses
// that it reports. What stays in this process is one descriptor, the write end
// of the child's standard input, and the runtime's poller.
func (s *Service) spawn() (address, error) {
	// Or a service that forgot Become would start itself for ever.
	if name := os.Getenv(become); name != "" {
		return address{}, fmt.Errorf("%s=%s is set, which this program can't become; unset it", become, name)
	}
	exe, err := os.Executable()
	if err != nil {
		return address{}, err
	}
	cmd := exec.CommandContext(context.Background(), exe)
	cmd.Env = childEnv(os.Environ(), s.Name)

	// Standard error stays nil, which is the null device: if the child held
	// ours, whoever reads our output would wait for the child's end too.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return address{}, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return address{}, err
	}
	if err := cmd.Start(); err != nil {
		return address{}, err
	}

	// Killing the child ends the read below, on every system.
	timer := time.AfterFunc(startTimeout, func() { _ = cmd.Process.Kill() })
	report, err := io.ReadAll(stdout)
	at, ok := s.parse(variables(string(report)))
	switch {
	case !timer.Stop():
		err = fmt.Errorf("no address came within %v", startTimeout)
	case err == nil && !ok:
		err = sentence(report)
	}
	if err != nil {
		_ = stdin.Close()
		_ = cmd.Wait()
		return address{}, err
	}

	// Not collected, or it would be closed and the child would end.
	s.alive = stdin
	_ = stdout.Close()
	return at, cmd.Process.Release()
}

// sentence is what a child that failed had to say.
func sentence(report []byte) error {
	text := strings.TrimSpace(string(report))
	if text == "" {
		text = "its process ended without a word"
	}
	return errors.New(text)
}

// childEnv is env for a child that is to become the service called name.
func childEnv(env []string, name string) []string {
	var out []string
	for _, kv := range env {
		if !strings.HasPrefix(kv, "LAB_") && !strings.HasPrefix(kv, become+"=") {
			out = append(out, kv)
		}
	}
	return append(out, become+"="+name)
}

// variables looks a key up in lines of KEY=VALUE, as os.LookupEnv does in the
// environment.
func variables(lines string) func(key string) (string, bool) {
	return func(key string) (string, bool) {
		for line := range strings.Lines(lines) {
			if value, ok := strings.CutPrefix(line, key+"="); ok {
				return strings.TrimSpace(value), true
			}
		}
		return "", false
	}
}
