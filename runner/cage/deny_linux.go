//go:build amd64 || arm64

package cage

import (
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Filter is what a program's calls have to pass. Everything passes but this:
//
//   - Calls of another architecture end the program.
//   - What changes the machine or the namespaces, looks into other processes, or
//     has often been a way out: EPERM. New calls that do what old ones can't be
//     denied by their arguments for (clone3, io_uring): ENOSYS.
//   - Sockets of other families than UNIX, INET, INET6 and NETLINK: EAFNOSUPPORT;
//     PACKET: EPERM. No network namespace confines AF_VSOCK.
//   - Memory that RLIMIT_DATA does not count: shared mappings (but of files, if
//     any are Writable: linkers write so), mappings that grow like a stack, memfds,
//     System V's shared memory: EPERM.
//   - Signals and limits for the process with the number guard, which is the one
//     that watches over the program, and signals that look as if the kernel had
//     sent them: EPERM. What reaches another thread of that process by kill(2), it
//     must take and drop.
func (l Limits) Filter(guard int) []bpf.RawInstruction {
	const eperm, enosys, eaf, eproto = uint32(unix.EPERM), uint32(unix.ENOSYS), uint32(unix.EAFNOSUPPORT), uint32(unix.EPROTONOSUPPORT)
	var f filter
	f.load(offArch)
	f.add(opEqual, 1, 0, auditArch)
	f.give(kill)
	f.load(offNumber)
	f.add(opMore, 0, 1, foreign) // x32 shares amd64's architecture
	f.give(errno | enosys)
	f.deny(enosys, absent...)
	f.deny(eperm, denied...)
	f.deny(eperm, deniedHere...)

	const namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
		unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET
	f.denyIf(eperm, unix.SYS_CLONE, some(0, namespaces))

	f.denyIf(eperm, unix.SYS_SOCKET, is(0, unix.AF_PACKET))
	for _, call := range []uint32{unix.SYS_SOCKET, unix.SYS_SOCKETPAIR} {
		f.denyIf(eaf, call, not(0, unix.AF_UNIX), not(0, unix.AF_INET), not(0, unix.AF_INET6), not(0, unix.AF_NETLINK))
	}
	f.denyIf(eproto, unix.SYS_SOCKET, is(0, unix.AF_NETLINK), not(2, unix.NETLINK_ROUTE), not(2, unix.NETLINK_INET_DIAG))

	f.denyIf(eperm, unix.SYS_MMAP, some(3, unix.MAP_GROWSDOWN))
	if len(l.Writable) == 0 {
		f.denyIf(eperm, unix.SYS_MMAP, some(3, unix.MAP_SHARED)) // /dev/zero is no better than no file
	} else {
		f.denyIf(eperm, unix.SYS_MMAP, some(3, unix.MAP_SHARED), some(3, unix.MAP_ANON))
	}

	for _, call := range []uint32{unix.SYS_KILL, unix.SYS_TKILL, unix.SYS_TGKILL, unix.SYS_PIDFD_OPEN} {
		f.denyIf(eperm, call, is(0, uint32(guard)))
	}
	if guard != 1 {
		f.denyIf(eperm, unix.SYS_KILL, is(0, ^uint32(0))) // -1 is everybody but process 1
	}
	f.denyIf(eperm, unix.SYS_PIDFD_OPEN, some(1, unix.O_EXCL)) // PIDFD_THREAD: of one of its threads
	for _, owner := range []int{guard, -guard} {               // a process; a group
		f.denyIf(eperm, unix.SYS_FCNTL, is(1, unix.F_SETOWN), is(2, uint32(owner)))
	}
	f.denyIf(eperm, unix.SYS_FCNTL, is(1, unix.F_SETOWN_EX))
	f.denyIf(eperm, unix.SYS_PRLIMIT64, not(0, 0))
	for _, request := range []uint32{unix.TIOCSTI, fiosetown, siocspgrp} {
		f.denyIf(eperm, unix.SYS_IOCTL, is(1, request))
	}
	for _, option := range []uint32{unix.PR_SET_SECCOMP, unix.PR_SET_MM} {
		f.denyIf(eperm, unix.SYS_PRCTL, is(0, option))
	}
	f.give(allow)
	return f
}

// FIOSETOWN and SIOCSPGRP of asm-generic/sockios.h.
const fiosetown, siocspgrp = 0x8901, 0x8902

// absent are calls that programs have an older one for.
var absent = []uint32{
	unix.SYS_CLONE3, unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_MEMFD_SECRET,
}

// denied are calls that no program of a lesson needs.
var denied = []uint32{
	// Other processes.
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_KCMP, unix.SYS_PIDFD_GETFD,
	unix.SYS_PROCESS_MADVISE, unix.SYS_PROCESS_MRELEASE, unix.SYS_PERF_EVENT_OPEN,
	unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO, // with an origin of their own making
	unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET, unix.SYS_SCHED_SETAFFINITY, unix.SYS_SCHED_SETATTR,
	unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETSCHEDULER, unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES,
	// Namespaces and mounts.
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT,
	unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK,
	unix.SYS_MOUNT_SETATTR, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT,
	unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME,
	// The machine.
	unix.SYS_BPF, unix.SYS_USERFAULTFD, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	unix.SYS_KEXEC_LOAD, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE,
	unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD, unix.SYS_ACCT,
	unix.SYS_SYSLOG, unix.SYS_PERSONALITY, unix.SYS_VHANGUP,
	unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX,
	unix.SYS_FANOTIFY_INIT, unix.SYS_FANOTIFY_MARK, unix.SYS_LOOKUP_DCOOKIE,
	// Memory that nothing counts, and another filter.
	unix.SYS_MEMFD_CREATE, unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_MSGGET, unix.SYS_SEMGET, unix.SYS_MQ_OPEN,
	unix.SYS_SECCOMP,
}
