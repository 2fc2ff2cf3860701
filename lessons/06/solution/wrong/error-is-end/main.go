// Caught by: Reset.
//
// It takes every error for the end of the page.
package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
)

func main() {
	var u *url.URL
	var err error
	if len(os.Args) == 2 {
		u, err = url.Parse(os.Args[1])
	}
	if u == nil || err != nil || u.Scheme != "http" || u.Hostname() == "" {
		fmt.Fprintln(os.Stderr, "usage: get http://HOST[:PORT][/PATH][?QUERY]")
		os.Exit(2)
	}
	if err := get(u); err != nil {
		fmt.Fprintln(os.Stderr, "get:", err)
		os.Exit(1)
	}
}

// get asks for the page and prints it as it comes.
func get(u *url.URL) error {
	conn, err := net.Dial("tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "80")))
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", u.RequestURI(), u.Host)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(conn, maxHeader)
	h, err := readHeader(in)
	if err != nil {
		return fmt.Errorf("read the header: %w", err)
	}
	fmt.Fprintln(os.Stderr, h.status)
	if h.length == toEnd {
		_, _ = io.Copy(os.Stdout, in)
		return nil
	}
	n, err := io.CopyN(os.Stdout, in, h.length)
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the page ended after %d bytes, of %d", n, h.length)
	}
	return err
}

// A header is what get has to know of a reply.
type header struct {
	status string // the line
	length int64  // of the page, or toEnd
}

// toEnd is the length of a page that ends where the connection ends.
const toEnd = -1

// maxHeader bounds a header, and so each line of it.
const maxHeader = 64 << 10

var statusLine = regexp.MustCompile(`^HTTP/\d\.\d (\d{3})( [^[:cntrl:]]*)?$`)

// readHeader reads up to the empty line. What is behind it stays in the reader,
// whose buffer must have maxHeader bytes.
func readHeader(in *bufio.Reader) (header, error) {
	h := header{length: toEnd}
	var err error
	left := maxHeader
	if h.status, err = readLine(in, &left); err != nil {
		return h, err
	}
	status := statusLine.FindStringSubmatch(h.status)
	if status == nil {
		return h, fmt.Errorf("%.80q is no status line", h.status)
	}
	for {
		line, err := readLine(in, &left)
		if err != nil {
			return h, err
		}
		if line == "" {
			break
		}
		if err := h.field(line); err != nil {
			return h, err
		}
	}
	if status[1] == "204" || status[1] == "304" {
		h.length = 0 // these have no page, whatever the fields say
	}
	return h, nil
}

// field takes what a field says of the page's length.
func (h *header) field(line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return fmt.Errorf("%.80q is no field", line)
	}
	switch strings.ToLower(name) {
	case "transfer-encoding":
		return fmt.Errorf("the reply comes in an encoding (%.80q), for which nobody asked", line)
	case "content-length":
		length, err := strconv.ParseUint(strings.Trim(value, " \t"), 10, 63) // takes no sign
		if err != nil {
			return fmt.Errorf("%.80q is no length", line)
		}
		if h.length != toEnd && h.length != int64(length) {
			return fmt.Errorf("two lengths, %d and %d", h.length, length)
		}
		h.length = int64(length)
	}
	return nil
}

// readLine reads a line of at most *left bytes, takes them off, and returns it
// without its end.
func readLine(in *bufio.Reader, left *int) (string, error) {
	line, err := in.ReadSlice('\n')
	*left -= len(line)
	switch {
	case *left < 0 || errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("it has more than %d bytes", maxHeader)
	case errors.Is(err, io.EOF):
		return "", io.ErrUnexpectedEOF
	case err != nil:
		return "", err
	}
	return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
}
