package run

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/lesson"
)

func TestProgramOfAnUnknownService(t *testing.T) {
	s := Spec{Lesson: &lesson.Lesson{Number: "03", Needs: []string{"telnet"}}}
	if _, err := Program(t.Context(), s); err == nil || !strings.Contains(err.Error(), `the lab has no service "telnet"; it has closed, dns, echo,`) {
		t.Errorf("Program = %v, want an error that names the services", err)
	}
	s.Lesson.Needs = []string{"echo"}
	s.Run.Args = []string{"http://{web}/"}
	if _, err := Program(t.Context(), s); err == nil || !strings.Contains(err.Error(), `the lesson does not need web; `) {
		t.Errorf("Program = %v, want an error about needs", err)
	}
}

func TestMistakes(t *testing.T) {
	l := &lesson.Lesson{Number: "03", Dir: "lessons/03", Needs: []string{"web", "telnet"}, Runs: []lesson.Run{
		{Name: "main"},
		{Name: "fine", Args: []string{"http://{web}/", "{web6}", "{}", `{"web": 1}`}, Line: 7},
		{Name: "off", Args: []string{"{wbe}", "{echo}", "{web_path}"}, Line: 9},
	}}
	all := "closed, dns, echo, ftp, gopher, imap, line, mute, pop, smtp, ssh, web"
	want := `lessons/03/lesson.md: needs: the lab has no service "telnet"; it has ` + all + `
lessons/03/lesson.md:9: the run off has the argument "{wbe}", and the lab has no service "wbe"; it has ` + all + `
lessons/03/lesson.md:9: the run off has the argument "{echo}", and the lesson does not need echo; needs: [..., echo]
lessons/03/lesson.md:9: the run off has the argument "{web_path}", and web has no UNIX socket; leave out the _path`
	if diff := cmp.Diff(want, Mistakes(l).Error()); diff != "" {
		t.Errorf("Mistakes (-want +got):\n%s", diff)
	}
}
