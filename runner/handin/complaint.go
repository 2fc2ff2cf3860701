package handin

import (
	"regexp"
	"strconv"
	"strings"
)

// A Complaint is one thing that the compiler, or the policy before it, has said of a
// program.
type Complaint struct {
	Line int // of main.go; 0 if it is about no line of it
	Text string
}

// at is how a complaint about a line begins: main.go:12:3: undefined: x.
var at = regexp.MustCompile(`^(?:\S*/)?main\.go:([0-9]+)(?::[0-9]+)?: (.*)$`)

// Complaints takes what was said apart. What is indented belongs to the one before.
func Complaints(text string) (all []Complaint) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		m := at.FindStringSubmatch(line)
		switch {
		case m != nil:
			n, err := strconv.Atoi(m[1])
			if err != nil {
				n = 0
			}
			all = append(all, Complaint{n, m[2]})
		case len(all) > 0 && strings.HasPrefix(line, "\t"):
			all[len(all)-1].Text += "\n" + line
		case strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#"):
			all = append(all, Complaint{0, line})
		}
	}
	return all
}
