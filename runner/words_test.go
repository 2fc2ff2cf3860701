package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"sockets/runner/class"
)

// What is written for people to copy is read as the command line reads it: each
// verb, flag and number of arguments exists. Nothing is run.
func TestCommandsThatArePublished(t *testing.T) {
	folder := filepath.Join("class", "cluster")
	files := map[string]int{ // and how many commands there are, at least
		filepath.Join(folder, "class.sbatch"): 2,
		filepath.Join(folder, "job.yaml"):     1,
		filepath.Join(folder, "class.yml"):    2,

		filepath.Join("..", "site", "teachers.md"): 8,
	}
	for name, least := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for i, line := range strings.Split(string(text), "\n") {
			_, words, ok := strings.Cut(line, "go run ./runner ")
			if !ok {
				continue
			}
			found++
			if err := understood(plain(words)); err != nil {
				t.Errorf("%s:%d: %s: %v", name, i+1, words, err)
			}
		}
		if found < least {
			t.Errorf("%s: %d commands, want %d or more", name, found, least)
		}
	}
}

// plain are the words of a command without what a shell or Actions would make of
// them: any text will do in their place, where a number is wanted a number.
func plain(words string) []string {
	words = regexp.MustCompile(`\$\{\{ .*? \}\}`).ReplaceAllString(words, "1")
	words = strings.NewReplacer(`"$@"`, "05", `"$`, "", `"`, "", "`", "", "[", "", "]", "", "NN...", "05", "NN", "05").Replace(words)
	words, _, _ = strings.Cut(words, "#")
	words, _, _ = strings.Cut(words, ">")
	return strings.Fields(words)
}

// understood reads the words as the command line does.
func understood(args []string) error {
	verb, rest, err := verbs().Find(args)
	if err != nil {
		return err
	}
	if err := verb.ParseFlags(rest); err != nil {
		return err
	}
	if shard := verb.Flags().Lookup("shard"); shard != nil && shard.Changed {
		array := func(key string) string {
			return map[string]string{
				"JOB_COMPLETION_INDEX": "0", "SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "3", "SLURM_ARRAY_TASK_COUNT": "4",
			}[key]
		}
		if _, err := class.ParseShard(shard.Value.String(), array); err != nil {
			return err
		}
	}
	return verb.ValidateArgs(verb.Flags().Args())
}

// The check that the page for teachers shows is one of lesson 05's.
func TestCheckThatIsPublished(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "site", "teachers.md"))
	if err != nil {
		t.Fatal(err)
	}
	checks, err := os.ReadFile(filepath.Join("..", "lessons", "05", "solution", "check_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(string(page), "```go\n")
	code, _, closed := strings.Cut(code, "```")
	if !ok || !closed || !strings.Contains(string(checks), code) {
		t.Errorf("lessons/05/solution/check_test.go does not have this:\n%s", code)
	}
}

func TestUnderstoodRefuses(t *testing.T) {
	for _, words := range []string{"grade 05 --nosuch", "grade", "grade --class d 05", "grade --class d --out o --shard 5/4", "grade merge", "gra 05"} {
		if err := understood(strings.Fields(words)); err == nil {
			t.Errorf("%s: %v, want an error", words, err)
		}
	}
}

// The pod runs a command of the runner's.
func TestPodsCommand(t *testing.T) {
	var job struct {
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct{ Command []string }
				}
			}
		}
	}
	text, err := os.ReadFile(filepath.Join("class", "cluster", "job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &job); err != nil {
		t.Fatal(err)
	}
	command := job.Spec.Template.Spec.Containers[0].Command
	if command[0] != "runner" {
		t.Fatalf("it runs %s, want the runner", command[0])
	}
	if err := understood(command[1:]); err != nil {
		t.Error(err)
	}
}

// The workflow grades the shards that its matrix has, and hands them to a merge.
func TestWorkflow(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("class", "cluster", "class.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var w struct {
		Jobs map[string]struct {
			Needs    string
			Strategy struct{ Matrix struct{ Shard []int } }
			Steps    []struct {
				Uses, Run string
				With      map[string]any
			}
		}
	}
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	shard, merge := w.Jobs["shard"], w.Jobs["merge"]
	total := len(shard.Strategy.Matrix.Shard)
	if total < 2 || merge.Needs != "shard" {
		t.Errorf("%d shards, and the merge needs %q", total, merge.Needs)
	}
	for i, n := range shard.Strategy.Matrix.Shard {
		if n != i+1 {
			t.Errorf("the matrix is %v, want 1 to %d", shard.Strategy.Matrix.Shard, total)
			break
		}
	}
	var grades, up, down string
	for _, s := range append(shard.Steps, merge.Steps...) {
		last := strings.NewReplacer("${{ matrix.shard }}", strconv.Itoa(total), "${{ strategy.job-total }}", strconv.Itoa(total))
		switch action, _, _ := strings.Cut(s.Uses, "@"); {
		case strings.Contains(s.Run, "--shard"):
			grades = last.Replace(s.Run)
		case action == "actions/upload-artifact" && up == "":
			up = last.Replace(s.With["name"].(string))
		case action == "actions/download-artifact":
			down = s.With["pattern"].(string)
		}
	}
	if want := fmt.Sprintf("--shard %d/%[1]d", total); !strings.HasSuffix(grades, want) {
		t.Errorf("the last of %d shards runs %q, want %s", total, grades, want)
	}
	if ok, err := filepath.Match(down, up); !ok || err != nil {
		t.Errorf("the merge fetches %q, and a shard leaves %q", down, up)
	}
}
