package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
)

// A packetConn knows whether it was closed by the lab.
type packetConn struct {
	net.PacketConn
	closed atomic.Bool
}

// Close closes the socket. Only the first call does something: the server may
// close it too.
func (p *packetConn) Close() error {
	if p.closed.Swap(true) {
		return nil
	}
	return p.PacketConn.Close()
}

// portTries is how many ports may be free for UDP and taken for TCP.
const portTries = 20

// takeBoth takes a port of host for datagrams and, if the service has
// connections too, the same one for them.
func (r *Running) takeBoth(network, host string) (string, error) {
	udp := strings.Replace(network, "tcp", "udp", 1)
	var taken error
	for range portTries {
		conn, err := listenPacket(udp, net.JoinHostPort(host, "0"))
		if err != nil {
			return "", err
		}
		addr := conn.LocalAddr().String()
		if r.Service.Serve != nil {
			ln, err := listen(network, addr)
			if err != nil {
				taken = errors.Join(err, conn.Close())
				continue
			}
			r.track(ln, listen)
		}
		r.trackPacket(conn)
		return addr, nil
	}
	return "", fmt.Errorf("no port of %s is free for both UDP and TCP: %w", host, taken)
}

func listenPacket(network, addr string) (net.PacketConn, error) {
	var lc net.ListenConfig
	return lc.ListenPacket(context.Background(), network, addr)
}
