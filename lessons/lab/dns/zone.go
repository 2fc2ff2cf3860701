package dns

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"sockets/lessons/lab"
)

// A Zone is the lab's hosts: their names, such as "www.lab.test", and their
// addresses.
type Zone map[string][]netip.Addr

// hosts is the services of the lab by the first label of their name, with
// their ports.
var hosts = map[string]int{
	"closed": 9, "echo": 7, "ftp": 21, "gopher": 70, "imap": 143, "line": 17, "mute": 11,
	"ns": 53, "pop": 110, "smtp": 25, "ssh": 22, "www": 80,
}

// here is the host on which programs run in the lab's own network.
var here = []netip.Addr{netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("2001:db8::10")}

// Loopback is the zone in which all hosts are this machine.
func Loopback() Zone {
	z := make(Zone)
	for name := range hosts {
		z[name+"."+lab.Domain] = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	}
	return z
}

// Lab is the zone of the lab's own network, where a host's last number is its
// port.
func Lab() Zone {
	z := Zone{"here." + lab.Domain: here}
	for name, port := range hosts {
		s := lab.Service{Name: name, Port: port}
		if v4, v6, err := s.Addrs(); err == nil {
			z[name+"."+lab.Domain] = []netip.Addr{v4, v6}
		}
	}
	return z
}

// ttl is how long an answer may be kept, in seconds.
const ttl = 60

// records is what there is to say, by name and type. A name that only others
// end in is there with no types, RFC 4592 section 2.2.2.
type records map[string]map[uint16][]dns.RR

// records is the zone as records.
func (z Zone) records() records {
	r := make(records)
	apex := dns.Fqdn(lab.Domain)
	below := func(name string) string { return name + "." + apex }
	r.add(&dns.SOA{
		Hdr: header(apex, dns.TypeSOA), Ns: below("ns"), Mbox: below("hostmaster"),
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: ttl,
	})
	r.add(&dns.NS{Hdr: header(apex, dns.TypeNS), Ns: below("ns")})
	r.add(&dns.MX{Hdr: header(apex, dns.TypeMX), Preference: 10, Mx: below("smtp")})
	r.add(&dns.CNAME{Hdr: header(below("web"), dns.TypeCNAME), Target: below("www")})
	for service, host := range map[string]string{"_imap._tcp": "imap", "_pop3._tcp": "pop"} {
		r.add(&dns.SRV{
			Hdr: header(below(service), dns.TypeSRV), Weight: 1, Port: uint16(hosts[host]), Target: below(host),
		})
	}
	var long []string
	for range 8 {
		long = append(long, strings.Repeat("so long ", 31))
	}
	r.add(&dns.TXT{Hdr: header(below("long"), dns.TypeTXT), Txt: long})

	names := make([]string, 0, len(z))
	for name := range z {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, a := range z[name] {
			r.address(dns.Fqdn(name), a)
		}
	}
	return r
}

// address adds an address of a name, and the way back.
func (r records) address(name string, a netip.Addr) {
	if a.Is4() {
		r.add(&dns.A{Hdr: header(name, dns.TypeA), A: a.AsSlice()})
	} else {
		r.add(&dns.AAAA{Hdr: header(name, dns.TypeAAAA), AAAA: a.AsSlice()})
	}
	if back, err := dns.ReverseAddr(a.String()); err == nil {
		r.add(&dns.PTR{Hdr: header(back, dns.TypePTR), Ptr: name})
	}
}

func header(name string, typ uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: typ, Class: dns.ClassINET, Ttl: ttl}
}

func (r records) add(rr dns.RR) {
	name, typ := rr.Header().Name, rr.Header().Rrtype
	for at := name; at != "."; at = parent(at) {
		if r[at] == nil {
			r[at] = make(map[uint16][]dns.RR)
		}
	}
	r[name][typ] = append(r[name][typ], rr)
}

// parent is the name without its first label.
func parent(name string) string {
	if i, end := dns.NextLabel(name, 0); !end {
		return name[i:]
	}
	return "."
}
