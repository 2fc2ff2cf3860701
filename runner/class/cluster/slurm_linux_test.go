package cluster_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A slurm is a cluster that runs: a controller, and nodes by their names.
type slurm struct {
	t       *testing.T
	dir     string // the cluster's own files
	root    string // where commands are run
	nodes   map[string]*daemon
	daemons []*daemon
}

// A daemon is one of its processes. Its end is known when done is closed.
type daemon struct {
	name string
	cmd  *exec.Cmd
	done chan struct{}
	off  bool // it is to end
}

// patience is how long a test waits for anything, on a machine that is very busy.
const patience = 3 * time.Minute

// startSlurm starts a cluster in the folder, and waits until its nodes are idle.
func startSlurm(t *testing.T, dir string) *slurm {
	t.Helper()
	s := &slurm{t: t, dir: dir, nodes: make(map[string]*daemon)}
	conf, err := os.ReadFile(filepath.Join("testdata", "slurm.conf"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"slurm.conf": strings.ReplaceAll(string(conf), "DIR", dir),
		"munge.key":  rand.Text() + rand.Text(),
		// Only later versions can be told to leave cgroups alone; what earlier ones
		// have for cgroups of version 1 does nothing unless it is asked to.
		"cgroup.conf": map[bool]string{true: "CgroupPlugin=cgroup/v1\n", false: "CgroupPlugin=disabled\n"}[strings.Contains(s.run("slurmctld", "-V"), " 22.")],
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o400); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SLURM_CONF", filepath.Join(dir, "slurm.conf"))
	t.Cleanup(s.stop)
	file := func(name string) string { return filepath.Join(dir, "munge."+name) }
	s.start("munged", nil, "munged", "--foreground", "--origin="+addresses["head"], "--key-file="+file("key"),
		"--socket="+file("socket"), "--pid-file="+file("pid"), "--seed-file="+file("seed"), "--num-threads=2")
	s.until("munged answers", func() (bool, string) {
		out, err := exec.CommandContext(t.Context(), "munge", "--no-input", "--socket="+file("socket")).CombinedOutput()
		return err == nil, string(out)
	})
	s.start("slurmctld", nil, "slurmctld", "-D")
	for name := range addresses {
		if name != "head" {
			s.nodes[name] = s.start(name, enterNode, "/proc/self/exe", "-D", "-N", name)
		}
	}
	s.until("both nodes are idle", func() (bool, string) {
		out := s.try("sinfo", "--noheader", "--Node", "--format=%N=%T")
		return strings.TrimSpace(out) == "n1=idle\nn2=idle", out
	})
	return s
}

// start starts a daemon. What it says is in a file of the cluster's folder.
func (s *slurm) start(name string, enter func(*syscall.SysProcAttr), path string, args ...string) *daemon {
	s.t.Helper()
	log, err := os.Create(filepath.Join(s.dir, name+".log"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // it is the daemon's
	cmd := exec.CommandContext(context.Background(), path, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if enter != nil {
		enter(cmd.SysProcAttr)
		cmd.Env = append(os.Environ(), roleVar+"=node")
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start %s: %v", name, err)
	}
	d := &daemon{name: name, cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(d.done)
		_ = cmd.Wait() // how it ended is in cmd
	}()
	s.daemons = append(s.daemons, d)
	return d
}

// stop ends the cluster, and shows what it said if the test failed.
func (s *slurm) stop() {
	for _, d := range s.daemons {
		_ = d.cmd.Process.Kill() // it may have ended
		<-d.done
	}
	if !s.t.Failed() {
		return
	}
	logs, _ := filepath.Glob(filepath.Join(s.dir, "*.log"))
	for _, name := range logs {
		text, err := os.ReadFile(name)
		s.t.Logf("%s (%v):\n%s", filepath.Base(name), err, text[max(0, len(text)-6000):])
	}
}

// off takes a node's power away: slurmd, the step and all that it runs.
func (s *slurm) off(name string) {
	s.t.Helper()
	d := s.nodes[name]
	d.off = true
	if err := d.cmd.Process.Kill(); err != nil {
		s.t.Fatalf("kill %s: %v", name, err)
	}
	<-d.done
}

// down names a daemon that has ended though it should not.
func (s *slurm) down() (name string, err error) {
	for _, d := range s.daemons {
		select {
		case <-d.done:
			if !d.off {
				return d.name, fmt.Errorf("it ended: %v", d.cmd.ProcessState)
			}
		default:
		}
	}
	return "", nil
}

// until waits for something to become true.
func (s *slurm) until(what string, is func() (ok bool, seen string)) {
	s.t.Helper()
	var seen string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var ok bool
		if ok, seen = is(); ok {
			return
		}
		if name, err := s.down(); err != nil {
			s.t.Fatalf("while waiting until %s: %s: %v", what, name, err)
		}
	}
	s.t.Fatalf("not after %v: %s; last seen:\n%s", patience, what, seen)
}

// try runs a command, and gives what it printed, or why it failed.
func (s *slurm) try(name string, args ...string) string {
	s.t.Helper()
	out, err := s.command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// run runs a command that must not fail.
func (s *slurm) run(name string, args ...string) string {
	s.t.Helper()
	cmd := s.command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s%s", cmd, err, out, &stderr)
	}
	return strings.TrimSpace(string(out))
}

func (s *slurm) command(name string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	s.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.WaitDelay = s.root, time.Second
	return cmd
}

// A task is one of an array, as scontrol shows it.
type task struct{ state, node, restarts, reason string }

// tasks are those of an array, by their numbers.
func (s *slurm) tasks(id string) map[string]task {
	s.t.Helper()
	all := make(map[string]task)
	for line := range strings.Lines(s.try("scontrol", "--oneliner", "show", "job", id)) {
		field := make(map[string]string)
		for word := range strings.FieldsSeq(line) {
			key, value, _ := strings.Cut(word, "=")
			field[key] = value
		}
		all[field["ArrayTaskId"]] = task{field["JobState"], field["NodeList"], field["Restarts"], field["Reason"]}
	}
	return all
}
