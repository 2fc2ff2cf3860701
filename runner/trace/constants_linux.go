//go:build amd64 || arm64

package trace

import "golang.org/x/sys/unix"

// A flag is one bit, or several that stand together, of an argument.
type flag struct {
	bits uint64
	name string
}

// families are those of sockets.
var families = map[uint64]string{
	unix.AF_UNSPEC:    "AF_UNSPEC",
	unix.AF_UNIX:      "AF_UNIX",
	unix.AF_INET:      "AF_INET",
	unix.AF_INET6:     "AF_INET6",
	unix.AF_NETLINK:   "AF_NETLINK",
	unix.AF_PACKET:    "AF_PACKET",
	unix.AF_VSOCK:     "AF_VSOCK",
	unix.AF_ALG:       "AF_ALG",
	unix.AF_BLUETOOTH: "AF_BLUETOOTH",
	unix.AF_CAN:       "AF_CAN",
	unix.AF_TIPC:      "AF_TIPC",
	unix.AF_XDP:       "AF_XDP",
	unix.AF_KEY:       "AF_KEY",
}

// socketTypes are the kinds of sockets, their flags taken off.
var socketTypes = map[uint64]string{
	unix.SOCK_STREAM:    "SOCK_STREAM",
	unix.SOCK_DGRAM:     "SOCK_DGRAM",
	unix.SOCK_RAW:       "SOCK_RAW",
	unix.SOCK_RDM:       "SOCK_RDM",
	unix.SOCK_SEQPACKET: "SOCK_SEQPACKET",
	unix.SOCK_DCCP:      "SOCK_DCCP",
	unix.SOCK_PACKET:    "SOCK_PACKET",
}

// socketFlags stand beside a socket's type, and in accept4.
var socketFlags = []flag{
	{unix.SOCK_NONBLOCK, "SOCK_NONBLOCK"},
	{unix.SOCK_CLOEXEC, "SOCK_CLOEXEC"},
}

// protocols are those of the Internet families.
var protocols = map[uint64]string{
	unix.IPPROTO_IP:      "IPPROTO_IP",
	unix.IPPROTO_ICMP:    "IPPROTO_ICMP",
	unix.IPPROTO_TCP:     "IPPROTO_TCP",
	unix.IPPROTO_UDP:     "IPPROTO_UDP",
	unix.IPPROTO_IPV6:    "IPPROTO_IPV6",
	unix.IPPROTO_ICMPV6:  "IPPROTO_ICMPV6",
	unix.IPPROTO_SCTP:    "IPPROTO_SCTP",
	unix.IPPROTO_UDPLITE: "IPPROTO_UDPLITE",
	unix.IPPROTO_RAW:     "IPPROTO_RAW",
	unix.IPPROTO_MPTCP:   "IPPROTO_MPTCP",
}

// netlinks are the protocols of netlink.
var netlinks = map[uint64]string{
	unix.NETLINK_ROUTE:          "NETLINK_ROUTE",
	unix.NETLINK_USERSOCK:       "NETLINK_USERSOCK",
	unix.NETLINK_SOCK_DIAG:      "NETLINK_SOCK_DIAG",
	unix.NETLINK_NETFILTER:      "NETLINK_NETFILTER",
	unix.NETLINK_GENERIC:        "NETLINK_GENERIC",
	unix.NETLINK_KOBJECT_UEVENT: "NETLINK_KOBJECT_UEVENT",
	unix.NETLINK_AUDIT:          "NETLINK_AUDIT",
}

// messageFlags are those of send and receive.
var messageFlags = []flag{
	{unix.MSG_OOB, "MSG_OOB"},
	{unix.MSG_PEEK, "MSG_PEEK"},
	{unix.MSG_DONTROUTE, "MSG_DONTROUTE"},
	{unix.MSG_CTRUNC, "MSG_CTRUNC"},
	{unix.MSG_TRUNC, "MSG_TRUNC"},
	{unix.MSG_DONTWAIT, "MSG_DONTWAIT"},
	{unix.MSG_EOR, "MSG_EOR"},
	{unix.MSG_WAITALL, "MSG_WAITALL"},
	{unix.MSG_CONFIRM, "MSG_CONFIRM"},
	{unix.MSG_ERRQUEUE, "MSG_ERRQUEUE"},
	{unix.MSG_NOSIGNAL, "MSG_NOSIGNAL"},
	{unix.MSG_MORE, "MSG_MORE"},
	{unix.MSG_WAITFORONE, "MSG_WAITFORONE"},
	{unix.MSG_ZEROCOPY, "MSG_ZEROCOPY"},
	{unix.MSG_FASTOPEN, "MSG_FASTOPEN"},
	{unix.MSG_CMSG_CLOEXEC, "MSG_CMSG_CLOEXEC"},
}

// openFlags are those of open and of a descriptor.
var openFlags = []flag{
	{unix.O_WRONLY, "O_WRONLY"},
	{unix.O_RDWR, "O_RDWR"},
	{unix.O_CREAT, "O_CREAT"},
	{unix.O_EXCL, "O_EXCL"},
	{unix.O_NOCTTY, "O_NOCTTY"},
	{unix.O_TRUNC, "O_TRUNC"},
	{unix.O_APPEND, "O_APPEND"},
	{unix.O_NONBLOCK, "O_NONBLOCK"},
	{unix.O_SYNC, "O_SYNC"},
	{unix.O_DSYNC, "O_DSYNC"},
	{unix.O_DIRECTORY, "O_DIRECTORY"},
	{unix.O_NOFOLLOW, "O_NOFOLLOW"},
	{unix.O_CLOEXEC, "O_CLOEXEC"},
	{unix.O_DIRECT, "O_DIRECT"},
	{unix.O_TMPFILE, "O_TMPFILE"},
	{unix.O_PATH, "O_PATH"},
	{unix.O_NOATIME, "O_NOATIME"},
}

// epollFlags are those of epoll_create1.
var epollFlags = []flag{
	{unix.EPOLL_CLOEXEC, "EPOLL_CLOEXEC"},
}

// epollEvents are what epoll waits for and reports.
var epollEvents = []flag{
	{unix.EPOLLIN, "EPOLLIN"},
	{unix.EPOLLPRI, "EPOLLPRI"},
	{unix.EPOLLOUT, "EPOLLOUT"},
	{unix.EPOLLERR, "EPOLLERR"},
	{unix.EPOLLHUP, "EPOLLHUP"},
	{unix.EPOLLRDHUP, "EPOLLRDHUP"},
	{unix.EPOLLET, "EPOLLET"},
	{unix.EPOLLONESHOT, "EPOLLONESHOT"},
	{unix.EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE"},
	{unix.EPOLLWAKEUP, "EPOLLWAKEUP"},
}

// pollEvents are what poll waits for and reports.
var pollEvents = []flag{
	{unix.POLLIN, "POLLIN"},
	{unix.POLLPRI, "POLLPRI"},
	{unix.POLLOUT, "POLLOUT"},
	{unix.POLLERR, "POLLERR"},
	{unix.POLLHUP, "POLLHUP"},
	{unix.POLLNVAL, "POLLNVAL"},
	{unix.POLLRDHUP, "POLLRDHUP"},
}

// epollOps are what epoll_ctl does.
var epollOps = map[uint64]string{
	unix.EPOLL_CTL_ADD: "EPOLL_CTL_ADD",
	unix.EPOLL_CTL_DEL: "EPOLL_CTL_DEL",
	unix.EPOLL_CTL_MOD: "EPOLL_CTL_MOD",
}

// shutdowns are the directions of shutdown.
var shutdowns = map[uint64]string{
	unix.SHUT_RD:   "SHUT_RD",
	unix.SHUT_WR:   "SHUT_WR",
	unix.SHUT_RDWR: "SHUT_RDWR",
}

// eventFlags are those of eventfd2.
var eventFlags = []flag{
	{unix.EFD_CLOEXEC, "EFD_CLOEXEC"},
	{unix.EFD_NONBLOCK, "EFD_NONBLOCK"},
	{unix.EFD_SEMAPHORE, "EFD_SEMAPHORE"},
}

// spliceFlags are those of splice.
var spliceFlags = []flag{
	{unix.SPLICE_F_MOVE, "SPLICE_F_MOVE"},
	{unix.SPLICE_F_NONBLOCK, "SPLICE_F_NONBLOCK"},
	{unix.SPLICE_F_MORE, "SPLICE_F_MORE"},
	{unix.SPLICE_F_GIFT, "SPLICE_F_GIFT"},
}

// atFlags are those of the calls that start at a directory.
var atFlags = []flag{
	{unix.AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"},
	{unix.AT_REMOVEDIR, "AT_REMOVEDIR"},
	{unix.AT_SYMLINK_FOLLOW, "AT_SYMLINK_FOLLOW"},
	{unix.AT_NO_AUTOMOUNT, "AT_NO_AUTOMOUNT"},
	{unix.AT_EMPTY_PATH, "AT_EMPTY_PATH"},
}

// accessFlags are those of faccessat2; one has the value of AT_REMOVEDIR.
var accessFlags = []flag{
	{unix.AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"},
	{unix.AT_EACCESS, "AT_EACCESS"},
	{unix.AT_EMPTY_PATH, "AT_EMPTY_PATH"},
}

// controls are what fcntl does.
var controls = map[uint64]string{
	unix.F_DUPFD:         "F_DUPFD",
	unix.F_GETFD:         "F_GETFD",
	unix.F_SETFD:         "F_SETFD",
	unix.F_GETFL:         "F_GETFL",
	unix.F_SETFL:         "F_SETFL",
	unix.F_GETLK:         "F_GETLK",
	unix.F_SETLK:         "F_SETLK",
	unix.F_SETLKW:        "F_SETLKW",
	unix.F_SETOWN:        "F_SETOWN",
	unix.F_GETOWN:        "F_GETOWN",
	unix.F_DUPFD_CLOEXEC: "F_DUPFD_CLOEXEC",
	unix.F_GETPIPE_SZ:    "F_GETPIPE_SZ",
	unix.F_SETPIPE_SZ:    "F_SETPIPE_SZ",
}

// ioctls are requests to devices and sockets. FIONREAD is SIOCINQ, TIOCOUTQ SIOCOUTQ.
var ioctls = map[uint64]string{
	unix.TIOCINQ:        "FIONREAD",
	0x5421:              "FIONBIO",
	unix.TIOCOUTQ:       "TIOCOUTQ",
	unix.TIOCGWINSZ:     "TIOCGWINSZ",
	unix.TCGETS:         "TCGETS",
	unix.TCSETS:         "TCSETS",
	unix.SIOCGIFNAME:    "SIOCGIFNAME",
	unix.SIOCGIFINDEX:   "SIOCGIFINDEX",
	unix.SIOCGIFADDR:    "SIOCGIFADDR",
	unix.SIOCGIFCONF:    "SIOCGIFCONF",
	unix.SIOCGIFFLAGS:   "SIOCGIFFLAGS",
	unix.SIOCGIFMTU:     "SIOCGIFMTU",
	unix.SIOCGIFHWADDR:  "SIOCGIFHWADDR",
	unix.SIOCGIFNETMASK: "SIOCGIFNETMASK",
	0x8905:              "SIOCATMARK",
	unix.TUNSETIFF:      "TUNSETIFF",
}

// cloneFlags are those of clone, its signal taken off.
var cloneFlags = []flag{
	{unix.CLONE_VM, "CLONE_VM"},
	{unix.CLONE_FS, "CLONE_FS"},
	{unix.CLONE_FILES, "CLONE_FILES"},
	{unix.CLONE_SIGHAND, "CLONE_SIGHAND"},
	{unix.CLONE_PIDFD, "CLONE_PIDFD"},
	{unix.CLONE_PTRACE, "CLONE_PTRACE"},
	{unix.CLONE_VFORK, "CLONE_VFORK"},
	{unix.CLONE_PARENT, "CLONE_PARENT"},
	{unix.CLONE_THREAD, "CLONE_THREAD"},
	{unix.CLONE_NEWNS, "CLONE_NEWNS"},
	{unix.CLONE_SYSVSEM, "CLONE_SYSVSEM"},
	{unix.CLONE_SETTLS, "CLONE_SETTLS"},
	{unix.CLONE_PARENT_SETTID, "CLONE_PARENT_SETTID"},
	{unix.CLONE_CHILD_CLEARTID, "CLONE_CHILD_CLEARTID"},
	{unix.CLONE_DETACHED, "CLONE_DETACHED"},
	{unix.CLONE_UNTRACED, "CLONE_UNTRACED"},
	{unix.CLONE_CHILD_SETTID, "CLONE_CHILD_SETTID"},
	{unix.CLONE_NEWCGROUP, "CLONE_NEWCGROUP"},
	{unix.CLONE_NEWUTS, "CLONE_NEWUTS"},
	{unix.CLONE_NEWIPC, "CLONE_NEWIPC"},
	{unix.CLONE_NEWUSER, "CLONE_NEWUSER"},
	{unix.CLONE_NEWPID, "CLONE_NEWPID"},
	{unix.CLONE_NEWNET, "CLONE_NEWNET"},
	{unix.CLONE_IO, "CLONE_IO"},
}

// waitFlags are those of wait4 and waitid.
var waitFlags = []flag{
	{unix.WNOHANG, "WNOHANG"},
	{unix.WUNTRACED, "WUNTRACED"},
	{unix.WEXITED, "WEXITED"},
	{unix.WCONTINUED, "WCONTINUED"},
	{unix.WNOWAIT, "WNOWAIT"},
}

// mapProtections are those of mmap.
var mapProtections = []flag{
	{unix.PROT_READ, "PROT_READ"},
	{unix.PROT_WRITE, "PROT_WRITE"},
	{unix.PROT_EXEC, "PROT_EXEC"},
}

// mapFlags are those of mmap.
var mapFlags = []flag{
	{unix.MAP_SHARED, "MAP_SHARED"},
	{unix.MAP_PRIVATE, "MAP_PRIVATE"},
	{unix.MAP_FIXED, "MAP_FIXED"},
	{unix.MAP_ANONYMOUS, "MAP_ANONYMOUS"},
	{unix.MAP_NORESERVE, "MAP_NORESERVE"},
	{unix.MAP_POPULATE, "MAP_POPULATE"},
}
