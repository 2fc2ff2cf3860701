package serve

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"html"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"

	"sockets/runner/build"
	"sockets/site"
)

// A shown is one state of the site, whole.
type shown struct {
	version  string
	files    map[string]file
	download func(ctx context.Context, name string) ([]byte, error)
}

// A file is what is answered for a name.
type file struct {
	data   []byte
	digest string
}

// show is the site as it is shown from now on; it gives the names of the files
// that are not as before.
func (s *Server) show(files map[string][]byte, shop *build.Workshop) (changed []string, err error) {
	old := s.shown.Load()
	now := &shown{version: fmt.Sprintf("%x", time.Now().UnixNano()), files: make(map[string]file, len(files)), download: shop.Download}
	for name, data := range files {
		now.files[name] = file{data: data, digest: digest(data)}
		if old == nil || old.files[name].digest != now.files[name].digest {
			changed = append(changed, name)
		}
		if path.Ext(name) == ".html" && !ownPolicy.Match(data) {
			return nil, fmt.Errorf("%s has no policy of its own", name)
		}
	}
	if old != nil {
		for name := range old.files {
			if _, stays := now.files[name]; !stays {
				changed = append(changed, name)
			}
		}
	}
	if old != nil && len(changed) == 0 {
		now.version = old.version
	}
	s.shown.Store(now)
	return changed, nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return fmt.Sprintf("%x", sum[:12])
}

// page answers with a file of the site, or of what a living page needs.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	if live, ok := strings.CutPrefix(name, "live/"); ok {
		data, err := site.Live(live)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		s.answer(w, r, http.StatusOK, name, data)
		return
	}
	now := s.shown.Load()
	if now == nil {
		s.answer(w, r, http.StatusOK, "index.html", s.waiting())
		return
	}
	code := http.StatusOK
	f, ok := now.files[name]
	if _, folder := now.files[name+"/index.html"]; !ok && folder {
		http.Redirect(w, r, path.Base(name)+"/", http.StatusMovedPermanently)
		return
	}
	if !ok {
		if data, err := now.download(r.Context(), name); err == nil {
			s.answer(w, r, http.StatusOK, name, data)
			return
		}
		code, name, f = http.StatusNotFound, "404.html", now.files["404.html"]
	}
	data := f.data
	if path.Ext(name) == ".html" {
		root := strings.Repeat("../", strings.Count(name, "/"))
		if code == http.StatusNotFound {
			root = "/"
		}
		data = alive(data, root, now.version)
	}
	s.answer(w, r, code, name, data)
}

// ownPolicy is what a page says of itself when nobody serves it.
var ownPolicy = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>\n`)

// alive is the page with the scripts of the living site. They stand in the place
// of the page's own policy, which the server's replaces: it lets the page listen.
func alive(page []byte, root, version string) []byte {
	var tags bytes.Buffer
	for _, name := range scripts {
		fmt.Fprintf(&tags, "<script defer src=\"%s\" data-version=\"%s\"></script>\n", html.EscapeString(root+name), version)
	}
	fmt.Fprintf(&tags, "<link rel=\"stylesheet\" href=\"%s\">\n", html.EscapeString(root+"live/live.css"))
	at := ownPolicy.FindIndex(page)
	if at == nil {
		return page
	}
	return bytes.Join([][]byte{page[:at[0]], tags.Bytes(), page[at[1]:]}, nil)
}

// answer writes a file, or that the browser has it already.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, code int, name string, data []byte) {
	kind := mime.TypeByExtension(path.Ext(name))
	if t, ok := kinds[path.Ext(name)]; ok {
		kind = t
	}
	tag := `"` + digest(data) + `"`
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache") // ask each time whether it is still so
	h.Set("ETag", tag)
	if code == http.StatusOK && r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(data)))
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(data)
	}
}

// kinds are types of which a machine's own table may know nothing, or others.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".jsonl": "application/jsonl", ".pcapng": "application/octet-stream", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	".txtar": "text/plain; charset=utf-8", ".ipynb": "application/x-ipynb+json", ".zip": "application/zip", ".epub": "application/epub+zip",
}

// waiting is the page before there is a site.
func (s *Server) waiting() []byte {
	return alive(site.Waiting, "/", "")
}
