//go:build !linux

package check

import "errors"

// linked is known on Linux only.
func linked(string, string) (bool, error) {
	return false, errors.New("this is not Linux")
}
