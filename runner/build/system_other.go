//go:build !linux

package build

import "errors"

func exchange(_, _ string) error { return errors.ErrUnsupported }

func readOnly(error) bool { return false }
