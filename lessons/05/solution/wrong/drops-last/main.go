// Caught by: LastLine.
//
// At the end of the stream it forgets what it has kept.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
)

func main() {
	most := 4096
	var err error
	if len(os.Args) == 3 {
		most, err = strconv.Atoi(os.Args[2])
	}
	if len(os.Args) < 2 || len(os.Args) > 3 || err != nil || most < 1 {
		fmt.Fprintln(os.Stderr, "usage: linereader HOST:PORT [MAX]")
		os.Exit(2)
	}
	if err := run(os.Args[1], most); err != nil {
		fmt.Fprintln(os.Stderr, "linereader:", err)
		os.Exit(1)
	}
}

func run(address string, most int) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	for r := (&lines{from: conn}); ; {
		line, err := r.ReadLine(most)
		if errors.Is(err, io.EOF) {
			fmt.Println("end")
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Printf("%d %q\n", len(line), line)
	}
}

// lines reads lines from a reader. It keeps what it has read beyond one.
type lines struct {
	from io.Reader
	kept []byte
	err  error // what ended the reading
}

// ReadLine returns the next line without its end. A last line without one is a
// line; after it comes io.EOF.
func (l *lines) ReadLine(most int) ([]byte, error) {
	buf := make([]byte, 4096)
	for seen := 0; ; {
		if i := bytes.IndexByte(l.kept[seen:], '\n'); i >= 0 {
			line := bytes.TrimSuffix(l.kept[:seen+i], []byte("\r"))
			l.kept = l.kept[seen+i+1:]
			return line, tooLong(line, most)
		}
		seen = len(l.kept)
		// A CR at the end may be half of the line's end.
		if l.err == nil || !errors.Is(l.err, io.EOF) {
			if err := tooLong(bytes.TrimSuffix(l.kept, []byte("\r")), most); err != nil {
				return nil, err
			}
		}
		if l.err != nil {
			break
		}
		var n int
		n, l.err = l.from.Read(buf) // bytes count, also beside an error
		l.kept = append(l.kept, buf[:n]...)
	}
	if len(l.kept) == 0 || !errors.Is(l.err, io.EOF) {
		return nil, l.err
	}
	return nil, l.err
}

func tooLong(line []byte, most int) error {
	if len(line) > most {
		return fmt.Errorf("a line of more than %d bytes", most)
	}
	return nil
}
