package run

import "golang.org/x/sys/unix"

// kernel is the kernel's release: "6.18.44".
func kernel() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}
