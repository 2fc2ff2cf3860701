// Package text holds the text that several services of the lab send. It is no
// service.
package text

import _ "embed" // for lines.txt

// Lines is a text about sockets: 103 lines, 8,045 bytes, each line ending in a
// newline. Lessons count on these numbers.
//
//go:embed lines.txt
var Lines string
