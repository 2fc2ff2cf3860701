package imap_test

import (
	"bufio"
	"errors"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	lab "sockets/lessons/lab/imap"
	"sockets/lessons/lab/labtest"
	"sockets/lessons/lab/text"
)

func TestGreeting(t *testing.T) {
	conn := labtest.Dial(t, "tcp", labtest.Start(t, lab.Service).Addr)
	got, err := bufio.NewReader(conn).ReadString('\n')
	want := "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL- AUTH=PLAIN] IMAP server ready\r\n"
	if err != nil || got != want {
		t.Errorf("greeting %q, %v, want %q", got, err, want)
	}
}

// The library's client reads both messages, and deletes one for itself alone.
func TestMailbox(t *testing.T) {
	addr := labtest.Start(t, lab.Service).Addr
	first := login(t, addr)
	want(t, first, text.Mail)
	if err := first.Store(imap.SeqSetNum(1), &imap.StoreFlags{
		Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted},
	}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Expunge().Close(); err != nil {
		t.Fatal(err)
	}
	want(t, first, text.Mail[1:])
	want(t, login(t, addr), text.Mail)
}

func TestRefusals(t *testing.T) {
	addr := labtest.Start(t, lab.Service).Addr
	client := dial(t, addr)
	refused(t, "a wrong password", client.Login("guest", "wrong").Wait())
	if err := client.Login("guest", "guest").Wait(); err != nil {
		t.Fatal(err)
	}
	big := client.Append("INBOX", 1<<20+1, nil)
	refused(t, "a message of more than 1 MiB", big.Close())
}

func dial(t *testing.T, addr string) *imapclient.Client {
	t.Helper()
	client := imapclient.New(labtest.Dial(t, "tcp", addr), nil)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func login(t *testing.T, addr string) *imapclient.Client {
	t.Helper()
	client := dial(t, addr)
	if err := client.Login("guest", "guest").Wait(); err != nil {
		t.Fatal(err)
	}
	return client
}

// want checks what lies in the mailbox, byte for byte.
func want(t *testing.T, client *imapclient.Client, mail []string) {
	t.Helper()
	box, err := client.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	if int(box.NumMessages) != len(mail) {
		t.Fatalf("%d messages, want %d", box.NumMessages, len(mail))
	}
	body := &imap.FetchItemBodySection{Peek: true}
	for i, message := range mail {
		got, err := client.Fetch(imap.SeqSetNum(uint32(i+1)), &imap.FetchOptions{
			BodySection: []*imap.FetchItemBodySection{body},
		}).Collect()
		if err != nil || len(got) != 1 {
			t.Fatalf("fetch %d: %d messages, %v", i+1, len(got), err)
		}
		if text := string(got[0].FindBodySection(body)); text != message {
			t.Errorf("message %d is %q, want %q", i+1, text, message)
		}
	}
}

func refused(t *testing.T, what string, err error) {
	t.Helper()
	var no *imap.Error
	if !errors.As(err, &no) || no.Type != imap.StatusResponseTypeNo {
		t.Errorf("%s: got %v, want the answer NO", what, err)
	}
}
