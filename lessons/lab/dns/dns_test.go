package dns_test

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"

	"sockets/lessons/lab"
	"sockets/lessons/lab/closed"
	"sockets/lessons/lab/dns"
	"sockets/lessons/lab/echo"
	"sockets/lessons/lab/ftp"
	"sockets/lessons/lab/gopher"
	"sockets/lessons/lab/imap"
	"sockets/lessons/lab/labtest"
	"sockets/lessons/lab/line"
	"sockets/lessons/lab/mute"
	"sockets/lessons/lab/pop"
	"sockets/lessons/lab/smtp"
	"sockets/lessons/lab/ssh"
	"sockets/lessons/lab/web"
)

// ask asks the server a question and returns the answer.
func ask(t *testing.T, network, addr, name string, typ uint16) *mdns.Msg {
	t.Helper()
	c := mdns.Client{Net: network, Timeout: labtest.Deadline}
	m, _, err := c.ExchangeContext(t.Context(), new(mdns.Msg).SetQuestion(name, typ), addr)
	if err != nil {
		t.Fatalf("%s %s over %s: %v", name, mdns.TypeToString[typ], network, err)
	}
	return m
}

// say is the answer in a few words: its code and, sorted, its records' data.
func say(m *mdns.Msg) string {
	words := make([]string, 0, len(m.Answer))
	for _, rr := range m.Answer {
		words = append(words, mdns.TypeToString[rr.Header().Rrtype]+" "+strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	return cmp.Or(strings.Join(words, ", "), mdns.RcodeToString[m.Rcode])
}

func TestAnswers(t *testing.T) {
	r := labtest.Start(t, dns.For(dns.Lab()))
	for _, c := range []struct {
		name string
		typ  uint16
		want string
	}{
		{"www.lab.test.", mdns.TypeA, "A 192.0.2.80"},
		{"www.lab.test.", mdns.TypeAAAA, "AAAA 2001:db8::80"},
		{"WWW.Lab.Test.", mdns.TypeA, "A 192.0.2.80"},
		{"here.lab.test.", mdns.TypeA, "A 192.0.2.10"},
		{"80.2.0.192.in-addr.arpa.", mdns.TypePTR, "PTR www.lab.test."},
		{"0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.", mdns.TypePTR, "PTR www.lab.test."},
		{"web.lab.test.", mdns.TypeA, "CNAME www.lab.test., A 192.0.2.80"},
		{"web.lab.test.", mdns.TypeCNAME, "CNAME www.lab.test."},
		{"lab.test.", mdns.TypeMX, "MX 10 smtp.lab.test."},
		{"lab.test.", mdns.TypeNS, "NS ns.lab.test."},
		{"_imap._tcp.lab.test.", mdns.TypeSRV, "SRV 0 1 143 imap.lab.test."},
		{"_pop3._tcp.lab.test.", mdns.TypeSRV, "SRV 0 1 110 pop.lab.test."},
		{"_tcp.lab.test.", mdns.TypeSRV, "NOERROR"},
		{"www.lab.test.", mdns.TypeMX, "NOERROR"},
		{"nowhere.lab.test.", mdns.TypeA, "NXDOMAIN"},
		{"example.com.", mdns.TypeA, "NXDOMAIN"},
	} {
		for _, network := range []string{"udp", "tcp"} {
			for _, addr := range []string{r.Addr, r.Addr6} {
				if addr == "" {
					continue
				}
				m := ask(t, network, addr, c.name, c.typ)
				if got := say(m); got != c.want {
					t.Errorf("%s %s over %s: %s, want %s", c.name, mdns.TypeToString[c.typ], network, got, c.want)
				}
				empty := len(m.Answer) == 0 && strings.HasSuffix(c.name, "lab.test.")
				if soa := len(m.Ns) == 1 && m.Ns[0].Header().Rrtype == mdns.TypeSOA; soa != empty || !m.Authoritative {
					t.Errorf("%s %s: authoritative %v, with SOA %v; want true, %v", c.name, mdns.TypeToString[c.typ], m.Authoritative, soa, empty)
				}
			}
		}
	}
}

// What does not fit a datagram comes over TCP.
func TestLong(t *testing.T) {
	r := labtest.Start(t, dns.For(dns.Lab()))
	if m := ask(t, "udp", r.Addr, "long.lab.test.", mdns.TypeTXT); !m.Truncated || m.Len() > mdns.MinMsgSize {
		t.Errorf("over UDP: truncated %v, %d bytes", m.Truncated, m.Len())
	}
	if m := ask(t, "tcp", r.Addr, "long.lab.test.", mdns.TypeTXT); m.Truncated || m.Len() < 1500 {
		t.Errorf("over TCP: truncated %v, %d bytes", m.Truncated, m.Len())
	}
	texts, err := resolver(r.Addr).LookupTXT(t.Context(), "long.lab.test")
	if err != nil || len(texts) != 1 || len(texts[0]) < 1500 {
		t.Errorf("the resolver found %d texts and %v", len(texts), err)
	}
}

// resolver is Go's own, asking the server at addr.
func resolver(addr string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: labDial(addr)}
}

// The zones name every service of the lab, at its port.
func TestZones(t *testing.T) {
	services := []*lab.Service{
		closed.Service, dns.Service, echo.Service, ftp.Service, gopher.Service, imap.Service, line.Service,
		mute.Service, pop.Service, smtp.Service, ssh.Service, web.Service,
	}
	for _, s := range services {
		v4, v6, err := s.Addrs()
		if err != nil {
			t.Error(err)
		}
		if got, want := dns.Lab()[s.Host], []netip.Addr{v4, v6}; !slices.Equal(got, want) {
			t.Errorf("Lab()[%q] = %v, want %v", s.Host, got, want)
		}
		if v4.As4()[3] != byte(s.Port) || !strings.HasSuffix(v6.String(), fmt.Sprint("::", s.Port)) {
			t.Errorf("%s with port %d is at %v and %v", s.Name, s.Port, v4, v6)
		}
		if len(dns.Loopback()[s.Host]) != 2 {
			t.Errorf("Loopback()[%q] = %v, want 127.0.0.1 and ::1", s.Host, dns.Loopback()[s.Host])
		}
	}
	if got, want := len(dns.Loopback()), len(services); got != want {
		t.Errorf("Loopback() has %d hosts, want the %d of the services", got, want)
	}
	if got, want := len(dns.Lab()), len(services)+1; got != want {
		t.Errorf("Lab() has %d hosts, want the services and here: %d", got, want)
	}
}
