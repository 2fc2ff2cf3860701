package class

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// A Shard is one of equal parts of a class, counted from 1. The zero value is all
// of it.
type Shard struct{ Index, Of int }

// String is "2/4".
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// first reports whether the shard does what is to be done once.
func (s Shard) first() bool { return s.Index < 2 }

// holds reports whether a submission, by its exercise and its digest, is of the
// shard. Equal ones are of the same.
func (s Shard) holds(exercise, digest string) bool {
	if s.Of < 2 {
		return true
	}
	sum := sha256.Sum256([]byte(exercise + " " + digest))
	return binary.BigEndian.Uint64(sum[:])%uint64(s.Of) == uint64(s.Index-1)
}

// maxShards bounds how many there may be.
const maxShards = 10_000

// ParseShard reads which shard this process is to grade: "2/4" counts from 1.
// With "auto/4" the environment says which of four, counted from 0, as a task of
// an array: JOB_COMPLETION_INDEX of Kubernetes, or SLURM_ARRAY_TASK_ID of Slurm.
// With "auto" Slurm also says how many there are.
func ParseShard(text string, getenv func(string) string) (Shard, error) {
	index, of, two := strings.Cut(text, "/")
	if !two && text != "auto" {
		return Shard{}, fmt.Errorf("--shard %s: 2/4, auto/4 or auto would be right", text)
	}
	s := Shard{Index: 1}
	var err error
	if two {
		if s.Of, err = strconv.Atoi(of); err != nil || s.Of < 1 || s.Of > maxShards {
			return Shard{}, fmt.Errorf("--shard %s: %q is no number of shards; 1 to %d would be right", text, of, maxShards)
		}
	}
	switch {
	case !two:
		s, err = slurmArray(getenv)
	case index == "auto":
		var at int
		at, err = arrayIndex(getenv)
		s.Index = at + 1
	default:
		if s.Index, err = strconv.Atoi(index); err != nil {
			err = fmt.Errorf("%q is no number", index)
		}
	}
	if err == nil && (s.Index < 1 || s.Index > s.Of) {
		err = fmt.Errorf("there is no shard %d of %d", s.Index, s.Of)
		if index == "auto" {
			err = fmt.Errorf("this is task %d, counted from 0, and there are %d shards", s.Index-1, s.Of)
		}
	}
	if err != nil {
		return Shard{}, fmt.Errorf("--shard %s: %w", text, err)
	}
	return s, nil
}

// Variables that say which task of an array this is.
const (
	kubernetesIndex = "JOB_COMPLETION_INDEX"
	slurmID         = "SLURM_ARRAY_TASK_ID"
	slurmMin        = "SLURM_ARRAY_TASK_MIN"
	slurmMax        = "SLURM_ARRAY_TASK_MAX"
	slurmCount      = "SLURM_ARRAY_TASK_COUNT"
)

func arrayIndex(getenv func(string) string) (int, error) {
	for _, key := range []string{kubernetesIndex, slurmID} {
		if text := getenv(key); text != "" {
			at, err := strconv.Atoi(text)
			if err != nil {
				return 0, fmt.Errorf("%s=%s is no number", key, text)
			}
			return at, nil
		}
	}
	return 0, fmt.Errorf("neither %s nor %s is set: this is no task of an array; 1/4, for the first of four, would be right", kubernetesIndex, slurmID)
}

// slurmArray is the shard of a Slurm array without gaps, whatever its first number.
func slurmArray(getenv func(string) string) (Shard, error) {
	if getenv(slurmID) == "" {
		if getenv(kubernetesIndex) != "" {
			return Shard{}, fmt.Errorf("%s does not say how many completions there are; auto/4, for four, would be right", kubernetesIndex)
		}
		return Shard{}, fmt.Errorf("%s is not set: this is no task of a Slurm array; 1/4, for the first of four, would be right", slurmID)
	}
	value := make(map[string]int)
	for _, key := range []string{slurmID, slurmMin, slurmMax, slurmCount} {
		n, err := strconv.Atoi(getenv(key))
		if err != nil {
			return Shard{}, fmt.Errorf("%s=%s is no number", key, getenv(key))
		}
		value[key] = n
	}
	if value[slurmMax]-value[slurmMin]+1 != value[slurmCount] {
		return Shard{}, fmt.Errorf("the array has gaps: %d tasks from %d to %d; --array=0-%d, or auto/4 for some of four, would be right",
			value[slurmCount], value[slurmMin], value[slurmMax], value[slurmCount]-1)
	}
	return Shard{value[slurmID] - value[slurmMin] + 1, value[slurmCount]}, nil
}
