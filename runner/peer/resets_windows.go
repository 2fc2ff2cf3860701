package peer

import "syscall"

// resets are the errors that only this system has for a reset.
var resets = []error{syscall.WSAECONNRESET, syscall.WSAECONNABORTED}
