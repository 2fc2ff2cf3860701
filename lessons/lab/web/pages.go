package web

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sockets/lessons/lab/text"
)

const home = `<!doctype html>
<html lang="en">
<title>The lab</title>
<h1>It works</h1>
<p>You have spoken HTTP by hand. This server also has:
<ul>
<li><a href="/lines">/lines</a>, a text of 103 lines
<li><a href="/slow">/slow</a>, a page that takes its time
<li><a href="/large">/large</a>, ten megabytes
</ul>
</html>
`

func page(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, "text/html", home)
}

func lines(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, "text/plain", text.Lines)
}

func missing(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusNotFound, "text/plain", "There is nothing here.\n")
}

// send sends a body of known length.
func send(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType+"; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// slow does not know its length when it begins: HTTP/1.1 sends it in chunks
// (RFC 9112 section 7.1), HTTP/1.0 up to the end of the connection.
func slow(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for i := range 5 {
		if i > 0 {
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			}
		}
		_, _ = fmt.Fprintf(w, "part %d of 5\n", i+1)
		if http.NewResponseController(w).Flush() != nil {
			return
		}
	}
}

// Large is sent as lines of 64 bytes, each with its number.
const (
	largeBytes = 10 << 20
	lineBytes  = 64
)

func large(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(largeBytes))
	filler := strings.Repeat(".", lineBytes-len("000000 \n"))
	var block strings.Builder
	for i := range largeBytes / lineBytes {
		fmt.Fprintf(&block, "%06d %s\n", i+1, filler)
		if block.Len() >= 64<<10 {
			if _, err := io.WriteString(w, block.String()); err != nil {
				return
			}
			block.Reset()
		}
	}
	_, _ = io.WriteString(w, block.String())
}
