package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"sockets/runner/fault"
	"sockets/runner/ladder"
	"sockets/runner/recording"
	"sockets/runner/terminal"
)

// A view is how a run is shown in a terminal, and what was asked of it: the
// flags that run and xray share.
type view struct {
	json  bool
	wire  bool
	level string
	texts []string

	faults []fault.Fault
}

func (v *view) flags(verb *cobra.Command) {
	f := verb.Flags()
	f.BoolVar(&v.json, "json", false, "print the recording, one event a line, as in lessons/NN/recordings")
	f.BoolVar(&v.wire, "wire", false, "also draw the whole exchange as a ladder")
	f.StringVar(&v.level, "level", "", "see less: output, calls (on this machine's network) or full (default: the most there is)")
	f.StringArrayVar(&v.texts, "fault", nil, `what the wire does wrong, such as "drop in SYN,ACK 1"; may be given several times`)
	_ = verb.RegisterFlagCompletionFunc("level", cobra.FixedCompletions(levels, cobra.ShellCompDirectiveNoFileComp)) // there is such a flag
}

var levels = []cobra.Completion{recording.LevelOutput, recording.LevelCalls, recording.LevelFull}

// check reads the flags' values.
func (v *view) check() error {
	if v.level != "" && !slices.Contains(levels, v.level) {
		return misuse{fmt.Errorf("--level %s: a level is one of %s", v.level, strings.Join(levels, ", "))}
	}
	for _, text := range v.texts {
		f, err := fault.Parse(text)
		if err != nil {
			return misuse{fmt.Errorf("--fault: %w", err)}
		}
		v.faults = append(v.faults, f)
	}
	if len(v.faults) > 0 && v.level != "" && v.level != recording.LevelFull {
		return misuse{fmt.Errorf("--fault goes with --level full: at level %s there is no wire", v.level)}
	}
	return nil
}

// show writes the recording of a program whose sources lie in dir to stdout.
func (v *view) show(c *cobra.Command, r *recording.Recording, dir string) error {
	out := c.OutOrStdout()
	if v.json {
		text, err := r.Encode()
		if err != nil {
			return err
		}
		_, err = out.Write(text)
		return err
	}
	sources, err := sources(r, dir)
	if err != nil {
		return err
	}
	o := terminal.Options{Width: 80}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		_, plain := os.LookupEnv("NO_COLOR") // see no-color.org
		o.Color = !plain
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			o.Width = width
		}
	}
	if v.wire {
		o.Wire = ladder.Text(r, ladder.Options{Names: r.Header.Hosts}, o.Width)
	}
	return terminal.Write(out, sources, r, o)
}

// sources reads the files that the recording has events of.
func sources(r *recording.Recording, dir string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, e := range r.Events {
		if e.At == nil || files[e.At.File] != nil || !fs.ValidPath(e.At.File) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(e.At.File)))
		if err != nil {
			return nil, fmt.Errorf("read the program's source: %w", err)
		}
		files[e.At.File] = text
	}
	return files, nil
}
