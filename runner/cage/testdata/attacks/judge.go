package main

import (
	"fmt"
	"os"
	"os/exec"
	"unsafe"

	"golang.org/x/sys/unix"
)

// judge tries to end, stop, slow or read the process that watches over it.
func judge([]string) {
	for _, pid := range []int{1, os.Getppid()} {
		for _, s := range []unix.Signal{0, unix.SIGKILL, unix.SIGSEGV, unix.SIGSTOP, unix.SIGABRT, unix.SIGHUP, unix.SIGTERM} {
			try(fmt.Sprintf("kill %d %d", pid, s), unix.Kill(pid, s))
		}
	}
	call("kill upper half", unix.SYS_KILL, 1<<32|1, uintptr(unix.SIGSEGV))
	try("tgkill 1", unix.Tgkill(1, 1, unix.SIGSEGV))
	call("tkill 1", unix.SYS_TKILL, 1, uintptr(unix.SIGSEGV))
	info := [16]uint64{uint64(unix.SIGSEGV), ^uint64(0)}
	call("rt_sigqueueinfo 1", unix.SYS_RT_SIGQUEUEINFO, 1, uintptr(unix.SIGSEGV), uintptr(unsafe.Pointer(&info)))
	call("rt_tgsigqueueinfo 1", unix.SYS_RT_TGSIGQUEUEINFO, 1, 1, uintptr(unix.SIGSEGV), uintptr(unsafe.Pointer(&info)))
	_, err := unix.PidfdOpen(1, 0)
	try("pidfd_open 1", err)
	none := unix.Rlimit{}
	try("prlimit 1", unix.Prlimit(1, unix.RLIMIT_CPU, &none, nil))
	var cpus unix.CPUSet
	cpus.Set(0)
	try("sched_setaffinity 1", unix.SchedSetaffinity(1, &cpus))
	try("setpriority 1", unix.Setpriority(unix.PRIO_PROCESS, 1, 19))
	try("setpriority user", unix.Setpriority(unix.PRIO_USER, 0, 19))
	try("attach to 1", unix.PtraceAttach(1))
	b := make([]byte, 8)
	local := []unix.Iovec{{Base: &b[0], Len: 8}}
	_, err = unix.ProcessVMReadv(1, local, []unix.RemoteIovec{{Base: 0x400000, Len: 8}}, 0)
	try("process_vm_readv 1", err)

	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	try("socketpair", err)
	_, err = unix.FcntlInt(uintptr(fds[0]), unix.F_SETOWN, 1)
	try("F_SETOWN 1", err)
	owner := [2]int32{1, 1}
	call("F_SETOWN_EX 1", unix.SYS_FCNTL, uintptr(fds[0]), unix.F_SETOWN_EX, uintptr(unsafe.Pointer(&owner)))
	one := int32(1)
	call("FIOSETOWN 1", unix.SYS_IOCTL, uintptr(fds[0]), 0x8901, uintptr(unsafe.Pointer(&one)))
	call("SIOCSPGRP 1", unix.SYS_IOCTL, uintptr(fds[0]), 0x8902, uintptr(unsafe.Pointer(&one)))
	for fd := range 12 {
		f, err := os.OpenFile(fmt.Sprintf("/proc/1/fd/%d", fd), os.O_WRONLY, 0)
		if err == nil {
			_, err = f.WriteString("forged")
		}
		try(fmt.Sprintf("write to descriptor %d of 1", fd), err)
	}
	try("setpgid", unix.Setpgid(0, 1))
	_, err = unix.FcntlInt(uintptr(fds[0]), unix.F_SETOWN, -1)
	try("F_SETOWN group 1", err)
	call("pidfd_open of a thread", unix.SYS_PIDFD_OPEN, 2, unix.O_EXCL)
	everyThread()
	try("kill everybody", unix.Kill(-1, unix.SIGKILL))
	fmt.Println("done")
}

// everyThread sends signals to whatever has a number near ours: kill(2) takes the
// number of any thread.
func everyThread() {
	for id := 2; id < os.Getpid()+40; id++ {
		if _, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", id)); err == nil {
			continue
		}
		for s := unix.Signal(1); s <= 64; s++ {
			_ = unix.Kill(id, s)
			_ = unix.Tgkill(1, id, s)
			call2(unix.SYS_TKILL, uintptr(id), uintptr(s))
		}
	}
}

func call2(nr, a, b uintptr) { _, _, _ = unix.Syscall(nr, a, b, 0) }

// escape tries what would give it privileges or another view of the machine.
func escape([]string) {
	for name, flag := range map[string]int{
		"user": unix.CLONE_NEWUSER, "mount": unix.CLONE_NEWNS, "net": unix.CLONE_NEWNET, "pid": unix.CLONE_NEWPID,
		"ipc": unix.CLONE_NEWIPC, "uts": unix.CLONE_NEWUTS, "cgroup": unix.CLONE_NEWCGROUP,
	} {
		try("unshare "+name, unix.Unshare(flag))
		cmd := exec.Command("/proc/self/exe", "descriptors")
		cmd.SysProcAttr = &unix.SysProcAttr{Cloneflags: uintptr(flag)}
		try("clone "+name, cmd.Run())
	}
	call("clone3", unix.SYS_CLONE3, 0, 0)
	try("mount", unix.Mount("tmpfs", "/tmp", "tmpfs", 0, ""))
	try("mount proc", unix.Mount("proc", "/tmp", "proc", 0, ""))
	try("remount", unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND, ""))
	try("umount", unix.Unmount("/tmp", unix.MNT_DETACH))
	try("chroot", unix.Chroot("/tmp"))
	try("pivot_root", unix.PivotRoot("/tmp", "/tmp"))
	ns, err := unix.Open("/proc/self/ns/net", unix.O_RDONLY, 0)
	if err == nil {
		try("setns", unix.Setns(ns, 0))
	}
	call("ptrace traceme", unix.SYS_PTRACE, unix.PTRACE_TRACEME)
	call("bpf", unix.SYS_BPF, 0, 0, 0)
	call("keyctl", unix.SYS_KEYCTL, 0, 0, 0)
	call("io_uring_setup", unix.SYS_IO_URING_SETUP, 1, 0)
	call("perf_event_open", unix.SYS_PERF_EVENT_OPEN, 0, 0, 0, 0, 0)
	call("userfaultfd", unix.SYS_USERFAULTFD, 0)
	_, err = unix.MemfdCreate("x", 0)
	try("memfd_create", err)
	call("setuid 0", unix.SYS_SETRESUID, 0, 0, 0)
	call("setuid other", unix.SYS_SETRESUID, 1, 1, 1)
	call("setgroups", unix.SYS_SETGROUPS, 0, 0)
	try("sethostname", unix.Sethostname([]byte("mine")))
	call("reboot", unix.SYS_REBOOT, 0, 0, 0)
	call("personality", unix.SYS_PERSONALITY, 0x0040000)
	call("open_by_handle_at", unix.SYS_OPEN_BY_HANDLE_AT, 0, 0, 0)
	call("seccomp", unix.SYS_SECCOMP, 0, 0, 0)
	try("PR_SET_SECCOMP", unix.Prctl(unix.PR_SET_SECCOMP, 1, 0, 0, 0))
	try("PR_CAP_AMBIENT", unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, unix.CAP_SYS_ADMIN, 0, 0))
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	full := [2]unix.CapUserData{{Effective: ^uint32(0), Permitted: ^uint32(0)}}
	try("capset", unix.Capset(&header, &full[0]))
	more := unix.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	try("raise RLIMIT_NOFILE", unix.Setrlimit(unix.RLIMIT_NOFILE, &more))
	try("raise RLIMIT_NPROC", unix.Setrlimit(unix.RLIMIT_NPROC, &more))
	shared := uintptr(unix.MAP_SHARED | unix.MAP_ANON)
	call("shared memory", unix.SYS_MMAP, 0, 1<<30, unix.PROT_READ|unix.PROT_WRITE, shared, ^uintptr(0), 0)
	zero, err := os.OpenFile("/dev/zero", os.O_RDWR, 0)
	try("open /dev/zero", err)
	call("shared /dev/zero", unix.SYS_MMAP, 0, 1<<30, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED, zero.Fd(), 0)
	down := uintptr(unix.MAP_PRIVATE | unix.MAP_ANON | unix.MAP_GROWSDOWN)
	call("memory like a stack", unix.SYS_MMAP, 0, 1<<30, unix.PROT_READ|unix.PROT_WRITE, down, ^uintptr(0), 0)
	call("shmget", unix.SYS_SHMGET, 0, 1<<30, 0o1600)
	foreign()
	status, _ := os.ReadFile("/proc/self/status")
	fmt.Printf("%s\n", status)
}
