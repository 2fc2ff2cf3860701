package capture

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"sockets/runner/recording"
)

// Strace is the run's calls in the format of strace, one a line, each with its
// line of the program as a comment at the end:
//
//	connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("192.0.2.80")}, 16) = 0 /* lessons/04/main.go:31 */
//
// What the program printed is the write that it was. Equal neighbours are one
// line, whose comment says how many. "" if the recording has no calls.
func Strace(r *recording.Recording) string {
	if r.Header.Level == recording.LevelOutput {
		return ""
	}
	var b strings.Builder
	for _, e := range r.Events {
		var text string
		switch {
		case e.Call != nil:
			text = callText(e.Call)
		case e.Output != nil:
			text = outputText(e.Output)
		default:
			continue
		}
		b.WriteString(text)
		if comment := comment(r.Header, e); comment != "" {
			fmt.Fprintf(&b, " /* %s */", comment)
		}
		b.WriteByte('\n')
	}
	if n := r.Header.Hidden; n > 0 {
		fmt.Fprintf(&b, "/* left out: %d calls that no line of the program made */\n", n)
	}
	if n := r.Header.Dropped; n > 0 {
		fmt.Fprintf(&b, "/* left out: %d calls after the last that is kept */\n", n)
	}
	switch end := r.Header.End; {
	case end.Deadline != "":
		fmt.Fprintf(&b, "/* still running after %s; stopped by the runner */\n", end.Deadline)
	case end.Signal != "":
		fmt.Fprintf(&b, "+++ killed by %s +++\n", end.Signal)
	default:
		fmt.Fprintf(&b, "+++ exited with %d +++\n", end.Exit)
	}
	return b.String()
}

// comment is where the event is from, and how often it happened.
func comment(h recording.Header, e recording.Event) string {
	var parts []string
	if e.At != nil {
		parts = append(parts, where(h, e.At))
	}
	if e.Inherited {
		parts = append(parts, "on a goroutine that this line started")
	}
	if n := e.Times(); n > 1 {
		parts = append(parts, fmt.Sprintf("%d times in a row", n))
	}
	// A comment must not end before its end.
	return strings.ReplaceAll(strings.Join(parts, ", "), "*/", "* /")
}

func callText(c *recording.Call) string {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = argument(a)
	}
	text := fmt.Sprintf("%s(%s) = %s", c.Name, strings.Join(args, ", "), c.Result)
	if c.Errno != "" {
		text += " " + c.Errno
		if words, ok := errnos[c.Errno]; ok {
			text += " (" + words + ")"
		}
	}
	return text
}

// printed is how many bytes of a text strace shows, unless told otherwise.
const printed = 32

func outputText(o *recording.Output) string {
	fd := 1
	if o.Stream == recording.Stderr {
		fd = 2
	}
	head, more := o.Text, ""
	if len(head) > printed {
		head, more = head[:printed], "..."
	}
	return fmt.Sprintf("write(%d, %s%s, %d) = %[4]d", fd, cString([]byte(head)), more, len(o.Text))
}

var (
	sockaddr = regexp.MustCompile(`\{(AF_[A-Z0-9]+)(?:, ([^{}]*))?\}`)
	cutShort = regexp.MustCompile(`\.\.\. \([0-9]+ bytes\)$`)
	hexBytes = regexp.MustCompile(`^<((?:[0-9a-f]{2} ?)*)>`)
)

// argument is the argument as strace writes it: an address in full, bytes that
// are no text as escapes, and the dots of a text that was cut without its length.
func argument(a string) string {
	if cutShort.MatchString(a) {
		a = cutShort.ReplaceAllString(a, "...")
	}
	if m := hexBytes.FindStringSubmatch(a); m != nil {
		var b []byte
		for _, two := range strings.Fields(m[1]) {
			n, err := strconv.ParseUint(two, 16, 8)
			if err != nil {
				return a
			}
			b = append(b, byte(n))
		}
		return cString(b) + a[len(m[0]):]
	}
	if strings.HasPrefix(a, `"`) {
		return a
	}
	return sockaddr.ReplaceAllStringFunc(a, func(s string) string {
		m := sockaddr.FindStringSubmatch(s)
		return "{" + address(m[1], m[2]) + "}"
	})
}

func address(family, text string) string {
	all := "sa_family=" + family
	if text == "" {
		return all
	}
	switch family {
	case "AF_INET", "AF_INET6":
		a, err := netip.ParseAddrPort(text)
		if err != nil {
			break
		}
		if family == "AF_INET" {
			return fmt.Sprintf("%s, sin_port=htons(%d), sin_addr=inet_addr(%q)", all, a.Port(), a.Addr())
		}
		zone := a.Addr().Zone()
		if zone == "" {
			zone = "0"
		}
		return fmt.Sprintf("%s, sin6_port=htons(%d), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, %q, &sin6_addr), sin6_scope_id=%s", all, a.Port(), a.Addr().WithZone(""), zone)
	case "AF_UNIX":
		if path, ok := strings.CutPrefix(text, `"@`); ok {
			return all + `, sun_path=@"` + path
		}
		return all + ", sun_path=" + text
	}
	return all + ", " + text
}

// cString is the bytes as a C string, as strace escapes them.
func cString(b []byte) string {
	var s strings.Builder
	s.WriteByte('"')
	for i, c := range b {
		switch {
		case c == '"' || c == '\\':
			s.WriteByte('\\')
			s.WriteByte(c)
		case c == '\n':
			s.WriteString(`\n`)
		case c == '\r':
			s.WriteString(`\r`)
		case c == '\t':
			s.WriteString(`\t`)
		case c >= ' ' && c <= '~':
			s.WriteByte(c)
		case i+1 < len(b) && '0' <= b[i+1] && b[i+1] <= '9':
			fmt.Fprintf(&s, `\%03o`, c) // a digit follows, and would be taken for one of these
		default:
			fmt.Fprintf(&s, `\%o`, c)
		}
	}
	s.WriteByte('"')
	return s.String()
}
