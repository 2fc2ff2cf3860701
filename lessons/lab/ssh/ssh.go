// Package ssh is the lab's SSH server, on golang.org/x/crypto/ssh; RFC 4253. It
// greets with SSH-2.0-Go, agrees on keys, lets everybody in, and answers a
// shell or a command with one sentence. Its host key is new at each start. It
// runs nothing and forwards nothing.
package ssh

import (
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"sockets/lessons/lab"
)

// Service is this server's place in the lab.
var Service = &lab.Service{Name: "ssh", Host: "ssh.lab.test", Port: 22, Serve: Serve}

func init() { Service.Become() }

// Addr returns the server's IPv4 address; the first use starts it.
func Addr() string { return Service.Addr() }

// Addr6 returns the server's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }

// patience is how long a connection lasts at most.
const patience = 60 * time.Second

// Sentence is what every session says.
const sentence = "This is the lab. There is no shell here, but your keys were good.\r\n"

// Serve answers the connections of ln until ln is closed.
func Serve(ln net.Listener) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return err
	}
	config := &ssh.ServerConfig{ServerVersion: "SSH-2.0-Go", NoClientAuth: true}
	config.AddHostKey(signer)
	return lab.Handle(ln, func(conn net.Conn) { serve(conn, config) })
}

func serve(nc net.Conn, config *ssh.ServerConfig) {
	if nc.SetDeadline(time.Now().Add(patience)) != nil {
		return
	}
	conn, channels, requests, err := ssh.NewServerConn(nc, config)
	if err != nil {
		return
	}
	var running sync.WaitGroup
	defer running.Wait()
	defer func() { _ = conn.Close() }()
	running.Go(func() { ssh.DiscardRequests(requests) })
	for offered := range channels {
		if offered.ChannelType() != "session" {
			_ = offered.Reject(ssh.UnknownChannelType, "the lab has sessions only")
			continue
		}
		session, requests, err := offered.Accept()
		if err != nil {
			return
		}
		running.Go(func() { serveSession(session, requests) })
	}
}

// serveSession answers the first request to run something, RFC 4254 section
// 6.5, and ends the session.
func serveSession(session ssh.Channel, requests <-chan *ssh.Request) {
	for r := range requests {
		run := r.Type == "shell" || r.Type == "exec"
		if r.WantReply {
			_ = r.Reply(run || r.Type == "pty-req" || r.Type == "env", nil)
		}
		if run {
			_, _ = io.WriteString(session, sentence)
			status := struct{ Status uint32 }{0}
			_, _ = session.SendRequest("exit-status", false, ssh.Marshal(status))
			break
		}
	}
	_ = session.Close()
	ssh.DiscardRequests(requests)
}
