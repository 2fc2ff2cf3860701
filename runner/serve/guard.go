package serve

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// A guard lets in only who has the token, on a page of this server's.
//
//   - The Host must be an address or localhost: a name that somebody else's DNS
//     leads here (DNS rebinding) is not this server's.
//   - The token of the first URL becomes a cookie that scripts can't read and
//     that other sites' pages don't send (SameSite=Strict).
//   - Cookies know no ports, so another server on this machine is the same site:
//     what its pages ask for is told by Sec-Fetch-Site and Origin, and refused.
type guard struct {
	address string // of the listener, "127.0.0.1:8000"
	port    string
	token   string
	cookie  string // its name; servers on other ports have others
	tries   *rate.Limiter
	writes  *rate.Limiter
}

const maxBody = 1 << 20 // bytes that a browser may send in one request: a file of an exercise, as JSON

func newGuard(at net.Addr) *guard {
	_, port, _ := net.SplitHostPort(at.String())
	return &guard{
		address: at.String(), port: port, token: rand.Text(), cookie: "sockets-" + port,
		tries:  rate.NewLimiter(rate.Every(time.Second), 20),
		writes: rate.NewLimiter(rate.Every(100*time.Millisecond), 20),
	}
}

func (g *guard) url() string {
	at := g.address
	if ap, err := netip.ParseAddrPort(at); err == nil && ap.Addr().IsUnspecified() {
		at = "localhost:" + g.port
	}
	return "http://" + at + "/?" + url.Values{"token": {g.token}}.Encode()
}

// policy is what all answers say of themselves, over what a page itself says.
var policy = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

// around is the handler, behind the guard.
func (g *guard) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range policy {
			w.Header().Set(name, value)
		}
		switch {
		case !g.ours(r.Host):
			refuse(w, http.StatusMisdirectedRequest, "This server is not "+r.Host+"; open the URL that runner serve printed.")
		case !ownPage(r):
			refuse(w, http.StatusForbidden, "Only this site's own pages may ask for this.")
		case r.Method == http.MethodGet && r.URL.Query().Has("token"):
			g.enter(w, r)
		case !g.knows(r):
			refuse(w, http.StatusUnauthorized, "Open the URL that runner serve printed: it holds a token, and this browser has none yet.")
		case r.Method != http.MethodGet && r.Method != http.MethodHead && !g.writes.Allow():
			w.Header().Set("Retry-After", "1")
			refuse(w, http.StatusTooManyRequests, "Too many requests at once.")
		default:
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			next.ServeHTTP(w, r)
		}
	})
}

// ours reports whether the Host header names this server by address.
func (g *guard) ours(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil { // the port of http is left out
		name, port = strings.Trim(host, "[]"), "80"
	}
	_, notAddress := netip.ParseAddr(name)
	return port == g.port && (name == "localhost" || notAddress == nil)
}

// ownPage reports whether it is a page of this server that asks, or the user.
func ownPage(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "": // not a browser, or an old one: its Origin must do
		return r.Method == http.MethodGet || r.Method == http.MethodHead || r.Header.Get("Origin") != ""
	}
	// A link on another site is the user's doing, too: to a page, not into one.
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" &&
		!strings.HasPrefix(r.URL.Path, "/live/")
}

// enter makes a cookie of the token, and leads to the URL without it.
func (g *guard) enter(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch {
	case !g.tries.Allow():
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, "Too many tokens have been tried.")
		return
	case !equal(query.Get("token"), g.token):
		refuse(w, http.StatusUnauthorized, "This token is not this server's; open the URL that it printed when it started.")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	query.Del("token")
	to := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: query.Encode()}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// knows reports whether the request has the cookie.
func (g *guard) knows(r *http.Request) bool {
	c, err := r.Cookie(g.cookie)
	return err == nil && equal(c.Value, g.token)
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func refuse(w http.ResponseWriter, code int, why string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	fmt.Fprintln(w, why)
}
