//go:build !linux

package run

// kernel is not recorded: the name of the system says enough.
func kernel() string { return "" }
