package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"sockets/lessons/lab"
	"sockets/lessons/lab/closed"
	"sockets/lessons/lab/dns"
	"sockets/lessons/lab/echo"
	"sockets/lessons/lab/ftp"
	"sockets/lessons/lab/gopher"
	"sockets/lessons/lab/imap"
	"sockets/lessons/lab/line"
	"sockets/lessons/lab/mute"
	"sockets/lessons/lab/pop"
	"sockets/lessons/lab/smtp"
	"sockets/lessons/lab/ssh"
	"sockets/lessons/lab/web"
	"sockets/runner/lesson"
	"sockets/runner/pocket"
)

// known is the services that a lesson may need, by name.
var known = func() map[string]*lab.Service {
	all := make(map[string]*lab.Service)
	for _, s := range []*lab.Service{
		closed.Service, dns.Service, echo.Service, ftp.Service, gopher.Service, imap.Service, line.Service,
		mute.Service, pop.Service, smtp.Service, ssh.Service, web.Service,
	} {
		all[s.Name] = s
	}
	return all
}()

// stand is what stands for an address in an argument: {web} for 127.0.0.1:PORT,
// {web6} for [::1]:PORT, {echo_path} for the path of a UNIX socket.
var stand = regexp.MustCompile(`\{([a-z]+)(6|_path)?\}`)

// Mistakes is what the lesson's author wrote of the lab that can't be right.
func Mistakes(l *lesson.Lesson) lesson.Mistakes {
	return mistakes(l, l.Runs...)
}

// mistakes is the services that there aren't, and the names in the runs'
// arguments that stand for nothing.
func mistakes(l *lesson.Lesson, runs ...lesson.Run) lesson.Mistakes {
	var ms lesson.Mistakes
	for _, name := range l.Needs {
		if known[name] == nil {
			ms.Add(l.CommentaryPath(), 0, fmt.Sprintf("needs: the lab has no service %q", name), "it has "+names())
		}
	}
	for _, r := range runs {
		ms = append(ms, arguments(l, r)...)
	}
	return ms
}

func arguments(l *lesson.Lesson, r lesson.Run) lesson.Mistakes {
	var ms lesson.Mistakes
	for _, arg := range r.Args {
		for _, m := range stand.FindAllStringSubmatch(arg, -1) {
			switch {
			case known[m[1]] == nil:
				ms.Add(l.CommentaryPath(), r.Line, fmt.Sprintf("the run %s has the argument %q, and the lab has no service %q", r.Name, arg, m[1]), "it has "+names())
			case !slices.Contains(l.Needs, m[1]):
				ms.Add(l.CommentaryPath(), r.Line, fmt.Sprintf("the run %s has the argument %q, and the lesson does not need %s", r.Name, arg, m[1]), "needs: [..., "+m[1]+"]")
			case m[2] == "_path" && !known[m[1]].Unix:
				ms.Add(l.CommentaryPath(), r.Line, fmt.Sprintf("the run %s has the argument %q, and %s has no UNIX socket", r.Name, arg, m[1]), "leave out the _path")
			}
		}
	}
	return ms
}

func names() string { return strings.Join(Services(), ", ") }

// Services is the names of all services of the lab, sorted.
func Services() []string { return slices.Sorted(maps.Keys(known)) }

// hosts is the hosts of the lab in a pocket.
func hosts() []pocket.Host {
	var all []pocket.Host
	for _, name := range Services() {
		s := known[name]
		v4, v6, err := s.Addrs()
		if err != nil {
			continue // it has no place there, and StartAt says so to whom needs it
		}
		all = append(all, pocket.Host{Name: s.Host, Addrs: []netip.Addr{v4, v6}, Mute: name == mute.Service.Name})
	}
	return all
}

// startIn starts the named services in the pocket, and the name server that
// programs there ask. UNIX sockets are made in dir, which programs know as
// labDir.
func startIn(ctx context.Context, p *pocket.Pocket, needs []string, dir string) (services, error) {
	place := lab.Place{
		Listen:       func(network, addr string) (net.Listener, error) { return p.Listen(ctx, network, addr) },
		ListenPacket: func(network, addr string) (net.PacketConn, error) { return p.ListenPacket(ctx, network, addr) },
		Dir:          dir, As: labDir,
	}
	if !slices.Contains(needs, dns.Service.Name) {
		needs = append(slices.Clone(needs), dns.Service.Name)
	}
	return startAll(needs, func(s *lab.Service) (*lab.Running, error) {
		if s == dns.Service {
			s = dns.For(dns.Lab())
		}
		return s.StartAt(place)
	})
}

// labDir is the folder of the lab's UNIX sockets, as a program in a pocket knows
// it; it is that of normalised recordings, too.
const labDir = "/tmp/lab"

// services is the lab's services while a program runs.
type services []*lab.Running

// start starts the named services on loopback.
func start(needs []string) (services, error) {
	return startAll(needs, (*lab.Service).Start)
}

func startAll(needs []string, start func(*lab.Service) (*lab.Running, error)) (services, error) {
	var rs services
	for _, name := range needs {
		s := known[name]
		if s == nil {
			return nil, errors.Join(fmt.Errorf("the lab has no service %q; it has %s", name, names()), rs.close())
		}
		r, err := start(s)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("start the lab's %s: %w", name, err), rs.close())
		}
		rs = append(rs, r)
	}
	return rs, nil
}

func (rs services) close() error {
	var errs []error
	for _, r := range rs {
		if err := r.Close(); err != nil {
			errs = append(errs, fmt.Errorf("the lab's %s: %w", r.Service.Name, err))
		}
	}
	return errors.Join(errs...)
}

// env tells the program where the services are.
func (rs services) env() []string {
	var env []string
	for _, r := range rs {
		env = append(env, r.Env()...)
	}
	return env
}

// addresses is where the services are: "web" is an IPv4 endpoint, "web6" an IPv6
// one.
func (rs services) addresses() map[string]string {
	at := make(map[string]string)
	for _, r := range rs {
		at[r.Service.Name] = r.Addr
		if r.Addr6 != "" {
			at[r.Service.Name+"6"] = r.Addr6
		}
	}
	return at
}

// hosts is the names of the services' addresses, where each has one of its own.
func (rs services) hosts() map[string]string {
	names := make(map[string]string)
	for _, r := range rs {
		for _, addr := range []string{r.Addr, r.Addr6} {
			if at, err := netip.ParseAddrPort(addr); err == nil && !at.Addr().IsLoopback() {
				names[at.Addr().String()] = r.Service.Host
			}
		}
	}
	return names
}

// fill is the arguments with the addresses that they name.
func (rs services) fill(args []string) ([]string, error) {
	at := make(map[string]string)
	for _, r := range rs {
		name := r.Service.Name
		at["{"+name+"}"], at["{"+name+"6}"], at["{"+name+"_path}"] = r.Addr, r.Addr6, r.Path
	}
	var filled []string
	var err error
	for _, arg := range args {
		filled = append(filled, stand.ReplaceAllStringFunc(arg, func(name string) string {
			if at[name] == "" {
				err = fmt.Errorf("%s in an argument: this machine has no such address", name)
			}
			return at[name]
		}))
	}
	return filled, err
}
