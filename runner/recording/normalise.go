package recording

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Stand-ins begin here and count up, in the order in which what they stand for
// first appears: in the arguments, on stdout, on stderr, in calls.
const (
	firstPort  = 50001
	firstInode = 70001
)

// ephemeral is the lowest port that is taken for one the kernel chose.
const ephemeral = 32768

// Normalise is the recording with stable stand-ins for what changes from run to
// run, and with equal neighbours of its events as one event: [Replace], then
// [Recording.Fold]. To normalise again changes nothing.
func Normalise(r *Recording, dirs ...string) *Recording {
	n, _ := Replace(r, dirs...)
	n.Fold()
	return n
}

// Replace is the recording with stable stand-ins for what changes from run to
// run, and the ports that it replaced. Pieces of one line are joined. It changes,
// in the arguments, the output and the calls,
//
//   - the port of a loopback, unspecified or pocket address, 127.0.0.N:PORT,
//     [::1]:PORT, localhost:PORT, 0.0.0.0:PORT, [::]:PORT, 192.0.2.10:PORT or
//     [2001:db8::10]:PORT, from 32768 on, to 50001, 50002 and so on; then the same
//     port also after the word "port" and, as two bytes in hexadecimal, after an
//     address family: "02 00 xx yy";
//   - socket:[INODE] to socket:[70001] and so on, and with it what readlink(2)
//     returns;
//   - the lab's temporary folder to /tmp/lab;
//   - a byte that is not UTF-8 to U+FFFD, as JSON would;
//   - a Go program's stack trace, see trace.go, in which dirs are the
//     directories of the lesson's own files, on disk and as an import path;
//   - in calls: addresses in memory, the numbers of processes (1001 and so on)
//     and of goroutines.
//
// Frames are left as they are: they are decoded with the same ports.
func Replace(r *Recording, dirs ...string) (*Recording, map[uint16]uint16) {
	n := r.clone()
	n.joinLines()
	n.Rewrite(validUTF8)
	n.Rewrite(func(text string) string { return labFolder.ReplaceAllLiteralString(text, "/tmp/lab") })
	n.shortenTraces(dirs)
	n.replaceInodes()
	ports := n.replacePorts()
	n.replaceMemory()
	n.replaceProcesses()
	n.replaceGoroutines()
	return n, ports
}

// joinLines makes one event of the pieces of a line that were written by
// themselves, as the runtime does when a program panics.
func (r *Recording) joinLines() {
	open := make(map[string]*openLine)
	for i, e := range r.Events {
		o := e.Output
		if o == nil {
			continue
		}
		ends := strings.HasSuffix(o.Text, "\n")
		line := open[o.Stream]
		if line != nil && r.Events[line.at].alike(e) && e.Times() == 1 && r.Events[line.at].Times() == 1 {
			line.text.WriteString(o.Text)
			o.Text = ""
		} else {
			line.close(r)
			line = &openLine{at: i}
			line.text.WriteString(o.Text)
		}
		if ends {
			line.close(r)
			line = nil
		}
		open[o.Stream] = line
	}
	for _, line := range open {
		line.close(r)
	}
	r.Events = slices.DeleteFunc(r.Events, func(e Event) bool { return e.Output != nil && e.Output.Text == "" })
}

// An openLine is the pieces of a line that has no end yet. They may be a million.
type openLine struct {
	at   int // the event that the line is to be
	text strings.Builder
}

// close makes the pieces the event's text; nil has none.
func (l *openLine) close(r *Recording) {
	if l != nil {
		r.Events[l.at].Output.Text = l.text.String()
	}
}

// clone copies what normalising changes.
func (r *Recording) clone() *Recording {
	n := &Recording{Header: r.Header}
	n.Header.Args = slices.Clone(r.Header.Args)
	n.Header.Lab = maps.Clone(r.Header.Lab)
	for _, e := range r.Events {
		switch {
		case e.Output != nil:
			o := *e.Output
			e.Output = &o
		case e.Call != nil:
			c := *e.Call
			c.Args = slices.Clone(c.Args)
			e.Call = &c
		case e.Frame != nil:
			f := *e.Frame
			e.Frame = &f
		}
		n.Events = append(n.Events, e)
	}
	return n
}

// Rewrite puts every text of the run through f, in the order that stand-ins are
// given in: arguments, stdout, stderr, calls, the lab's addresses.
func (r *Recording) Rewrite(f func(string) string) {
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
	for _, e := range r.Events {
		if c := e.Call; c != nil {
			for i, arg := range c.Args {
				c.Args[i] = f(arg)
			}
			c.FD = f(c.FD)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header.Lab)) {
		r.Header.Lab[name] = f(r.Header.Lab[name])
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
	endpoint  = regexp.MustCompile(`((?:\b127\.0\.0\.[0-9]{1,3}|\[::1?\]|\blocalhost|\b0\.0\.0\.0|\b192\.0\.2\.10|\[2001:db8::10\]):)([0-9]{5})\b`)
	portWord  = regexp.MustCompile(`((?i:\bport)[ :=]{1,2}|\bhtons\()([0-9]{5})\b`)
	// The families AF_INET and AF_INET6 of Linux in both byte orders, and those
	// of macOS, which have the address's length before them.
	sockaddr = regexp.MustCompile(`(\b(?:02 00|00 02|0a 00|00 0a|10 02|1c 1e) )([0-9a-f]{2} [0-9a-f]{2})\b`)
	// No length, flag or errno has as many digits.
	pointer = regexp.MustCompile(`\b0x[0-9a-f]{7,16}\b`)
)

func (r *Recording) replaceInodes() {
	s := standIns{next: firstInode, last: 1<<31 - 1, of: make(map[string]string)}
	r.Rewrite(func(text string) string {
		for _, m := range inode.FindAllStringSubmatch(text, -1) {
			s.see(m[2])
		}
		return s.swap(inode, text)
	})
	// readlink(2) returns the length of what it read.
	for _, e := range r.Events {
		if c := e.Call; c != nil && strings.HasPrefix(c.Name, "readlink") && c.Errno == "" {
			for _, arg := range c.Args {
				if link := inode.FindString(arg); `"`+link+`"` == arg {
					c.Result = strconv.Itoa(len(link))
				}
			}
		}
	}
}

// replacePorts reads everything before it writes anything: a port may appear as
// bytes before it does in an address. It gives the ports and their stand-ins.
func (r *Recording) replacePorts() map[uint16]uint16 {
	s := standIns{next: firstPort, last: 65535, of: make(map[string]string)}
	r.Rewrite(func(text string) string {
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
	r.Rewrite(func(text string) string {
		return bytes.swap(sockaddr, s.swap(portWord, s.swap(endpoint, text)))
	})
	ports := make(map[uint16]uint16)
	for from, to := range s.of {
		f, _ := strconv.ParseUint(from, 10, 16) // both are five digits that were parsed before
		t, _ := strconv.ParseUint(to, 10, 16)
		ports[uint16(f)] = uint16(t)
	}
	return ports
}

// replaceMemory takes addresses out of the arguments of calls.
func (r *Recording) replaceMemory() {
	for _, e := range r.Events {
		if e.Call != nil {
			for i, arg := range e.Call.Args {
				e.Call.Args[i] = pointer.ReplaceAllLiteralString(arg, "0x...")
			}
		}
	}
}

// replaceGoroutines numbers goroutines in the order in which they appear; the
// one that runs main keeps its number, 1.
func (r *Recording) replaceGoroutines() {
	number := map[int]int{0: 0, 1: 1}
	for i, e := range r.Events {
		if _, seen := number[e.Goroutine]; !seen {
			number[e.Goroutine] = len(number)
		}
		r.Events[i].Goroutine = number[e.Goroutine]
	}
}

// bigEndian is how a port stands in a sockaddr: "c3 51".
func bigEndian(port string) string {
	n, err := strconv.Atoi(port)
	if err != nil {
		return port
	}
	return fmt.Sprintf("%02x %02x", n>>8, n&0xff)
}
