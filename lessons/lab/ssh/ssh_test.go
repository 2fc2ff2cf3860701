package ssh_test

import (
	"bufio"
	"net"
	"testing"

	"golang.org/x/crypto/ssh"

	"sockets/lessons/lab/labtest"
	lab "sockets/lessons/lab/ssh"
)

func TestGreeting(t *testing.T) {
	conn := labtest.Dial(t, "tcp", labtest.Start(t, lab.Service).Addr)
	got, err := bufio.NewReader(conn).ReadString('\n')
	if want := "SSH-2.0-Go\r\n"; err != nil || got != want {
		t.Errorf("greeting %q, %v, want %q", got, err, want)
	}
}

func TestSession(t *testing.T) {
	r := labtest.Start(t, lab.Service)
	var keys []ssh.PublicKey
	for range 2 {
		conn, channels, requests, err := ssh.NewClientConn(labtest.Dial(t, "tcp", r.Addr), r.Addr, &ssh.ClientConfig{
			User: "guest",
			HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
				keys = append(keys, key)
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		client := ssh.NewClient(conn, channels, requests)
		session, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		out, err := session.Output("uptime")
		if want := "This is the lab. There is no shell here, but your keys were good.\r\n"; err != nil || string(out) != want {
			t.Errorf("output %q, %v, want %q", out, err, want)
		}
		if _, err := client.Dial("tcp", "127.0.0.1:22"); err == nil {
			t.Error("the server forwards connections")
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(keys) != 2 || keys[0].Type() != ssh.KeyAlgoED25519 || string(keys[0].Marshal()) != string(keys[1].Marshal()) {
		t.Errorf("host keys %v, want one of ed25519, twice", keys)
	}
}
