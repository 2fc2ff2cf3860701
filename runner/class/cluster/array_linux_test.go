package cluster_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/process"
	"sockets/runner/tier"
)

// A class is graded by an array of four tasks on two nodes. One node loses its
// power while a task of it runs; the other does that task again. The merged
// result is that of one run on one machine, to the byte.
func TestSlurm(t *testing.T) {
	if os.Getenv(roleVar) == "teacher" {
		testArray(t, os.Getenv(folderVar))
		return
	}
	tier.Long(t)
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin")
	for _, name := range []string{"munged", "munge", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "sinfo"} {
		if _, err := exec.LookPath(name); err != nil {
			tier.Lacks(t, name+" is not installed; apt-get install munge slurmctld slurmd slurm-client would be right")
		}
	}
	dir, err := os.MkdirTemp("", "slurm-") //nolint:usetesting // a short name: there will be sockets in it
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}()
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // munged insists on it
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	end, err := process.Run(t.Context(), process.Command{
		Path: self, Args: []string{"-test.run=^TestSlurm$", "-test.v", "-test.timeout=12m"},
		Env: append(os.Environ(), roleVar+"=room", folderVar+"="+dir), Limit: 13 * time.Minute, Attributes: enterRoom,
		Stdout: t.Output(), Stderr: t.Output(), Output: 8 << 20,
	})
	if err != nil {
		tier.Lacks(t, "the kernel allows no namespaces for a cluster: "+err.Error())
	}
	if end.Code != 0 {
		t.Errorf("the test inside ended with exit code %d, signal %q, late %v", end.Code, end.Signal, end.Late)
	}
	if end.Stragglers != 0 {
		t.Errorf("%d processes were left, want none", end.Stragglers)
	}
	if left := using(t, dir); len(left) > 0 {
		t.Errorf("these were left, want none: %q", left)
	}
}

// using gives the command lines of processes that have to do with the folder.
func using(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(names) == 0 {
		t.Fatalf("no processes in /proc: %v", err)
	}
	var lines []string
	for _, name := range names {
		if name == fmt.Sprintf("/proc/%d", os.Getpid()) {
			continue
		}
		for _, file := range []string{"cmdline", "environ", "maps"} {
			text, err := os.ReadFile(filepath.Join(name, file))
			if err == nil && strings.Contains(string(text), dir) { // gone, or another user's: not ours
				lines = append(lines, name+" "+file)
			}
		}
	}
	return lines
}

// at is when everything is graded.
const at = "2026-11-25T08:00:00Z"

func testArray(t *testing.T, dir string) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	class := makeClass(t, root, dir)
	s := startSlurm(t, dir)
	s.root = root
	single, shards, merged := filepath.Join(dir, "single"), filepath.Join(dir, "shards"), filepath.Join(dir, "merged")
	s.run("go", "run", "./runner", "grade", "--class", class, "--out", single, "--at", at)

	id := s.run("sbatch", "--parsable", "--output="+filepath.Join(dir, "task-%a.log"),
		filepath.Join("runner", "class", "cluster", "class.sbatch"), class, shards, "--at", at)
	var lost string
	s.until("a task on n1 judges submissions", func() (bool, string) {
		tasks := s.tasks(id)
		for n, task := range tasks {
			log, _ := os.ReadFile(filepath.Join(dir, "task-"+n+".log"))
			if task.state == "RUNNING" && task.node == "n1" && strings.Contains(string(log), "to grade") {
				lost = n
			}
		}
		return lost != "", fmt.Sprint(tasks)
	})
	s.off("n1")
	s.until("task "+lost+" is requeued", func() (bool, string) {
		task := s.tasks(id)[lost]
		return task.restarts == "1", fmt.Sprint(task)
	})
	s.until("all tasks are completed", func() (bool, string) {
		tasks := s.tasks(id)
		completed := 0
		for n, task := range tasks {
			if task.reason == "BeginTime" {
				// Slurm gives a lost node two minutes to stop writing; ours is dead.
				s.run("scontrol", "update", "JobId="+id+"_"+n, "StartTime=now")
			}
			if task.state == "COMPLETED" {
				completed++
			}
		}
		return completed == 4, fmt.Sprint(tasks)
	})
	if task := s.tasks(id)[lost]; task.node != "n2" || task.restarts != "1" {
		t.Errorf("task %s ended as %v, want it started again once, on n2", lost, task)
	}
	s.run("go", "run", "./runner", "grade", "merge", shards, "--out", merged)
	want, got := result(t, single), result(t, merged)
	if len(want) < 20 {
		t.Errorf("the result has %d files, want a page and a report for each submission, and more", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("one run and four merged differ (-one +four):\n%s", diff)
	}
}

// makeClass hands in what people hand in: a solution, the stub, what is wrong in
// one way or another, and a source that no compiler takes.
func makeClass(t *testing.T, root, dir string) string {
	t.Helper()
	lesson := filepath.Join(root, "lessons", "05")
	wrong, err := filepath.Glob(filepath.Join(lesson, "solution", "wrong", "*", "main.go"))
	if err != nil || len(wrong) < 5 {
		t.Fatalf("wrong solutions of lesson 05: %q, %v", wrong, err)
	}
	sources := append([]string{filepath.Join(lesson, "solution", "main.go"), filepath.Join(lesson, "exercise", "main.go")}, wrong[:5]...)
	class := filepath.Join(dir, "class")
	for i, name := range append(sources, "") {
		text := []byte("package main\n\nfunc main() { return 1 }\n")
		if name != "" {
			if text, err = os.ReadFile(name); err != nil {
				t.Fatal(err)
			}
		}
		folder := filepath.Join(class, fmt.Sprintf("student%d", i), "05")
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "main.go"), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return class
}

// result is all files of a result, but for what was kept of the work and seen in
// one run.
func result(t *testing.T, out string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(out, func(name string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "work":
			return filepath.SkipDir
		case d.IsDir(), strings.HasSuffix(name, "-seen.html"): // which tells of one run, with its times
			return nil
		}
		text, err := os.ReadFile(name)
		files[strings.TrimPrefix(name, out)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
