//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd

package temporary

import (
	"errors"
	"os"
)

// hold fails: there is no lock that ends with a process.
func hold(string) (*os.File, error) { return nil, errors.ErrUnsupported }
