// Package ftp is the lab's file server, on goftp.io/server; RFC 959. Everybody
// may log in; there are two files, and nothing can be changed. Of the data
// connections it has the passive kind, by PASV and by EPSV (RFC 2428), on
// the address that the client came to. It has no active ones, which connect to
// where a client says, and does not speak TLS.
package ftp

import (
	"context"
	"net"

	"goftp.io/server/v2"

	"sockets/lessons/lab"
)

// Service is this server's place in the lab.
var Service = &lab.Service{Name: "ftp", Host: "ftp.lab.test", Port: 21, Serve: Serve}

func init() { Service.Become() }

// Addr returns the server's IPv4 address; the first use starts it.
func Addr() string { return Service.Addr() }

// Addr6 returns the server's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }

// Serve answers the connections of ln until ln is closed.
func Serve(ln net.Listener) error {
	// It ends with Serve, and the data connections with it.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, err := server.NewServer(&server.Options{
		Name:           "lab",
		WelcomeMessage: "FTP server ready",
		Driver:         readOnly{},
		Auth:           everybody{},
		Perm:           server.NewSimplePerm("lab", "lab"),
		Logger:         &server.DiscardLogger{},
		Commands:       commands(ctx, ln),
	})
	if err != nil {
		return err
	}
	return s.Serve(ln)
}

// commands are those of the library that need no data connection, change
// nothing and do not log to standard error, and ours. None of them is an
// extension for FEAT to list, as it does in the random order of a map.
func commands(ctx context.Context, ln net.Listener) map[string]server.Command {
	all := server.DefaultCommands()
	known := map[string]server.Command{
		"EPSV": command{run: func(s *server.Session, _ string) { passive(ctx, ln, s, true) }},
		"PASV": command{run: func(s *server.Session, _ string) { passive(ctx, ln, s, false) }},
		"LIST": command{run: func(s *server.Session, arg string) { list(ctx, s, arg, true) }},
		"NLST": command{run: func(s *server.Session, arg string) { list(ctx, s, arg, false) }},
		"RETR": command{arg: true, run: func(s *server.Session, arg string) { retrieve(ctx, s, arg) }},
		"SIZE": command{arg: true, run: size},
	}
	for _, name := range []string{
		"CDUP", "CWD", "FEAT", "MODE", "NOOP", "PASS", "PWD", "QUIT", "STRU", "SYST", "TYPE", "USER",
	} {
		known[name] = all[name]
	}
	return known
}

// A command is one of ours. All need a user who is logged in.
type command struct {
	arg bool // whether it must have an argument
	run func(s *server.Session, arg string)
}

// IsExtend reports whether FEAT lists the command.
func (command) IsExtend() bool { return false }

// RequireParam reports whether the command needs an argument.
func (c command) RequireParam() bool { return c.arg }

// RequireAuth reports whether the user must be logged in.
func (command) RequireAuth() bool { return true }

// Execute answers the command.
func (c command) Execute(s *server.Session, arg string) { c.run(s, arg) }

// Everybody is welcome, with any password.
type everybody struct{}

// CheckPasswd reports that the password is right.
func (everybody) CheckPasswd(*server.Context, string, string) (bool, error) { return true, nil }
