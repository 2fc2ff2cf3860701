package smtp_test

import (
	"bufio"
	"io"
	"net/smtp"
	"strings"
	"testing"

	lab "sockets/lessons/lab/smtp"

	"sockets/lessons/lab/labtest"
)

func TestGreeting(t *testing.T) {
	conn := labtest.Dial(t, "tcp", labtest.Start(t, lab.Service).Addr)
	got, err := bufio.NewReader(conn).ReadString('\n')
	if want := "220 smtp.lab.test ESMTP Service Ready\r\n"; err != nil || got != want {
		t.Errorf("greeting %q, %v, want %q", got, err, want)
	}
}

// The standard library's client sends a message.
func TestSend(t *testing.T) {
	client, err := smtp.NewClient(labtest.Dial(t, "tcp", labtest.Start(t, lab.Service).Addr), "smtp.lab.test")
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Hello("here.lab.test"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"STARTTLS", "AUTH"} {
		if ok, _ := client.Extension(name); ok {
			t.Errorf("the server offers %s", name)
		}
	}
	send := func(body string) error {
		if err := client.Mail("guest@lab.test"); err != nil {
			t.Fatal(err)
		}
		if err := client.Rcpt("postmaster@lab.test"); err != nil {
			t.Fatal(err)
		}
		w, err := client.Data()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, body); err != nil {
			t.Fatal(err)
		}
		return w.Close()
	}
	if err := send("Subject: A period\r\n\r\n.\r\n.\r\n"); err != nil {
		t.Error(err)
	}
	if err := send(strings.Repeat("too much\r\n", 200_000)); err == nil {
		t.Error("a message of 2 MB was taken")
	}
	if err := client.Quit(); err != nil {
		t.Error(err)
	}
}
