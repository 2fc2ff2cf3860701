package handin

import "os"

const nonblock = 0

// linked reports whether the file has more than one name, which is not known here.
func linked(os.FileInfo) bool { return false }
