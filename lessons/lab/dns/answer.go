package dns

import (
	"slices"

	"github.com/miekg/dns"

	"sockets/lessons/lab"
)

// answer is the answer to a query, which has come over UDP or TCP.
func (r records) answer(query *dns.Msg, udp bool) *dns.Msg {
	m := new(dns.Msg)
	if query.Opcode != dns.OpcodeQuery {
		return m.SetRcode(query, dns.RcodeNotImplemented)
	}
	if len(query.Question) != 1 || query.Question[0].Qclass != dns.ClassINET {
		return m.SetRcode(query, dns.RcodeFormatError)
	}
	m.SetReply(query)
	m.Authoritative = true
	r.fill(m, query.Question[0])
	size := dns.MaxMsgSize
	if udp {
		size = dns.MinMsgSize // RFC 1035 section 4.2.1, unless the query has more room
	}
	if opt := query.IsEdns0(); opt != nil {
		if udp {
			size = max(size, int(opt.UDPSize()))
		}
		m.SetEdns0(opt.UDPSize(), false)
	}
	m.Truncate(size)
	return m
}

// fill puts into an answer what there is to say, RFC 1034 section 4.3.2.
func (r records) fill(m *dns.Msg, q dns.Question) {
	name := dns.CanonicalName(q.Name)
	apex := dns.Fqdn(lab.Domain)
	types, ok := r[name]
	switch {
	case !ok:
		m.Rcode = dns.RcodeNameError
	case q.Qtype == dns.TypeANY:
		for _, rrs := range types {
			m.Answer = append(m.Answer, rrs...)
		}
		slices.SortFunc(m.Answer, func(a, b dns.RR) int { return int(a.Header().Rrtype) - int(b.Header().Rrtype) })
	case len(types[q.Qtype]) == 0 && len(types[dns.TypeCNAME]) > 0:
		m.Answer = append(m.Answer, types[dns.TypeCNAME]...)
		if alias, ok := types[dns.TypeCNAME][0].(*dns.CNAME); ok {
			m.Answer = append(m.Answer, r[alias.Target][q.Qtype]...)
		}
	default:
		m.Answer = append(m.Answer, types[q.Qtype]...)
	}
	if len(m.Answer) == 0 && dns.IsSubDomain(apex, name) {
		m.Ns = append(m.Ns, r[apex][dns.TypeSOA]...) // how long to remember that, RFC 2308
	}
	for _, rr := range m.Answer {
		for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA} {
			m.Extra = append(m.Extra, r[target(rr)][typ]...)
		}
	}
}

// target is the host that a record sends its reader to, or "".
func target(rr dns.RR) string {
	switch rr := rr.(type) {
	case *dns.MX:
		return rr.Mx
	case *dns.NS:
		return rr.Ns
	case *dns.SRV:
		return rr.Target
	}
	return ""
}
