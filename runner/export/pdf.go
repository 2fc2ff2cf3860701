package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"sockets/runner/process"
	"sockets/runner/temporary"
)

// printing is how long Chromium may take for all lessons, on a slow machine.
const printing = 5 * time.Minute

// pdf is the lessons on paper, printed by a Chromium of this machine, with its
// headings as bookmarks and its text tagged for screen readers.
func (w *work) pdf(ctx context.Context) ([]byte, error) {
	browser := chromium()
	if browser == "" {
		return nil, errors.New("pdf is printed by Chromium, and there is none on this machine; install Chromium or Google Chrome, " +
			"or export html and print it with the browser you have")
	}
	text, err := w.paper(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := temporary.New("pdf")
	if err != nil {
		return nil, fmt.Errorf("make a folder for Chromium: %w", err)
	}
	defer func() { _ = folder.Remove() }()
	dir := folder.Path
	page, out := filepath.Join(dir, "book.html"), filepath.Join(dir, "book.pdf")
	if err := os.WriteFile(page, text, 0o600); err != nil {
		return nil, fmt.Errorf("write for Chromium: %w", err)
	}
	c := process.Command{
		Path: browser, Dir: dir, Limit: printing, Output: 4 << 20,
		Env: []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_CACHE_HOME=" + dir},
		Args: []string{
			"--headless", "--disable-gpu", "--user-data-dir=" + filepath.Join(dir, "profile"), "--no-first-run",
			// The pages ask for nothing; neither shall the browser.
			"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
			"--no-pdf-header-footer", "--generate-pdf-document-outline", "--export-tagged-pdf", "--print-to-pdf=" + out, page,
		},
	}
	if os.Geteuid() == 0 {
		c.Args = append([]string{"--no-sandbox"}, c.Args...) // root has no sandbox; the page has no script
	}
	end, err := process.Run(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("print by Chromium: %w", err)
	}
	data, err := os.ReadFile(out)
	switch {
	case end.Late:
		return nil, fmt.Errorf("%s printed for %v and was not done", browser, printing)
	case end.Code != 0, err != nil, !bytes.HasPrefix(data, []byte("%PDF-")):
		return nil, fmt.Errorf("%s made no PDF (exit code %d): %s", browser, end.Code, lastLine(end.Stderr))
	}
	return w.dated(data), nil
}

// chromium is the path of a browser that prints; empty if there is none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
			path := filepath.Join(dir, name)
			if info, err := os.Stat(path); err == nil && filepath.IsAbs(path) && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
				return path
			}
		}
	}
	mac := "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
	if _, err := os.Stat(mac); err == nil {
		return mac
	}
	return ""
}

// pdfDate is a date as Chromium writes it.
var pdfDate = regexp.MustCompile(`/(CreationDate|ModDate) \(D:\d{14}\+00'00'\)`)

// dated is the PDF with our date for the day it was printed on. What is replaced
// keeps its length: the file has a table of where things are.
func (w *work) dated(pdf []byte) []byte {
	return pdfDate.ReplaceAllFunc(pdf, func(old []byte) []byte {
		name, _, _ := bytes.Cut(old, []byte(" "))
		return fmt.Appendf(nil, "%s (D:%s+00'00')", name, w.date.Format("20060102150405"))
	})
}

func lastLine(text []byte) string {
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return oneLine(string(lines[len(lines)-1]))
}
