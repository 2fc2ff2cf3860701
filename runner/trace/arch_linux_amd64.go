package trace

import (
	_ "embed" // the names of calls

	"golang.org/x/sys/unix"
)

type registers = amd64Registers

// callInstruction is SYSCALL.
var callInstruction = []byte{0x0f, 0x05}

// largeFile is O_LARGEFILE as the kernel gives it; it means nothing here.
const largeFile = 0x8000

const auditArch = unix.AUDIT_ARCH_X86_64

//go:embed calls_amd64.txt
var calls string

var callNames = names(calls)
