// Package dns is the lab's name server, on miekg/dns; RFC 1034 and 1035, over
// UDP and TCP. It knows the zone lab.test and nothing else, and asks nobody:
// for all other names it says that they don't exist.
//
//	www.lab.test.             A and AAAA, and likewise each host of the lab
//	80.2.0.192.in-addr.arpa.  PTR to www.lab.test, and likewise
//	web.lab.test.             CNAME to www.lab.test
//	lab.test.                 SOA, NS, MX to smtp.lab.test
//	_imap._tcp.lab.test.      SRV to imap.lab.test and its port; also _pop3
//	long.lab.test.            TXT with more than a datagram of DNS may hold
//
// On this machine's loopback addresses all hosts are the machine itself; in the
// lab's own network each has its address, see [Lab].
package dns

import (
	"net"

	"github.com/miekg/dns"

	"sockets/lessons/lab"
)

// Service is this server's place in the lab, with the zone of [Loopback].
var Service = For(Loopback())

func init() { Service.Become() }

// Addr returns the server's IPv4 address, for both UDP and TCP; the first use
// starts it.
func Addr() string { return Service.Addr() }

// Addr6 returns the server's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }

// For is the service with another zone.
func For(z Zone) *lab.Service {
	records := z.records()
	return &lab.Service{
		Name: "dns", Host: "ns." + lab.Domain, Port: 53,
		Serve:       func(ln net.Listener) error { return serve(&dns.Server{Listener: ln}, records) },
		ServePacket: func(conn net.PacketConn) error { return serve(&dns.Server{PacketConn: conn}, records) },
	}
}

// serve answers until the server's socket is closed.
func serve(s *dns.Server, r records) error {
	s.Handler = dns.HandlerFunc(func(w dns.ResponseWriter, query *dns.Msg) {
		_, udp := w.LocalAddr().(*net.UDPAddr)
		// Who does not get an answer asks again.
		_ = w.WriteMsg(r.answer(query, udp))
	})
	return s.ActivateAndServe()
}
