package run

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"sockets/lessons/lab"
	"sockets/lessons/lab/closed"
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
)

// known is the services that a lesson may need, by name.
var known = func() map[string]*lab.Service {
	all := make(map[string]*lab.Service)
	for _, s := range []*lab.Service{
		closed.Service, echo.Service, ftp.Service, gopher.Service, imap.Service, line.Service,
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

func names() string { return strings.Join(slices.Sorted(maps.Keys(known)), ", ") }

// running is the lab's services while a program runs.
type running []*lab.Running

// start starts the named services.
func start(needs []string) (running, error) {
	var rs running
	for _, name := range needs {
		s := known[name]
		if s == nil {
			return nil, errors.Join(fmt.Errorf("the lab has no service %q; it has %s", name, names()), rs.close())
		}
		r, err := s.Start()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("start the lab's %s: %w", name, err), rs.close())
		}
		rs = append(rs, r)
	}
	return rs, nil
}

func (rs running) close() error {
	var errs []error
	for _, r := range rs {
		if err := r.Close(); err != nil {
			errs = append(errs, fmt.Errorf("the lab's %s: %w", r.Service.Name, err))
		}
	}
	return errors.Join(errs...)
}

// env tells the program where the services are.
func (rs running) env() []string {
	var env []string
	for _, r := range rs {
		env = append(env, r.Env()...)
	}
	return env
}

// fill is the arguments with the addresses that they name.
func (rs running) fill(args []string) ([]string, error) {
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
