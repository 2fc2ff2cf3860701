package pocket

import (
	"errors"
	"syscall"
)

// explain says of a process that did not start in its namespaces why the kernel
// refused, as far as its error tells, see clone(2) and user_namespaces(7).
func explain(err error) error {
	const step = "make a user namespace"
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EUSERS):
		return &Refused{step, err, "none are allowed: sysctl user.max_user_namespaces must be more than 0, and those of net, mnt, pid, ipc and uts likewise"}
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		return &Refused{step, err, "the system forbids it: on Ubuntu, sysctl kernel.apparmor_restrict_unprivileged_userns=0; on Debian, kernel.unprivileged_userns_clone=1; a container needs --security-opt seccomp=unconfined"}
	case errors.Is(err, syscall.EINVAL):
		return &Refused{step, err, "the kernel was built without: it needs CONFIG_USER_NS and CONFIG_NET_NS"}
	}
	return err
}
