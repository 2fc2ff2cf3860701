//go:build amd64 || arm64

package cage

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// verdict is what the filter gives to a call: struct seccomp_data has the number,
// the architecture, the program counter, and six arguments of 64 bits. The virtual
// machine of package bpf loads words as the network has them, so they stand so.
func verdict(t *testing.T, vm *bpf.VM, nr uint32, args ...uint32) uint32 {
	t.Helper()
	data := binary.BigEndian.AppendUint32(nil, nr)
	data = binary.BigEndian.AppendUint32(data, auditArch)
	data = append(data, make([]byte, 8)...)
	for i := range 6 {
		arg := uint32(0)
		if i < len(args) {
			arg = args[i]
		}
		data = binary.BigEndian.AppendUint32(data, arg) // the lower half stands first
		data = append(data, 0, 0, 0, 0)
	}
	got, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(got)
}

func machine(t *testing.T, l Limits) *bpf.VM {
	t.Helper()
	code, ok := bpf.Disassemble(l.Filter(1))
	if !ok {
		t.Fatal("the filter has instructions that package bpf does not know")
	}
	vm, err := bpf.NewVM(code)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

// needed are the calls that programs of the lessons make or will make, and what
// Go's runtime and package net need for them.
var needed = []uint32{
	// Sockets.
	unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4, unix.SYS_CONNECT, unix.SYS_SHUTDOWN,
	unix.SYS_GETSOCKNAME, unix.SYS_GETPEERNAME, unix.SYS_SETSOCKOPT, unix.SYS_GETSOCKOPT,
	unix.SYS_SENDTO, unix.SYS_RECVFROM, unix.SYS_SENDMSG, unix.SYS_RECVMSG, unix.SYS_SENDMMSG, unix.SYS_RECVMMSG,
	// Descriptors.
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_PREAD64, unix.SYS_PWRITE64, unix.SYS_CLOSE,
	unix.SYS_CLOSE_RANGE, unix.SYS_DUP, unix.SYS_DUP3, unix.SYS_FCNTL, unix.SYS_IOCTL, unix.SYS_PIPE2, unix.SYS_LSEEK,
	unix.SYS_SPLICE, unix.SYS_TEE, unix.SYS_VMSPLICE, unix.SYS_SENDFILE, unix.SYS_COPY_FILE_RANGE,
	// Waiting.
	unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT, unix.SYS_PPOLL, unix.SYS_PSELECT6,
	unix.SYS_EVENTFD2, unix.SYS_TIMERFD_CREATE, unix.SYS_TIMERFD_SETTIME, unix.SYS_SIGNALFD4,
	unix.SYS_INOTIFY_INIT1, unix.SYS_INOTIFY_ADD_WATCH, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP,
	unix.SYS_CLOCK_GETTIME, unix.SYS_FUTEX, unix.SYS_RESTART_SYSCALL,
	// Files.
	unix.SYS_OPENAT, unix.SYS_FSTAT, unix.SYS_NEWFSTATAT, unix.SYS_STATX, unix.SYS_GETDENTS64, unix.SYS_READLINKAT,
	unix.SYS_FACCESSAT, unix.SYS_FACCESSAT2, unix.SYS_UNLINKAT, unix.SYS_RENAMEAT, unix.SYS_MKDIRAT, unix.SYS_FTRUNCATE,
	unix.SYS_FSYNC, unix.SYS_FCHMODAT, unix.SYS_FLOCK, unix.SYS_GETCWD, unix.SYS_UMASK,
	// Processes and threads.
	unix.SYS_EXECVE, unix.SYS_EXIT, unix.SYS_EXIT_GROUP, unix.SYS_WAIT4, unix.SYS_WAITID, unix.SYS_GETPID, unix.SYS_GETPPID,
	unix.SYS_GETTID, unix.SYS_GETUID, unix.SYS_SETPGID, unix.SYS_SETSID, unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_SCHED_YIELD,
	unix.SYS_SCHED_GETAFFINITY, unix.SYS_GETRLIMIT, unix.SYS_GETRUSAGE, unix.SYS_UNAME, unix.SYS_SYSINFO, unix.SYS_GETRANDOM,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK,
	unix.SYS_SETITIMER, unix.SYS_TIMER_CREATE, unix.SYS_TIMER_SETTIME, unix.SYS_TIMER_DELETE,
	// Memory.
	unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_BRK, unix.SYS_MINCORE, unix.SYS_CAPGET, unix.SYS_CAPSET,
}

// TestFilterAllows: what lessons need passes, whatever the machine.
func TestFilterAllows(t *testing.T) {
	vm := machine(t, Limits{})
	for _, nr := range needed {
		if got := verdict(t, vm, nr, 5, 5, 5); got != allow {
			t.Errorf("call %d is given %#x, want it allowed", nr, got)
		}
	}
	for name, call := range map[string][]uint32{
		"socket INET":             {unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_TCP},
		"socket INET MPTCP":       {unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP},
		"socket INET RAW":         {unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP},
		"socket INET6":            {unix.SYS_SOCKET, unix.AF_INET6, unix.SOCK_DGRAM},
		"socket UNIX SEQPACKET":   {unix.SYS_SOCKET, unix.AF_UNIX, unix.SOCK_SEQPACKET},
		"socketpair":              {unix.SYS_SOCKETPAIR, unix.AF_UNIX, unix.SOCK_STREAM},
		"socket NETLINK ROUTE":    {unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE},
		"socket NETLINK diag":     {unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_DGRAM, unix.NETLINK_INET_DIAG},
		"a thread":                {unix.SYS_CLONE, unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD},
		"fork":                    {unix.SYS_CLONE, uint32(unix.SIGCHLD) | unix.CLONE_VFORK | unix.CLONE_VM},
		"memory":                  {unix.SYS_MMAP, 0, 4096, unix.PROT_READ, unix.MAP_PRIVATE | unix.MAP_ANON},
		"a signal to itself":      {unix.SYS_KILL, 77, uint32(unix.SIGUSR1)},
		"a signal to a thread":    {unix.SYS_TGKILL, 77, 78, uint32(unix.SIGURG)},
		"a descriptor of a child": {unix.SYS_PIDFD_OPEN, 77},
		"its own limits":          {unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE},
		"how much can be read":    {unix.SYS_IOCTL, 5, unix.SIOCINQ},
		"an owner for SIGIO":      {unix.SYS_FCNTL, 5, unix.F_SETOWN, 77},
	} {
		if got := verdict(t, vm, call[0], call[1:]...); got != allow {
			t.Errorf("%s is given %#x, want it allowed", name, got)
		}
	}
}

// TestFilterDenies is the same for what must not pass.
func TestFilterDenies(t *testing.T) {
	vm := machine(t, Limits{})
	for _, list := range [][]uint32{absent, denied, deniedHere} {
		for _, nr := range list {
			if got := verdict(t, vm, nr); got&0xffff0000 != errno {
				t.Errorf("call %d is given %#x, want an errno", nr, got)
			}
		}
	}
	for name, call := range map[string][]uint32{
		"socket PACKET":           {unix.SYS_SOCKET, unix.AF_PACKET, unix.SOCK_RAW},
		"socket VSOCK":            {unix.SYS_SOCKET, unix.AF_VSOCK, unix.SOCK_STREAM},
		"socket NETLINK audit":    {unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_AUDIT},
		"a user namespace":        {unix.SYS_CLONE, unix.CLONE_NEWUSER},
		"shared memory":           {unix.SYS_MMAP, 0, 4096, unix.PROT_READ, unix.MAP_SHARED},
		"a signal to its guard":   {unix.SYS_KILL, 1, uint32(unix.SIGTERM)},
		"limits of its guard":     {unix.SYS_PRLIMIT64, 1, unix.RLIMIT_NOFILE},
		"input to a terminal":     {unix.SYS_IOCTL, 0, unix.TIOCSTI},
		"its guard as an owner":   {unix.SYS_FCNTL, 5, unix.F_SETOWN, 1},
		"a thread of another one": {unix.SYS_PIDFD_OPEN, 77, unix.O_EXCL},
	} {
		if got := verdict(t, vm, call[0], call[1:]...); got&0xffff0000 != errno {
			t.Errorf("%s is given %#x, want an errno", name, got)
		}
	}
}
