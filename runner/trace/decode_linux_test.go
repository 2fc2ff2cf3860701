//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// kept holds what calls point to, so that it stays where it is.
var kept [][]byte

// at is the address of a copy of b in this process, whose memory is read as a
// traced one's.
func at(b []byte) uint64 {
	c := append(make([]byte, 0, max(len(b), 1)), b...)
	kept = append(kept, c)
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(c))))
}

func le32(values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func le64(values ...uint64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// inet is a struct sockaddr_in.
func inet(port uint16, addr ...byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{unix.AF_INET, 0}, port), append(addr, make([]byte, 8)...)...)
}

func inet6(port uint16, scope uint32, last byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{unix.AF_INET6, 0}, port)
	b = append(b, 0, 0, 0, 0, 0xfe, 0x80)
	b = append(b, make([]byte, 13)...)
	return binary.LittleEndian.AppendUint32(append(b, last), scope)
}

func unixAddress(path string) []byte { return append([]byte{unix.AF_UNIX, 0}, path...) }

// message is a struct msghdr with one part and one control message.
func message(data string, control []byte) []byte {
	vec := at(le64(at([]byte(data)), uint64(len(data))))
	return append(le64(0, 0, vec, 1, at(control), uint64(len(control))), le64(0)...)
}

func rights(fds ...uint32) []byte {
	b := append(le64(uint64(16+4*len(fds))), le32(unix.SOL_SOCKET, unix.SCM_RIGHTS)...)
	return append(append(b, le32(fds...)...), make([]byte, 4*(len(fds)%2))...)
}

func TestDecode(t *testing.T) {
	minus1 := int32(-1)
	cwd := int64(unix.AT_FDCWD)
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		call   string
		args   []uint64
		result int64
		want   string
	}{
		{"socket", []uint64{unix.AF_INET, unix.SOCK_STREAM | unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK, unix.IPPROTO_MPTCP}, 3, "AF_INET, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, IPPROTO_MPTCP"},
		{"socket", []uint64{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, 3, "AF_NETLINK, SOCK_RAW, NETLINK_ROUTE"},
		{"socket", []uint64{unix.AF_PACKET, unix.SOCK_RAW, 0x300}, 3, "AF_PACKET, SOCK_RAW, htons(0x0003)"},
		{"socket", []uint64{99, 77, 0}, -1, "0x63, 0x4d, 0"},
		{"connect", []uint64{3, at(inet(80, 192, 0, 2, 80)), 16}, 0, "3, {AF_INET, 192.0.2.80:80}, 16"},
		{"connect", []uint64{3, at(inet6(80, 2, 1)), 28}, 0, "3, {AF_INET6, [fe80::1%2]:80}, 28"},
		{"connect", []uint64{3, at(unixAddress("/tmp/x\x00")), 9}, 0, `3, {AF_UNIX, "/tmp/x"}, 9`},
		{"bind", []uint64{3, at(unixAddress("\x00hidden")), 9}, 0, `3, {AF_UNIX, "@hidden"}, 9`},
		{"bind", []uint64{3, at(append(le32(unix.AF_NETLINK), le32(0, 1)...)), 12}, 0, "3, {AF_NETLINK, port 0, groups 0x1}, 12"},
		{"bind", []uint64{3, at([]byte{unix.AF_PACKET, 0, 8, 0, 2, 0, 0, 0, 1, 0, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}), 20}, 0, "3, {AF_PACKET, protocol 0x0800, interface 2, 02:00:00:00:00:01}, 20"},
		{"bind", []uint64{3, 0, 0}, -1, "3, NULL, 0"},
		{"accept4", []uint64{3, at(inet(50001, 127, 0, 0, 1)), at(le32(16)), unix.SOCK_CLOEXEC}, 4, "3, {AF_INET, 127.0.0.1:50001}, [16], SOCK_CLOEXEC"},
		{"accept4", []uint64{3, at(inet(50001, 127, 0, 0, 1)), at(le32(16)), 0}, -int64(unix.EAGAIN), "3, ..., ..., 0"},
		{"accept", []uint64{3, 0, 0}, 4, "3, NULL, NULL"},
		{"read", []uint64{3, at([]byte("hello\n")), 512}, 6, `3, "hello\n", 512`},
		{"read", []uint64{3, at([]byte{0x16, 3, 1, 2, 0}), 512}, 5, "3, <16 03 01 02 00>, 512"},
		{"read", []uint64{3, at([]byte("x")), 512}, 0, `3, "", 512`},
		{"write", []uint64{3, at([]byte(long)), 100}, 100, `3, "` + long[:64] + `"... (100 bytes), 100`},
		{"write", []uint64{3, 8, 100}, -1, `3, ""... (100 bytes), 100`},
		{"writev", []uint64{3, at(le64(at([]byte("ab")), 2, at([]byte("cd")), 2)), 2}, 4, `3, ["ab", "cd"], 2`},
		{"readv", []uint64{3, at(le64(at([]byte("ab")), 2, at([]byte("cd")), 2)), 2}, 3, `3, ["ab", "c"], 2`},
		{"sendto", []uint64{3, at([]byte("ping")), 4, unix.MSG_NOSIGNAL, at(inet(53, 192, 0, 2, 53)), 16}, 4, `3, "ping", 4, MSG_NOSIGNAL, {AF_INET, 192.0.2.53:53}, 16`},
		{"recvfrom", []uint64{3, at([]byte("pong")), 512, 0, at(inet(53, 192, 0, 2, 53)), at(le32(16))}, 4, `3, "pong", 512, 0, {AF_INET, 192.0.2.53:53}, [16]`},
		{"sendmsg", []uint64{3, at(message("take", rights(7))), 0}, 4, `3, {iov=["take"], control=[SCM_RIGHTS [7]]}, 0`},
		{"recvmsg", []uint64{3, at(message("taken here", rights(7, 8))), unix.MSG_CMSG_CLOEXEC}, 5, `3, {iov=["taken"], control=[SCM_RIGHTS [7 8]]}, MSG_CMSG_CLOEXEC`},
		{"sendmmsg", []uint64{3, at(append(message("one", nil), le64(0)...)), 1, 0}, 1, `3, [{iov=["one"]}], 1, 0`},
		{"setsockopt", []uint64{3, unix.SOL_TCP, unix.TCP_NODELAY, at(le32(1)), 4}, 0, "3, SOL_TCP, TCP_NODELAY, [1], 4"},
		{"setsockopt", []uint64{3, unix.SOL_SOCKET, unix.SO_LINGER, at(le32(1, 0)), 8}, 0, "3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8"},
		{"setsockopt", []uint64{3, unix.SOL_SOCKET, unix.SO_RCVTIMEO, at(le64(1, 500000)), 16}, 0, "3, SOL_SOCKET, SO_RCVTIMEO, [1.5s], 16"},
		{"setsockopt", []uint64{3, unix.SOL_IPV6, unix.IPV6_V6ONLY, at(le32(0)), 4}, 0, "3, SOL_IPV6, IPV6_V6ONLY, [0], 4"},
		{"setsockopt", []uint64{3, 4711, 12, at(le32(uint32(minus1))), 4}, -1, "3, 0x1267, 0xc, [-1], 4"},
		{"getsockopt", []uint64{3, unix.SOL_SOCKET, unix.SO_ERROR, at(le32(111)), at(le32(4))}, 0, "3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]"},
		{"getsockopt", []uint64{3, unix.SOL_SOCKET, unix.SO_PROTOCOL, at(le32(262)), at(le32(4))}, 0, "3, SOL_SOCKET, SO_PROTOCOL, [IPPROTO_MPTCP], [4]"},
		{"shutdown", []uint64{3, unix.SHUT_WR}, 0, "3, SHUT_WR"},
		{"fcntl", []uint64{3, unix.F_SETFL, unix.O_NONBLOCK | largeFile}, 0, "3, F_SETFL, O_NONBLOCK"},
		{"ioctl", []uint64{3, unix.TIOCINQ, at(le32(12))}, 0, "3, FIONREAD, [12]"},
		{"openat", []uint64{uint64(cwd), at([]byte("/etc/hosts\x00")), unix.O_CLOEXEC, 0}, 3, `AT_FDCWD, "/etc/hosts", O_RDONLY|O_CLOEXEC, 0`},
		{"openat", []uint64{uint64(cwd), at([]byte("x\x00")), unix.O_CREAT | unix.O_WRONLY, 0o644}, 3, `AT_FDCWD, "x", O_WRONLY|O_CREAT, 0644`},
		{"pipe2", []uint64{at(le32(5, 6)), unix.O_CLOEXEC}, 0, "[5, 6], O_CLOEXEC"},
		{"epoll_ctl", []uint64{4, unix.EPOLL_CTL_DEL, 5, 0}, 0, "4, EPOLL_CTL_DEL, 5, NULL"},
		{"poll", []uint64{at(append(le32(3), 1, 0, 0, 0)), 1, uint64(uint32(minus1))}, 1, "[{3, POLLIN}], 1, -1"},
		{"clone", []uint64{unix.CLONE_VM | unix.CLONE_VFORK | uint64(unix.SIGCHLD), 0, 0, 0, 0}, 9, "CLONE_VM|CLONE_VFORK|SIGCHLD, NULL, NULL, NULL, NULL"},
		{"wait4", []uint64{9, at(le32(7 << 8)), 0, 0}, 9, "9, [exit 7], 0, NULL"},
		{"kill", []uint64{9, uint64(unix.SIGTERM)}, 0, "9, SIGTERM"},
		{"nanosleep", []uint64{at(le64(1, 250_000_000)), 0}, 0, "1.25s, NULL"},
		{"execve", []uint64{at([]byte("/bin/true\x00")), at(le64(at([]byte("true\x00")), 0)), 0}, 0, `"/bin/true", ["true"], NULL`},
		{"nothing_known", []uint64{1, 0x20, 0xc000123456, 0, 0, 0}, 0, "1, 0x20, ..."},
	} {
		call := call{name: c.call, kind: signatures[c.call]}
		if call.kind == nil {
			call.kind = &unknown
		}
		copy(call.args[:], c.args)
		m := memory(os.Getpid())
		call.text = call.kind.before(m, &call)
		got := strings.Join(call.kind.after(&decoder{m: m, args: call.args, n: c.result}, &call), ", ")
		if got != c.want {
			t.Errorf("%s%v = %d:\n got %s\nwant %s", c.call, c.args, c.result, got, c.want)
		}
	}
}

// TestFiles says what descriptors are, after the calls that make them.
func TestFiles(t *testing.T) {
	for _, c := range []struct {
		of   file
		want string
	}{
		{file{text: "epoll"}, "epoll"},
		{file{isSocket: true, family: unix.AF_INET, kind: unix.SOCK_STREAM}, "TCP"},
		{file{isSocket: true, family: unix.AF_INET, kind: unix.SOCK_DGRAM, localText: "192.0.2.10:50001", remoteText: "192.0.2.53:53"}, "UDP 192.0.2.10:50001 > 192.0.2.53:53"},
		{file{isSocket: true, family: unix.AF_INET6, kind: unix.SOCK_STREAM, proto: unix.IPPROTO_MPTCP, localText: "[::]:80", listening: true}, "MPTCP [::]:80, listening"},
		{file{isSocket: true, family: unix.AF_INET, kind: unix.SOCK_RAW, proto: unix.IPPROTO_ICMP}, "raw ICMP"},
		{file{isSocket: true, family: unix.AF_UNIX, kind: unix.SOCK_STREAM, localText: "@lab"}, "UNIX stream @lab"},
		{file{isSocket: true, family: unix.AF_UNIX, kind: unix.SOCK_SEQPACKET}, "UNIX seqpacket"},
		{file{isSocket: true, family: unix.AF_NETLINK, kind: unix.SOCK_RAW}, "NETLINK route"},
		{file{isSocket: true, family: unix.AF_PACKET, kind: unix.SOCK_RAW}, "PACKET raw"},
	} {
		if got := c.of.String(); got != c.want {
			t.Errorf("%+v = %q, want %q", c.of, got, c.want)
		}
	}
	for link, want := range map[string]string{
		"pipe:[123]": "pipe", "anon_inode:[eventpoll]": "epoll", "anon_inode:[eventfd]": "eventfd", "/dev/null": "file /dev/null",
	} {
		if got := linkText(link); got != want {
			t.Errorf("linkText(%q) = %q, want %q", link, got, want)
		}
	}
}

// TestNames holds both tables against numbers of the kernel's.
func TestNames(t *testing.T) {
	for _, c := range []struct {
		table string
		want  map[uint64]string
	}{
		{"calls_amd64.txt", map[uint64]string{0: "read", 1: "write", 41: "socket", 42: "connect", 288: "accept4", 257: "openat", 231: "exit_group", 435: "clone3"}},
		{"calls_arm64.txt", map[uint64]string{63: "read", 64: "write", 198: "socket", 203: "connect", 242: "accept4", 56: "openat", 94: "exit_group", 435: "clone3"}},
	} {
		text, err := os.ReadFile(c.table)
		if err != nil {
			t.Fatal(err)
		}
		got := names(string(text))
		for nr, name := range c.want {
			if got[nr] != name {
				t.Errorf("%s: %d is %q, want %q", c.table, nr, got[nr], name)
			}
		}
		if len(got) < 300 {
			t.Errorf("%s: %d calls", c.table, len(got))
		}
	}
	if callName(9999) != "syscall_9999" {
		t.Errorf("callName(9999) = %q", callName(9999))
	}
}

// TestOffsets compares the table with what this toolchain's debugging information
// says, on both architectures.
func TestOffsets(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		path := filepath.Join(t.TempDir(), "program")
		cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./testdata/programs/exits")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS=linux", "GOARCH="+arch)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build for %s: %v\n%s", arch, err, out)
		}
		f, release := openELF(t, path)
		table, ok := known[release]
		if !ok {
			t.Logf("%s is not in the table; debugging information is needed", release)
			continue
		}
		d, err := f.DWARF()
		if err != nil {
			t.Fatal(err)
		}
		debug, ok := fromDebug(d)
		if diff := cmp.Diff(debug, table, cmp.AllowUnexported(offsets{})); diff != "" || !ok {
			t.Errorf("%s, %s (-debugging information +table):\n%s", release, arch, diff)
		}
		for name, off := range map[string]uint64{"goPC": table.goPC, "parent": table.parent} {
			if off+8 > gSize {
				t.Errorf("%s lies at %s, beyond the %d bytes read of a g", name, strconv.FormatUint(off, 10), gSize)
			}
		}
	}
}
