package class

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseShard(t *testing.T) {
	for _, c := range []struct {
		text string
		env  map[string]string
		want Shard
		err  string
	}{
		{text: "2/4", want: Shard{2, 4}},
		{text: "1/1", want: Shard{1, 1}},
		{text: "0/4", err: "there is no shard 0 of 4"},
		{text: "5/4", err: "there is no shard 5 of 4"},
		{text: "1/0", err: `"0" is no number of shards`},
		{text: "x/4", err: `"x" is no number`},
		{text: "2", err: "2/4, auto/4 or auto would be right"},
		{text: "auto/4", err: "neither JOB_COMPLETION_INDEX nor SLURM_ARRAY_TASK_ID is set"},
		{text: "auto/4", env: map[string]string{"JOB_COMPLETION_INDEX": "0"}, want: Shard{1, 4}},
		{text: "auto/4", env: map[string]string{"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "1"}, want: Shard{4, 4}},
		{text: "auto/4", env: map[string]string{"SLURM_ARRAY_TASK_ID": "4"}, err: "task 4, counted from 0, and there are 4 shards"},
		{text: "auto/4", env: map[string]string{"JOB_COMPLETION_INDEX": "a"}, err: "JOB_COMPLETION_INDEX=a is no number"},
		{text: "auto", err: "SLURM_ARRAY_TASK_ID is not set"},
		{text: "auto", env: map[string]string{"JOB_COMPLETION_INDEX": "1"}, err: "does not say how many"},
		{text: "auto", env: slurm(6, 5, 8, 4), want: Shard{2, 4}},
		{text: "auto", env: slurm(3, 1, 5, 3), err: "the array has gaps: 3 tasks from 1 to 5"},
		{text: "auto", env: map[string]string{"SLURM_ARRAY_TASK_ID": "1"}, err: "SLURM_ARRAY_TASK_MIN= is no number"},
	} {
		got, err := ParseShard(c.text, func(key string) string { return c.env[key] })
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("ParseShard(%q) with %v = %v, %v; want %v, %q", c.text, c.env, got, err, c.want, c.err)
		}
	}
}

func slurm(id, least, most, count int) map[string]string {
	return map[string]string{
		"SLURM_ARRAY_TASK_ID": fmt.Sprint(id), "SLURM_ARRAY_TASK_MIN": fmt.Sprint(least),
		"SLURM_ARRAY_TASK_MAX": fmt.Sprint(most), "SLURM_ARRAY_TASK_COUNT": fmt.Sprint(count),
	}
}

// TestHolds has every submission in exactly one shard, and none of them small.
func TestHolds(t *testing.T) {
	for _, of := range []int{1, 2, 3, 4, 7} {
		sizes := make([]int, of)
		for i := range 1000 {
			in := 0
			for s := range of {
				if (Shard{s + 1, of}).holds("05", fmt.Sprint(i)) {
					in++
					sizes[s]++
				}
			}
			if in != 1 {
				t.Fatalf("submission %d is in %d shards of %d", i, in, of)
			}
		}
		for s, n := range sizes {
			if n < 1000/of/2 {
				t.Errorf("shard %d of %d has %d of 1,000", s+1, of, n)
			}
		}
	}
	if !(Shard{}).holds("05", "x") {
		t.Error("all of it does not hold it")
	}
}

func TestFolders(t *testing.T) {
	hash := func(name string) string { return name + "-" }
	for id, want := range map[string]string{
		"ada": "ada", "Ada Lovelace_12": "Ada Lovelace_12", "a.b@c-d+e": "a.b@c-d+e",
		"..": hash("__"), ".git": hash("_git"), "-rf": hash("_rf"), "a/b": hash("a_b"), "a\nb": hash("a_b"), "<i>": hash("_i_"),
		"": hash("_"), " x": hash("_x"), "x.": hash("x_"), "ü": hash("_"), "con": hash("_con"), "LPT1.txt": hash("_LPT1.txt"),
		strings.Repeat("a", 300): hash(strings.Repeat("a", 80)),
	} {
		got := folders([]string{id})[id]
		if got != want && (!strings.HasSuffix(want, "-") || !strings.HasPrefix(got, want) || len(got) != len(want)+12) {
			t.Errorf("folder of %q = %q, want %q", id, got, want)
		}
	}
	names := folders([]string{"ada", "Ada", "bob", "a?b", "a*b"})
	if names["bob"] != "bob" || strings.EqualFold(names["ada"], names["Ada"]) || names["a?b"] == names["a*b"] {
		t.Errorf("folders = %v", names)
	}
	// One student is called what another's folder would be.
	names = folders([]string{"Ada", "ada", names["ada"]})
	seen := make(map[string]string)
	for id, name := range names {
		if other, twice := seen[strings.ToLower(name)]; twice {
			t.Errorf("%q and %q have the folder %q", id, other, name)
		}
		seen[strings.ToLower(name)] = id
	}
}
