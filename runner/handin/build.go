package handin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/pocket"
	"sockets/runner/process"
)

// A Builder builds submissions.
type Builder struct {
	// Plain builds without a cage, on a machine that has none.
	Plain bool

	// CPU is the processor time that one compiler may take; 0 is 30 seconds.
	CPU time.Duration

	root     string // of the toolchain
	modules  string // the module cache
	cache    string // folder of the build caches, our own: what a cage has written is for cages only
	checkout string // absolute
	gomod    string // of the module that submissions are built in
	gosum    string
}

// A Built is what came of a submission.
type Built struct {
	Binary    string   // its path; "" if there is none
	Source    string   // the folder of its files, as they were built
	Dirs      []string // of the program's own files in its line table, see agent.Order
	Complaint string   // the compiler's, with the student's names of files and lines
}

// patience is for one call of the go command, on a machine that is very busy.
const patience = 5 * time.Minute

// NewBuilder makes a builder that keeps its build cache in a directory, which it
// makes. It takes the modules that a program may import, and their checksums,
// from the go.mod and the go.sum of the checkout.
func NewBuilder(ctx context.Context, checkout, cacheDir string) (*Builder, error) {
	b := &Builder{Plain: agent.Probe(ctx).Cage != nil}
	var err error
	if b.cache, err = filepath.Abs(cacheDir); err != nil {
		return nil, err
	}
	if b.checkout, err = filepath.Abs(checkout); err != nil {
		return nil, err
	}
	end, err := process.Run(ctx, process.Command{
		Path: "go", Args: []string{"env", "GOROOT", "GOMODCACHE"}, Dir: checkout, Env: os.Environ(), Limit: patience,
	})
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(end.Stdout), "\n")
	if end.Code != 0 || len(lines) < 2 {
		return nil, fmt.Errorf("go env: exit %d: %s", end.Code, end.Stderr)
	}
	b.root, b.modules = lines[0], lines[1]
	text, err := os.ReadFile(filepath.Join(checkout, "go.mod"))
	if err != nil {
		return nil, err
	}
	if b.gomod, err = module(string(text)); err != nil {
		return nil, err
	}
	sum, err := os.ReadFile(filepath.Join(checkout, "go.sum"))
	b.gosum = string(sum)
	return b, err
}

// module is the go.mod of submissions: the go line of the checkout's, the allowed
// modules, and what these need.
func module(gomod string) (string, error) {
	text := "module student\n"
	release := regexp.MustCompile(`(?m)^go \S+`).FindString(gomod)
	if release == "" {
		return "", errors.New("go.mod has no go line")
	}
	text += "\n" + release + "\n"
	for _, m := range modules {
		version := regexp.MustCompile(regexp.QuoteMeta(m) + ` v\S+`).FindString(gomod)
		if version == "" {
			return "", fmt.Errorf("go.mod does not require %s", m)
		}
		text += "\nrequire " + version + "\n"
	}
	for _, m := range needed {
		if version := regexp.MustCompile(regexp.QuoteMeta(m) + ` v\S+`).FindString(gomod); version != "" {
			text += "\nrequire " + version + " // indirect\n"
		}
	}
	return text, nil
}

// lend makes a folder that the user of a cage can write to.
func lend(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if os.Getuid() != 0 {
		return nil
	}
	return os.Chown(dir, cage.Nobody, cage.Nobody)
}

// Build builds the submissions, which must have passed Collect, into a directory
// that it makes. What does not compile costs the others nothing.
func (b *Builder) Build(ctx context.Context, dir string, subs []*Submission) ([]Built, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	src, out := filepath.Join(dir, "src"), filepath.Join(dir, "bin")
	if err := lend(out); err != nil {
		return nil, err
	}
	names := make([]string, len(subs))
	built := make([]Built, len(subs))
	for i, s := range subs {
		names[i] = fmt.Sprintf("s%d", i)
		built[i].Dirs = []string{"student/" + names[i]}
		built[i].Source = filepath.Join(src, names[i])
		if err := s.write(built[i].Source); err != nil {
			return nil, err
		}
	}
	module := &Submission{Files: []File{{"go.mod", []byte(b.gomod)}, {"go.sum", []byte(b.gosum)}}}
	if err := module.write(src); err != nil {
		return nil, err
	}
	text, err := b.build(ctx, src, out, "student/...", names)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		if built[i].Binary = binary(out, name); built[i].Binary != "" {
			continue
		}
		if len(subs) == 1 {
			built[i].Complaint = cmp.Or(complaint(text, "student", name), "the compiler made no program of it, and did not say why")
			continue
		}
		// Another may have made the go command give up, or have used up its memory or
		// what it may say; and a complaint can quote lines that look like one about
		// this. What is said of it alone can be relied upon, and is always the same.
		alone, err := b.Build(ctx, filepath.Join(dir, "alone-"+name), subs[i:i+1])
		if err != nil {
			return nil, err
		}
		built[i] = alone[0]
	}
	return built, nil
}

// binary is the path of a program that was built, or nothing.
func binary(out, name string) string {
	p := filepath.Join(out, name)
	if info, err := os.Lstat(p); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	return p
}

// write puts the files into a folder, for the user of a cage to read whatever our
// umask is.
func (s *Submission) write(dir string) error {
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, 0o755)); err != nil {
		return err
	}
	for _, f := range s.Files {
		name := filepath.Join(dir, f.Name)
		if err := errors.Join(os.WriteFile(name, f.Text, 0o644), os.Chmod(name, 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// build calls the go command for the packages in these folders of the module,
// and gives what it complains of. Own is the packages that are not to be inlined.
func (b *Builder) build(ctx context.Context, src, out, own string, folders []string) (string, error) {
	cache := filepath.Join(b.cache, "caged")
	if b.Plain {
		cache = filepath.Join(b.cache, "plain")
	}
	if err := lend(cache); err != nil {
		return "", err
	}
	in := place{b.root, b.modules, cache, src, out, os.TempDir()}
	if !b.Plain {
		in = place{b.root, "/tmp/modules", "/tmp/cache", "/tmp/src", "/tmp/out", "/tmp"}
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-gcflags=" + own + "=-l", "-o", in.out + "/"}
	for _, n := range folders {
		args = append(args, "./"+n)
	}
	end, err := b.run(ctx, in, place{b.root, b.modules, cache, src, out, ""}, args)
	if err != nil {
		return "", err
	}
	text := string(end.Stderr)
	switch {
	case end.Late, end.Cut, end.Signal != "":
		text += "\n" + ended
	case end.Code == 0:
		text = ""
	}
	return text, nil
}

const ended = "the compiler was ended: it took too long, or too much memory"

// signalled is how the go command says so of the compiler.
var signalled = regexp.MustCompile(`(?m)^.*/(compile|link|asm): signal: .*$`)

// A place is where a go command finds what it needs.
type place struct{ root, modules, cache, src, out, tmp string }

// env is the environment of a go command: nothing is fetched, and nothing that
// stands in a file of the user's counts.
func (p place) env() []string {
	return []string{
		"GOROOT=" + p.root, "GOMODCACHE=" + p.modules, "GOCACHE=" + p.cache, "HOME=" + p.tmp, "TMPDIR=" + p.tmp,
		"PATH=" + path.Join(p.root, "bin"), "GOPATH=" + path.Join(p.tmp, "gopath"),
		"GOENV=off", "GOWORK=off", "GOFLAGS=-mod=readonly", "GOTOOLCHAIN=local", "GOPROXY=off", "GOSUMDB=off",
		"GOVCS=*:off", "GOTELEMETRY=off", "CGO_ENABLED=0", "GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH,
		fmt.Sprintf("GOMAXPROCS=%d", runtime.NumCPU()),
	}
}

// run runs the go command in a place, which shows what lies outside in another.
func (b *Builder) run(ctx context.Context, in, outside place, args []string) (*process.End, error) {
	tool := filepath.Join(in.root, "bin", "go")
	if b.Plain {
		return process.Run(ctx, process.Command{
			Path: tool, Args: args, Dir: in.src, Env: in.env(), Limit: patience, Output: maxComplaint,
		})
	}
	limits := &cage.Limits{
		CPU: b.CPU, Data: 4 << 30, Memory: 4 << 30, Processes: 512, FileSize: 1 << 30, Scratch: 2 << 30, Inodes: 100000,
		Output: maxComplaint, Wall: patience, Writable: []string{in.cache, in.out},
	}
	if limits.CPU == 0 {
		limits.CPU = 30 * time.Second
	}
	sight, err := agent.Run(ctx, agent.Spec{
		Cage: limits,
		Pocket: &pocket.Config{Unnoted: true, Binds: []pocket.Bind{
			{From: outside.root, To: in.root},
			{From: outside.modules, To: in.modules},
			{From: outside.cache, To: in.cache},
			{From: outside.src, To: in.src},
			{From: outside.out, To: in.out},
		}},
		Up: func(context.Context, *pocket.Pocket) (agent.Order, error) {
			return agent.Order{Path: tool, Args: args, Dir: in.src, Env: in.env(), Limit: patience, Untraced: true}, nil
		},
	})
	if err != nil {
		return nil, err
	}
	return sight.End, nil
}

// maxComplaint is how much the compiler may say.
const maxComplaint = 4 << 20

// complaint is what the compiler said of the one package in a folder of the module.
// Its files are named as their author knows them.
func complaint(text, module, folder string) string {
	const most = 64 << 10
	file := regexp.MustCompile(`(^|[\s(])(?:\./)?` + regexp.QuoteMeta(folder) + `/([\w.-]+\.go:\d)`)
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "# "+module+"/"+folder {
			out.WriteString(file.ReplaceAllString(line, "$1$2"))
		}
	}
	text = signalled.ReplaceAllString(strings.TrimSpace(out.String()), ended)
	text = strings.TrimPrefix(text, module+"/"+folder+": ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
