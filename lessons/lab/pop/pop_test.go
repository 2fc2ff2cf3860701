package pop_test

import (
	"net/textproto"
	"strings"
	"testing"

	"sockets/lessons/lab/labtest"
	"sockets/lessons/lab/pop"
	"sockets/lessons/lab/text"
)

// A conversation is commands, each with its reply; "+" before a command says
// that a reply of several lines follows, which are joined by "|".
func converse(t *testing.T, conversation [][2]string) {
	t.Helper()
	nc := labtest.Dial(t, "tcp", labtest.Start(t, pop.Service).Addr)
	conn := textproto.NewConn(nc)
	for i, c := range conversation {
		command, many := strings.CutPrefix(c[0], "+")
		if i > 0 {
			if err := conn.PrintfLine("%s", command); err != nil {
				t.Fatal(err)
			}
		}
		got, err := conn.ReadLine()
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		if many {
			lines, err := conn.ReadDotLines()
			if err != nil {
				t.Fatalf("%s: %v", command, err)
			}
			got += "|" + strings.Join(lines, "|")
		}
		if got != c[1] {
			t.Errorf("%s: got %q, want %q", command, got, c[1])
		}
	}
	if line, err := conn.ReadLine(); err == nil {
		t.Errorf("after the last reply came %q, want the end", line)
	}
}

func TestSession(t *testing.T) {
	joined := func(i int) string {
		return strings.TrimSuffix(strings.ReplaceAll(text.Mail[i], "\r\n", "|"), "|")
	}
	header, _, _ := strings.Cut(joined(1), "||")
	converse(t, [][2]string{
		{"", "+OK POP3 server ready"},
		{"+CAPA", "+OK capabilities follow|USER|TOP|UIDL"},
		{"STAT", "-ERR USER and PASS come first"},
		{"PASS guest", "-ERR USER comes first"},
		{"USER guest", "+OK now the password"},
		{"PASS wrong", "-ERR wrong user or password; both are guest"},
		{"user guest", "+OK now the password"},
		{"pass guest", "+OK 2 messages"},
		{"STAT", "+OK 2 556"},
		{"+LIST", "+OK 2 messages|1 298|2 258"},
		{"LIST 2", "+OK 2 258"},
		{"LIST 3", "-ERR no such message"},
		{"+UIDL", "+OK 2 messages|1 mail-1|2 mail-2"},
		{"UIDL 1", "+OK 1 mail-1"},
		{"+RETR 1", "+OK 298 octets|" + joined(0)},
		{"+RETR 2", "+OK 258 octets|" + joined(1)},
		{"RETR 0", "-ERR no such message"},
		{"RETR", "-ERR no such message"},
		{"+TOP 2 0", "+OK top follows|" + header + "|"},
		{"+TOP 2 2", "+OK top follows|" + header + "||The next line is a period and nothing else.|."},
		{"TOP 2", "-ERR TOP takes a message and a number of lines"},
		{"DELE 1", "+OK message 1 deleted"},
		{"DELE 1", "-ERR no such message"},
		{"STAT", "+OK 1 258"},
		{"+LIST", "+OK 1 messages|2 258"},
		{"RSET", "+OK nothing is deleted any more"},
		{"STAT", "+OK 2 556"},
		{"NOOP", "+OK nothing done"},
		{"XYZZY", "-ERR unknown command"},
		{"QUIT", "+OK bye"},
	})
}

func TestLineTooLong(t *testing.T) {
	converse(t, [][2]string{
		{"", "+OK POP3 server ready"},
		{strings.Repeat("x", 1000), "-ERR a command has at most 255 bytes"},
	})
}
