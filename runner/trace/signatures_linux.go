//go:build amd64 || arm64

package trace

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// about is the signature of a call whose first argument is its descriptor.
func about(params ...param) *signature { return &signature{params: params} }

// none is the signature of a call that is about no descriptor.
func none(params ...param) *signature { return &signature{params: params, fd: -1} }

// signatures are the calls that network and file programs make. Of the others
// the name is shown, and the arguments as numbers.
var signatures = map[string]*signature{
	"socket":      none(family, socketType, protocol),
	"socketpair":  none(family, socketType, protocol, pairOut),
	"bind":        about(integer, sockaddr, integer),
	"connect":     about(integer, sockaddr, integer),
	"listen":      about(integer, integer),
	"accept":      about(integer, sockaddrOut(2), lengthOut),
	"accept4":     about(integer, sockaddrOut(2), lengthOut, flagged(socketFlags)),
	"getsockname": about(integer, sockaddrOut(2), lengthOut),
	"getpeername": about(integer, sockaddrOut(2), lengthOut),
	"sendto":      about(integer, given, size, flagged(messageFlags), in(showDestination), integer),
	"recvfrom":    about(integer, filled, size, flagged(messageFlags), sockaddrOut(5), lengthOut),
	"sendmsg":     about(integer, messageIn, flagged(messageFlags)),
	"recvmsg":     about(integer, messageOut, flagged(messageFlags)),
	"sendmmsg":    about(integer, messagesIn, integer, flagged(messageFlags)),
	"recvmmsg":    about(integer, messagesOut, integer, flagged(messageFlags), timespec),
	"setsockopt":  about(integer, level, option, valueIn, integer),
	"getsockopt":  about(integer, level, option, valueOut, lengthOut),
	"shutdown":    about(integer, named(shutdowns)),

	"read":            about(integer, filled, size),
	"write":           about(integer, given, size),
	"readv":           about(integer, filledVectors, integer),
	"writev":          about(integer, givenVectors, integer),
	"pread64":         about(integer, filled, size, size),
	"pwrite64":        about(integer, given, size, size),
	"preadv":          about(integer, filledVectors, integer, size),
	"pwritev":         about(integer, givenVectors, integer, size),
	"preadv2":         about(integer, filledVectors, integer, size),
	"pwritev2":        about(integer, givenVectors, integer, size),
	"close":           about(integer),
	"close_range":     none(integer, integer, hex),
	"lseek":           about(integer, size, integer),
	"fcntl":           about(integer, named(controls), control),
	"ioctl":           about(integer, named(ioctls), ioctlValue),
	"dup":             about(integer),
	"dup2":            about(integer, integer),
	"dup3":            about(integer, integer, flagged(openFlags)),
	"pipe":            none(pairOut),
	"pipe2":           none(pairOut, flagged(openFlags)),
	"splice":          about(integer, offsetIn, integer, offsetIn, size, flagged(spliceFlags)),
	"tee":             about(integer, integer, size, flagged(spliceFlags)),
	"sendfile":        about(integer, integer, offsetIn, size),
	"copy_file_range": about(integer, offsetIn, integer, offsetIn, size, hex),

	"open":       none(path, flagged(openFlags), octal),
	"openat":     none(dirFD, path, in(showOpen), in(showMode)),
	"newfstatat": none(dirFD, path, ignored, flagged(atFlags)),
	"fstat":      about(integer, ignored),
	"statx":      none(dirFD, path, flagged(atFlags), hex, ignored),
	"readlinkat": none(dirFD, path, out(showLink), size),
	"readlink":   none(path, filled, size),
	"getdents64": about(integer, in(func(_ *decoder, v uint64) string { return pointer(v) }), size),
	"mkdirat":    none(dirFD, path, octal),
	"unlinkat":   none(dirFD, path, flagged(atFlags)),
	"renameat":   none(dirFD, path, dirFD, path),
	"renameat2":  none(dirFD, path, dirFD, path, hex),
	"symlinkat":  none(path, dirFD, path),
	"linkat":     none(dirFD, path, dirFD, path, flagged(atFlags)),
	"faccessat":  none(dirFD, path, hex),
	"faccessat2": none(dirFD, path, hex, flagged(accessFlags)),
	"fchmodat":   none(dirFD, path, octal),
	"fchmod":     about(integer, octal),
	"fchown":     about(integer, integer, integer),
	"ftruncate":  about(integer, size),
	"fsync":      about(integer),
	"fdatasync":  about(integer),
	"flock":      about(integer, hex),
	"fallocate":  about(integer, hex, size, size),
	"chdir":      none(path),
	"getcwd":     none(out(func(d *decoder, v uint64) string { return showText(d.m, v) }), size),
	"mmap":       {params: []param{hex, size, flagged(mapProtections), flagged(mapFlags), integer, size}, fd: 4, hex: true},
	"munmap":     none(hex, size),

	"epoll_create":  none(integer),
	"epoll_create1": none(flagged(epollFlags)),
	"epoll_ctl":     about(integer, named(epollOps), integer, epollEvent),
	"epoll_wait":    about(integer, epollReady, integer, timeout),
	"epoll_pwait":   about(integer, epollReady, integer, timeout, ignored, size),
	"epoll_pwait2":  about(integer, epollReady, integer, timespec, ignored, size),
	"poll":          none(pollIn, integer, timeout),
	"ppoll":         none(pollIn, integer, timespec, ignored, size),
	"eventfd2":      none(integer, flagged(eventFlags)),

	"clone":      none(in(showClone), ignored, ignored, ignored, ignored),
	"clone3":     none(in(showClone3), size),
	"vfork":      none(),
	"fork":       none(),
	"execve":     none(path, strings2, ignored),
	"exit":       none(integer),
	"exit_group": none(integer),
	"wait4":      none(integer, statusOut, flagged(waitFlags), ignored),
	"waitid":     none(named(waitIDs), integer, ignored, flagged(waitFlags), ignored),
	"kill":       none(integer, sigName),
	"tkill":      none(integer, sigName),
	"tgkill":     none(integer, integer, sigName),

	"pidfd_open":        none(integer, flagged(openFlags)),
	"pidfd_send_signal": about(integer, sigName, ignored, hex),
	"pidfd_getfd":       about(integer, integer, hex),
	"rt_sigaction":      none(sigName, ignored, ignored, size),

	"getpid": none(), "getppid": none(), "gettid": none(), "getuid": none(), "geteuid": none(),
	"getgid": none(), "getegid": none(), "sched_yield": none(), "pause": none(), "sync": none(),
	"setsid": none(), "umask": none(octal), "getpgid": none(integer), "setpgid": none(integer, integer),

	"nanosleep":       none(timespec, ignored),
	"clock_nanosleep": none(clock, flagged([]flag{{1, "TIMER_ABSTIME"}}), timespec, ignored),
	"clock_gettime":   none(clock, ignored),
	"getrandom":       none(ignored, size, hex),
	"uname":           none(ignored),
	"prlimit64":       none(integer, integer, ignored, ignored),
	"prctl":           none(hex, hex, hex, hex, hex),
	"unshare":         none(flagged(cloneFlags)),
	"setns":           about(integer, flagged(cloneFlags)),
}

var waitIDs = map[uint64]string{unix.P_ALL: "P_ALL", unix.P_PID: "P_PID", unix.P_PGID: "P_PGID", unix.P_PIDFD: "P_PIDFD"}

// showDestination shows the fifth argument of sendto.
func showDestination(d *decoder, v uint64) string { return showAddress(d.m, v, int(d.args[5])) }

// showOpen shows how a file is opened; to read is no flag.
func showOpen(_ *decoder, v uint64) string {
	v &^= largeFile
	if v&unix.O_ACCMODE == unix.O_RDONLY {
		return joined("O_RDONLY", bits(openFlags, v))
	}
	return joined(bits(openFlags, v))
}

// showMode shows the mode of a new file.
func showMode(d *decoder, v uint64) string {
	if d.args[2]&unix.O_CREAT == 0 {
		return "0"
	}
	return "0" + strconv.FormatUint(v, 8)
}

func showLink(d *decoder, v uint64) string { return quote(d.m.bytes(v, int(d.n)), int(d.n)) }

func showClone(_ *decoder, v uint64) string {
	signal := ""
	if v&0xff != 0 {
		signal = showSignal(v & 0xff)
	}
	return joined(bits(cloneFlags, v&^0xff), signal)
}

func showClone3(d *decoder, v uint64) string {
	flags, ok := d.m.word(v)
	signal, _ := d.m.word(v + 32)
	if !ok {
		return pointer(v)
	}
	return "{flags=" + joined(bits(cloneFlags, flags)) + ", exit_signal=" + showSignal(signal) + "}"
}
