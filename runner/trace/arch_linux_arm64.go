package trace

import (
	_ "embed" // the names of calls

	"golang.org/x/sys/unix"
)

type registers = arm64Registers

// callInstruction is SVC #0.
var callInstruction = []byte{0x01, 0x00, 0x00, 0xd4}

// largeFile is O_LARGEFILE as the kernel gives it; it means nothing here.
const largeFile = 0x20000

const auditArch = unix.AUDIT_ARCH_AARCH64

//go:embed calls_arm64.txt
var calls string

var callNames = names(calls)
