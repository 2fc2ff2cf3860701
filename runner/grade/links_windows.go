package grade

import "io/fs"

// links is how many names the file has; here that is not known.
func links(fs.FileInfo) uint64 { return 1 }
