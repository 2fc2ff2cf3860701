// Package site holds what the pages are made with: templates, style and script,
// embedded, so that the runner is one binary that works from any folder.
//
// It renders nothing (package page does), and public/, the generated site, is
// not part of it.
package site

import (
	"embed"
	"io/fs"
)

// Files is the templates (*.html), style.css, script.js and favicon.svg, and the
// styles of the book, epub.css, and on top of style.css of paper, print.css; and
// teachers.md, the text of the page for teachers.
//
//go:embed *.html style.css script.js favicon.svg epub.css print.css teachers.md
var Files embed.FS

// Waiting is the page of the living site before there is a first one.
//
//go:embed live/waiting.html
var Waiting []byte

//go:embed live/*.js live/*.css
var live embed.FS

// Live is a script or a style that only the living site has, or the style of
// all pages.
func Live(name string) ([]byte, error) {
	if name == "style.css" {
		return Files.ReadFile(name)
	}
	return fs.ReadFile(live, "live/"+name)
}
