package recording

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Stand-ins begin here and count up, in the order in which what they stand for
// first appears: in the arguments, then on stdout, then on stderr.
const (
	firstPort  = 50001
	firstInode = 70001
)

// ephemeral is the lowest port that is taken for one the kernel chose.
const ephemeral = 32768

// Normalise is the recording with stable stand-ins for what changes from run to
// run. Equal neighbours of its events are one event with a count. It changes
//
//   - the port of a loopback or unspecified address, 127.0.0.1:PORT, [::1]:PORT,
//     localhost:PORT, 0.0.0.0:PORT or [::]:PORT, from 32768 on, to 50001, 50002
//     and so on; then the same port also after the word "port" and, as two bytes
//     in hexadecimal, after an address family: "02 00 xx yy";
//   - socket:[INODE] to socket:[70001] and so on;
//   - the lab's temporary folder to /tmp/lab;
//   - a byte that is not UTF-8 to U+FFFD, as JSON would;
//   - a Go program's stack trace, see trace.go, in which dirs are the
//     directories of the lesson's own files, on disk and as an import path.
//
// To normalise again changes nothing. Calls and frames are left as they are.
func Normalise(r *Recording, dirs ...string) *Recording {
	n := &Recording{Header: r.Header}
	n.Header.Args = slices.Clone(r.Header.Args)
	for _, e := range r.Events {
		if e.Output != nil {
			e.Output = &Output{e.Output.Stream, e.Output.Text}
		}
		n.Events = append(n.Events, e)
	}
	n.rewrite(validUTF8)
	n.rewrite(func(text string) string { return labFolder.ReplaceAllLiteralString(text, "/tmp/lab") })
	n.shortenTraces(dirs)
	n.replaceInodes()
	n.replacePorts()
	n.merge()
	return n
}

// rewrite puts every text of the run through f, in the order that stand-ins are
// given in: arguments, stdout, stderr.
func (r *Recording) rewrite(f func(string) string) {
	for i, arg := range r.Header.Args {
		r.Header.Args[i] = f(arg)
	}
	for _, stream := range []string{Stdout, Stderr} {
		for _, e := range r.Events {
			if e.Output != nil && e.Output.Stream == stream {
				e.Output.Text = f(e.Output.Text)
			}
		}
	}
}

// validUTF8 is the text as it comes back from a JSON file.
func validUTF8(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}

// A standIns gives numbers to what it sees for the first time.
type standIns struct {
	next, last int
	of         map[string]string
}

// see gives the number a stand-in, unless it has one or there are none left.
func (s *standIns) see(number string) {
	if _, seen := s.of[number]; !seen && s.next <= s.last {
		s.of[number] = strconv.Itoa(s.next)
		s.next++
	}
}

// swap is the text with the second group of every match replaced, where there
// is a stand-in for it.
func (s *standIns) swap(re *regexp.Regexp, text string) string {
	return re.ReplaceAllStringFunc(text, func(match string) string {
		m := re.FindStringSubmatch(match)
		to, ok := s.of[m[2]]
		if !ok {
			return match
		}
		return m[1] + to + match[len(m[1])+len(m[2]):]
	})
}

var (
	// A folder that os.MkdirTemp made for the lab, wherever TMPDIR is.
	labFolder = regexp.MustCompile(`(?:/[^\s/:;,"'()\[\]{}<>=]+)*/sockets-lab-[0-9A-Za-z]+`)
	inode     = regexp.MustCompile(`(socket:\[)([0-9]+)\]`)
	endpoint  = regexp.MustCompile(`((?:\b127\.0\.0\.1|\[::1?\]|\blocalhost|\b0\.0\.0\.0):)([0-9]{5})\b`)
	portWord  = regexp.MustCompile(`((?i:\bport)[ :=]{1,2})([0-9]{5})\b`)
	// The families AF_INET and AF_INET6 of Linux in both byte orders, and those
	// of macOS, which have the address's length before them.
	sockaddr = regexp.MustCompile(`(\b(?:02 00|00 02|0a 00|00 0a|10 02|1c 1e) )([0-9a-f]{2} [0-9a-f]{2})\b`)
)

func (r *Recording) replaceInodes() {
	s := standIns{next: firstInode, last: 1<<31 - 1, of: make(map[string]string)}
	r.rewrite(func(text string) string {
		for _, m := range inode.FindAllStringSubmatch(text, -1) {
			s.see(m[2])
		}
		return s.swap(inode, text)
	})
}

// replacePorts reads everything before it writes anything: a port may appear as
// bytes before it does in an address.
func (r *Recording) replacePorts() {
	s := standIns{next: firstPort, last: 65535, of: make(map[string]string)}
	r.rewrite(func(text string) string {
		for _, m := range endpoint.FindAllStringSubmatch(text, -1) {
			if port, err := strconv.Atoi(m[2]); err == nil && ephemeral <= port && port <= 65535 {
				s.see(m[2])
			}
		}
		return text
	})
	bytes := standIns{of: make(map[string]string)}
	for from, to := range s.of {
		bytes.of[bigEndian(from)] = bigEndian(to)
	}
	r.rewrite(func(text string) string {
		return bytes.swap(sockaddr, s.swap(portWord, s.swap(endpoint, text)))
	})
}

// bigEndian is how a port stands in a sockaddr: "c3 51".
func bigEndian(port string) string {
	n, err := strconv.Atoi(port)
	if err != nil {
		return port
	}
	return fmt.Sprintf("%02x %02x", n>>8, n&0xff)
}

// merge makes equal neighbours that are output one event.
func (r *Recording) merge() {
	var merged []Event
	for _, e := range r.Events {
		if n := len(merged); n > 0 && merged[n-1].prints(e) {
			merged[n-1].Count = merged[n-1].Times() + e.Times()
			continue
		}
		merged = append(merged, e)
	}
	r.Events = merged
}

// prints reports whether both events are the same output by the same line.
func (e Event) prints(o Event) bool {
	if e.Output == nil || o.Output == nil || *e.Output != *o.Output {
		return false
	}
	same := e.At == o.At || e.At != nil && o.At != nil && *e.At == *o.At
	return same && e.Inherited == o.Inherited && e.Goroutine == o.Goroutine
}
