//go:build linux || darwin || freebsd || netbsd || openbsd

package temporary

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// hold locks a folder of this user's. It fails with errHeld if another process has
// locked it.
func hold(dir string) (_ *os.File, err error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	var is unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &is); err != nil {
		return nil, &os.PathError{Op: "stat", Path: dir, Err: err}
	}
	if int(is.Uid) != os.Getuid() {
		return nil, &os.PathError{Op: "lock", Path: dir, Err: errors.New("it is another user's")}
	}
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, errHeld
	case err != nil:
		return nil, &os.PathError{Op: "lock", Path: dir, Err: err}
	}
	return f, nil
}
