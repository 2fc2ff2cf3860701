package build

import (
	"errors"

	"golang.org/x/sys/unix"
)

// exchange swaps two paths in one step, renameat2(2).
func exchange(a, b string) error {
	return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
}

// readOnly reports whether the error says that the file system is read-only.
func readOnly(err error) bool { return errors.Is(err, unix.EROFS) }
