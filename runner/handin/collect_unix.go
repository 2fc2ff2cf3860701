//go:build unix

package handin

import (
	"os"
	"syscall"
)

// nonblock keeps the opening of a pipe, put in a file's place, from waiting.
const nonblock = syscall.O_NONBLOCK

// linked reports whether the file has more than one name.
func linked(info os.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink > 1
}
