// Package site holds what the pages are made with: templates, style and script,
// embedded, so that the runner is one binary that works from any folder.
//
// It renders nothing (package page does), and public/, the generated site, is
// not part of it.
package site

import "embed"

// Files is the templates (*.html), style.css, script.js and favicon.svg.
//
//go:embed *.html style.css script.js favicon.svg
var Files embed.FS
