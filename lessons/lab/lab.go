// Package lab gives the lessons somebody to talk to: real servers, one package
// each, on this machine's loopback addresses and on ports the kernel chose.
//
// A lesson imports the services it needs and asks for their addresses:
//
//	conn, err := net.Dial("tcp", web.Addr())
//
// At first use the lesson's own binary is started once more. That child finds
// SOCKETS_LAB=web in its environment while its packages are initialised,
// becomes the web server there, and never reaches main. Its standard input is
// a pipe whose other end the lesson holds, so it ends with the lesson, also
// when the lesson is killed. A separate process, because a server inside the
// lesson would mix its goroutines, descriptors and system calls with those the
// lesson is about.
//
// The environment may name servers to use instead; then nothing is started:
//
//	LAB_WEB=127.0.0.1:8080       what web.Addr returns
//	LAB_WEB6=[::1]:8080          what web.Addr6 returns
//	LAB_ECHO_PATH=/tmp/echo      what echo.Path returns
//
// If any of the three is set for a service, all three come from there. The
// runner passes them: it hosts the services itself, by [Service.Start] or
// [Service.StartAt].
//
// Package lab knows no service and keeps no list of them; it does not restart
// a server that has failed; and it does not leave loopback, unless the runner
// starts a service in another [Place].
package lab

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
)

// A Service is one server of the lab. It has Hold, or Serve, or ServePacket, or
// the latter two, which then have the same port.
type Service struct {
	Name string // its package's name: "web" is LAB_WEB in the environment
	Host string // its name in the lab's own network: "www.lab.test"
	Port int    // its well-known port there
	Unix bool   // whether it also answers on a UNIX socket

	// Serve answers the connections of ln until ln is closed. Open connections
	// need not have ended by then: the lab closes them.
	Serve func(ln net.Listener) error

	// ServePacket answers the datagrams of conn until conn is closed.
	ServePacket func(conn net.PacketConn) error

	// Hold, for a service that never converses, takes a port of host, an IP
	// address, and keeps it until the Closer is closed.
	Hold func(host string) (addr string, c io.Closer, err error)

	once  sync.Once
	at    address
	alive io.Closer // the child's standard input, see child.go
}

// An address is where a service is found. Empty is nowhere.
type address struct{ v4, v6, path string }

// Addr returns the service's IPv4 address as HOST:PORT. At first use it
// starts the service. If that fails it says why on standard error and exits
// with status 3: a lesson without its lab has nothing to show.
func (s *Service) Addr() string {
	at := s.find()
	if at.v4 == "" {
		s.fail(fmt.Errorf("%s is not set, though others of its variables are; set it to HOST:PORT", s.key()))
	}
	return at.v4
}

// Addr6 returns the service's IPv6 address as [HOST]:PORT, or "" if this
// machine has no IPv6 loopback. Otherwise it is like Addr.
func (s *Service) Addr6() string { return s.find().v6 }

// Path returns the path of the service's UNIX socket, or "" if it has none.
// Otherwise it is like Addr.
func (s *Service) Path() string { return s.find().path }

func (s *Service) find() address {
	s.once.Do(func() {
		at, ok := s.parse(os.LookupEnv)
		if !ok {
			var err error
			if at, err = s.spawn(); err != nil {
				s.fail(err)
			}
		}
		s.at = at
	})
	return s.at
}

func (s *Service) fail(err error) {
	fmt.Fprintf(os.Stderr, "lab: the %s service did not start: %v\n", s.Name, err)
	os.Exit(3)
}

// key is the name of the service's first variable.
func (s *Service) key() string { return "LAB_" + strings.ToUpper(s.Name) }

// parse reads an address from variables, and reports whether any was set.
func (s *Service) parse(lookup func(key string) (string, bool)) (address, bool) {
	v4, ok4 := lookup(s.key())
	v6, ok6 := lookup(s.key() + "6")
	path, ok := lookup(s.key() + "_PATH")
	return address{v4, v6, path}, ok4 || ok6 || ok
}

// format is the inverse of parse: KEY=VALUE for each address there is.
func (s *Service) format(at address) []string {
	env := []string{s.key() + "=" + at.v4}
	if at.v6 != "" {
		env = append(env, s.key()+"6="+at.v6)
	}
	if at.path != "" {
		env = append(env, s.key()+"_PATH="+at.path)
	}
	return env
}
