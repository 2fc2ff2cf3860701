package dns_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"

	"sockets/lessons/lab/dns"
	"sockets/lessons/lab/labtest"
)

// labDial makes a resolver ask the server at addr, whomever it wants to ask.
func labDial(addr string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}
}

// Go's resolver, which we did not write, understands the server.
func TestResolver(t *testing.T) {
	r := labtest.Start(t, dns.Service)
	res := resolver(r.Addr)
	got, err := res.LookupHost(t.Context(), "www.lab.test")
	slices.Sort(got)
	if want := []string{"127.0.0.1", "::1"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("LookupHost = %v, %v; want %v", got, err, want)
	}
	mx, err := res.LookupMX(t.Context(), "lab.test")
	if err != nil || len(mx) != 1 || mx[0].Host != "smtp.lab.test." {
		t.Errorf("LookupMX = %v, %v", mx, err)
	}
	_, srv, err := res.LookupSRV(t.Context(), "imap", "tcp", "lab.test")
	if err != nil || len(srv) != 1 || srv[0].Port != 143 {
		t.Errorf("LookupSRV = %v, %v", srv, err)
	}
	if name, err := res.LookupCNAME(t.Context(), "web.lab.test"); err != nil || name != "www.lab.test." {
		t.Errorf("LookupCNAME = %q, %v", name, err)
	}
	_, err = res.LookupHost(t.Context(), "nowhere.lab.test")
	if dnsErr := (*net.DNSError)(nil); !errors.As(err, &dnsErr) || !dnsErr.IsNotFound {
		t.Errorf("LookupHost of nobody: %v, want not found", err)
	}
}

// The server is a child of this test, as it is of a lesson.
func TestChild(t *testing.T) {
	if got, err := resolver(dns.Addr()).LookupHost(t.Context(), "ns.lab.test"); err != nil || len(got) != 2 {
		t.Errorf("LookupHost = %v, %v", got, err)
	}
}
