// Package web is the lab's web server, on net/http; RFC 9110 and RFC 9112.
//
//	/       a small page of HTML
//	/lines  the text of package text: 103 lines, 8,045 bytes
//	/slow   five lines, one each 200 ms, sent as they come
//	/large  10 MiB that never change
//
// It keeps connections of HTTP/1.1 open, and waits 60 seconds for the next
// request. It sends no Date, so that the same request has the same answer. It
// does not speak TLS or HTTP/2.
package web

import (
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"sockets/lessons/lab"
)

// Service is this server's place in the lab.
var Service = &lab.Service{Name: "web", Host: "www.lab.test", Port: 80, Serve: Serve}

func init() { Service.Become() }

// Addr returns the server's IPv4 address; the first use starts it.
func Addr() string { return Service.Addr() }

// Addr6 returns the server's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }

// patience is long: a program that waits for the end of a connection that is
// kept open has to hang visibly.
const patience = 60 * time.Second

// Serve answers the connections of ln until ln is closed.
func Serve(ln net.Listener) error {
	server := &http.Server{
		Handler:           handler(),
		ReadHeaderTimeout: patience,
		ReadTimeout:       patience,
		WriteTimeout:      patience,
		IdleTimeout:       patience,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	return server.Serve(ln)
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", page)
	mux.HandleFunc("GET /", missing)
	mux.HandleFunc("GET /lines", lines)
	mux.HandleFunc("GET /slow", slow)
	mux.HandleFunc("GET /large", large)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "lab")
		w.Header()["Date"] = nil // net/http adds none then
		mux.ServeHTTP(w, r)
	})
}
