package frame

import (
	"encoding/binary"
	"net/netip"
	"strings"

	"sockets/runner/recording"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/dns/dnsmessage"
)

func (d *decoder) udp(f *recording.Frame, p packet) {
	f.Proto = "UDP"
	var u layers.UDP
	if err := u.DecodeFromBytes(p.body, gopacket.NilDecodeFeedback); err != nil {
		f.Summary = size(len(p.body)) + ", a damaged datagram"
		return
	}
	src, dst := netip.AddrPortFrom(p.src, uint16(u.SrcPort)), netip.AddrPortFrom(p.dst, uint16(u.DstPort))
	f.Len = len(u.Payload)
	f.Summary = size(f.Len)
	change := func() {
		d.stand(p.body[0:2])
		d.stand(p.body[2:4])
		if src.Port() == 53 || dst.Port() == 53 {
			if text := d.dnsMessage(u.Payload); text != "" {
				f.Summary = text
			}
		}
	}
	if sum := p.body[6:8]; u.Checksum == 0 { // none, which IPv4 allows
		change()
	} else if rewrite(p.body, sum, change); sum[0] == 0 && sum[1] == 0 {
		sum[0], sum[1] = 0xff, 0xff
	}
	f.From, f.To = d.endpoint(src), d.endpoint(dst)
}

// dnsMessage replaces the message's ID and says in one line what it asks or
// answers, "" if it is none.
func (d *decoder) dnsMessage(b []byte) string {
	var p dnsmessage.Parser
	h, err := p.Start(b)
	if err != nil {
		return ""
	}
	binary.BigEndian.PutUint16(b, uint16(d.dns.stand(uint32(h.ID))))
	q, err := p.Question()
	if err != nil {
		return ""
	}
	about := strings.TrimPrefix(q.Type.String(), "Type") + " " + plain(strings.TrimSuffix(q.Name.String(), "."))
	if !h.Response {
		return "DNS query " + about
	}
	if err := p.SkipAllQuestions(); err != nil {
		return "DNS answer " + about
	}
	return "DNS answer " + about + ": " + dnsAnswers(h, &p)
}

func dnsAnswers(h dnsmessage.Header, p *dnsmessage.Parser) string {
	switch h.RCode {
	case dnsmessage.RCodeSuccess:
	case dnsmessage.RCodeNameError:
		return "no such name"
	default:
		return strings.TrimPrefix(h.RCode.String(), "RCode")
	}
	var answers []string
	for {
		r, err := p.Answer()
		if err != nil {
			break
		}
		switch body := r.Body.(type) {
		case *dnsmessage.AResource:
			answers = append(answers, netip.AddrFrom4(body.A).String())
		case *dnsmessage.AAAAResource:
			answers = append(answers, netip.AddrFrom16(body.AAAA).String())
		case *dnsmessage.CNAMEResource:
			answers = append(answers, "CNAME "+plain(strings.TrimSuffix(body.CNAME.String(), ".")))
		case *dnsmessage.PTRResource:
			answers = append(answers, plain(strings.TrimSuffix(body.PTR.String(), ".")))
		case *dnsmessage.MXResource:
			answers = append(answers, plain(strings.TrimSuffix(body.MX.String(), ".")))
		default:
			answers = append(answers, strings.TrimPrefix(r.Header.Type.String(), "Type"))
		}
	}
	if h.Truncated {
		answers = append(answers, "truncated")
	}
	if answers == nil {
		return "none"
	}
	return strings.Join(answers, ", ")
}

// dnsStream replaces the ID of a DNS message in a TCP segment, where its
// length comes first, RFC 1035 section 4.2.2.
func (d *decoder) dnsStream(b []byte) {
	if len(b) >= 2+12 && int(binary.BigEndian.Uint16(b)) == len(b)-2 {
		d.dnsMessage(b[2:])
	}
}

// plain is the text with every byte but printable ASCII as "?": names come
// from the wire.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
