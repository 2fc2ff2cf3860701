package practice

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// replace makes the file of a name main.go, if main.go still has the digest; empty
// is that there is no main.go. It reports whether main.go was another one by then:
// then main.go is what it was, and the name at most what was to replace it.
//
// No system has a rename that compares. So the two change places, what came out is
// looked at, and if nobody had seen it it is put back. Whoever saves during that is
// treated alike: each text that comes out is the one expected, or goes back in.
func replace(dir *os.Root, name, digest string) (changed bool, err error) {
	at, err := dir.Open(".")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, at.Close()) }()
	rename := func(flags uint) error {
		return unix.Renameat2(int(at.Fd()), name, int(at.Fd()), mainFile, flags)
	}
	if digest == "" {
		err = rename(unix.RENAME_NOREPLACE)
		switch {
		case errors.Is(err, unix.EEXIST):
			return true, nil
		case cannot(err):
			err = dir.Rename(name, mainFile)
		}
		return false, err
	}
	in, want := lookAt(dir, name), seen{digest: digest}
	for first := true; ; first = false {
		err := rename(unix.RENAME_EXCHANGE)
		switch {
		case first && errors.Is(err, unix.ENOENT):
			return true, nil
		case first && cannot(err):
			return false, dir.Rename(name, mainFile)
		case first && err != nil:
			return false, err
		case errors.Is(err, unix.ENOENT): // somebody has removed what was put in
			if err = rename(unix.RENAME_NOREPLACE); err == nil {
				return true, nil
			} else if errors.Is(err, unix.EEXIST) {
				continue
			}
		}
		if err != nil { // somebody's text stays, under a name that is never swept
			kept := strings.TrimPrefix(name, ".")
			return true, errors.Join(err, dir.Rename(name, kept), fmt.Errorf("what main.go was is now %s", kept))
		}
		out := lookAt(dir, name)
		if out.is(want) {
			return changed, nil
		}
		changed, in, want = true, out, in
	}
}

// cannot reports whether the file system, or the kernel, has only the plain rename.
func cannot(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP)
}

// A seen is a file as it was found.
type seen struct {
	info   fs.FileInfo // nil is any
	digest string      // empty if it is no text, or being written
}

func (s seen) is(want seen) bool {
	if want.info != nil && (s.info == nil || !os.SameFile(s.info, want.info)) {
		return false
	}
	return s.digest == want.digest
}

func lookAt(dir *os.Root, name string) (s seen) {
	s.info, _ = dir.Lstat(name) // what isn't there is not what is wanted
	if s.info == nil || !s.info.Mode().IsRegular() || written(dir, name) {
		return s
	}
	if f, _, err := load(dir, name, ""); err == nil {
		s.digest = f.Digest
	}
	return s
}

// written reports whether somebody has the file open to write it: the kernel gives
// no read lease on such a file. Of a file system without leases nothing is known.
func written(dir *os.Root, name string) bool {
	f, err := dir.Open(name)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // ends the lease
	_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	return errors.Is(err, unix.EAGAIN)
}
