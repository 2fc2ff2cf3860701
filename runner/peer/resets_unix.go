//go:build !windows

package peer

// resets are the errors that only this system has for a reset.
var resets []error
