package handin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// labPath is the lab's packages, which a lesson's own program may import.
const labPath = "sockets/lessons/lab"

// Lesson is a lesson's own program, main.go, with a text that somebody has
// changed. It is held to the policy as every submission is, but may import the
// lab.
func Lesson(text []byte) (*Submission, error) {
	s := &Submission{lab: true}
	if err := s.take("main.go", int64(len(text)), func() ([]byte, error) { return text, nil }); err != nil {
		return s, err
	}
	return s.done()
}

// BuildLesson builds what Lesson gave as the program of the lesson with this
// number, into a directory that it makes. The compiler sees the lab, and of the
// checkout nothing else.
func (b *Builder) BuildLesson(ctx context.Context, dir, number string, s *Submission) (Built, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Built{}, err
	}
	src, out := filepath.Join(dir, "src"), filepath.Join(dir, "bin")
	if err := lend(out); err != nil {
		return Built{}, err
	}
	folder := path.Join("lessons", number)
	lab := filepath.Join("lessons", "lab")
	err = errors.Join(b.module(src), new(Submission).write(filepath.Join(src, "lessons")), s.write(filepath.Join(src, folder)),
		readable(filepath.Join(b.checkout, lab), filepath.Join(src, lab)))
	if err != nil {
		return Built{}, fmt.Errorf("write what is to be built: %w", err)
	}
	text, err := b.build(ctx, src, out, "sockets/"+folder, []string{folder})
	if err != nil {
		return Built{}, err
	}
	built := Built{Binary: binary(out, number), Dirs: []string{"sockets/" + folder}}
	if built.Binary == "" {
		built.Complaint = complaint(text, "sockets", folder)
	}
	return built, nil
}

// module writes the checkout's go.mod and go.sum.
func (b *Builder) module(dir string) error {
	s := &Submission{}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(b.checkout, name))
		if err != nil {
			return err
		}
		s.Files = append(s.Files, File{name, text})
	}
	return s.write(dir)
}

// readable copies a folder of ours for the user of a cage to read.
func readable(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, below)
		switch {
		case d.IsDir():
			return errors.Join(os.MkdirAll(target, 0o755), os.Chmod(target, 0o755))
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return errors.Join(os.WriteFile(target, text, 0o644), os.Chmod(target, 0o644))
	})
}
