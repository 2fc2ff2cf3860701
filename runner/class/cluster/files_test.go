package cluster_test

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"sockets/runner/class"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// job is job.yaml as the API has it: a field that Kubernetes does not know, or a
// value of another type, is an error.
func job(t *testing.T) batch.Job {
	t.Helper()
	var j batch.Job
	if err := yaml.UnmarshalStrict(read(t, "job.yaml"), &j); err != nil {
		t.Fatal(err)
	}
	if j.APIVersion != "batch/v1" || j.Kind != "Job" {
		t.Fatalf("it is a %s of %s, want a Job of batch/v1", j.Kind, j.APIVersion)
	}
	return j
}

func TestJobHasAsManyCompletionsAsShards(t *testing.T) {
	j := job(t)
	if j.Spec.CompletionMode == nil || *j.Spec.CompletionMode != batch.IndexedCompletion {
		t.Fatalf("completionMode is %v; only Indexed sets JOB_COMPLETION_INDEX", j.Spec.CompletionMode)
	}
	command := j.Spec.Template.Spec.Containers[0].Command
	shard := command[slices.Index(command, "--shard")+1]
	seen := make(map[class.Shard]bool)
	for i := range int(*j.Spec.Completions) {
		s, err := class.ParseShard(shard, func(key string) string {
			return map[string]string{"JOB_COMPLETION_INDEX": strconv.Itoa(i)}[key]
		})
		if err != nil {
			t.Fatalf("completion %d: %v", i, err)
		}
		if s.Of != int(*j.Spec.Completions) || s.Index != i+1 {
			t.Errorf("completion %d of %d grades shard %v", i, *j.Spec.Completions, s)
		}
		seen[s] = true
	}
	if len(seen) < 2 || len(seen) != int(*j.Spec.Completions) {
		t.Errorf("%d completions grade %d shards", *j.Spec.Completions, len(seen))
	}
}

func TestJobMountsWhatItIsGiven(t *testing.T) {
	pod := job(t).Spec.Template.Spec
	c := pod.Containers[0]
	volumes := make(map[string]core.Volume)
	for _, v := range pod.Volumes {
		volumes[v.Name] = v
	}
	writable := func(name string) (mounted, writable bool) {
		for _, m := range c.VolumeMounts {
			if name != m.MountPath && !strings.HasPrefix(name, m.MountPath+"/") {
				continue
			}
			if _, ok := volumes[m.Name]; !ok {
				t.Errorf("the pod has no volume %q", m.Name)
			}
			return true, !m.ReadOnly
		}
		return false, false
	}
	for flag, want := range map[string]bool{"--class": false, "--roster": false, "--out": true} {
		name := c.Command[slices.Index(c.Command, flag)+1]
		if mounted, w := writable(name); !mounted || w != want {
			t.Errorf("%s %s: mounted %v, writable %v, want it writable %v", flag, name, mounted, w, want)
		}
	}
	// What the runner writes besides: its cache in the checkout, the go command's in
	// HOME, and folders in TMPDIR.
	places := []string{c.WorkingDir + "/.cache"}
	for _, e := range c.Env {
		if e.Name == "HOME" || e.Name == "TMPDIR" {
			places = append(places, e.Value)
		}
	}
	if len(places) != 3 {
		t.Errorf("it is told to write to %q, want HOME and TMPDIR, too", places)
	}
	for _, name := range places {
		if mounted, w := writable(name); !mounted || !w {
			t.Errorf("%s: mounted %v, writable %v; the root is read-only", name, mounted, w)
		}
	}
}

// What level B takes in a pod, and no privilege besides.
func TestJobLetsProgramsBeConfined(t *testing.T) {
	pod := job(t).Spec.Template.Spec
	if pod.HostUsers == nil || *pod.HostUsers {
		t.Error("hostUsers is not false: Kubernetes allows procMount Unmasked only in a user namespace")
	}
	if p := pod.SecurityContext.SeccompProfile; p == nil || p.Type != core.SeccompProfileTypeUnconfined {
		t.Error("the runtime's seccomp profile forbids user namespaces")
	}
	if p := pod.SecurityContext.AppArmorProfile; p == nil || p.Type != core.AppArmorProfileTypeUnconfined {
		t.Error("the runtime's AppArmor profile forbids mounts")
	}
	s := pod.Containers[0].SecurityContext
	if s.ProcMount == nil || *s.ProcMount != core.UnmaskedProcMount {
		t.Error("with a masked /proc no namespace can mount its own")
	}
	if !*pod.SecurityContext.RunAsNonRoot || !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation ||
		!slices.Equal(s.Capabilities.Drop, []core.Capability{"ALL"}) || len(s.Capabilities.Add) > 0 || s.Privileged != nil ||
		pod.HostNetwork || pod.HostPID || *pod.AutomountServiceAccountToken {
		t.Error("the pod has a privilege that grading does not need")
	}
}

// The script is a script; TestSlurm runs it.
func TestScriptIsOne(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	if out, err := exec.CommandContext(t.Context(), bash, "-n", "class.sbatch").CombinedOutput(); err != nil {
		t.Errorf("bash -n: %v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), bash, "class.sbatch", "only-one").CombinedOutput()
	if err == nil || !strings.HasPrefix(string(out), "usage: ") {
		t.Errorf("without OUT it ends with %v and says %q, want how it is used", err, out)
	}
}
