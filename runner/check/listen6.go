package check

import (
	"net/netip"
	"testing"

	"sockets/runner/pocket"
	"sockets/runner/report"
)

// Listen6 is [Listen] over IPv6. On a machine that has no IPv6 the check is not
// run.
func Listen6(t *testing.T) *Listener {
	t.Helper()
	ln := Listen(t)
	if probe().pocket == nil {
		port := netip.MustParseAddrPort(ln.addr).Port()
		ln.addr = netip.AddrPortFrom(pocket.There6, port).String()
	} else {
		ln.addr = "[::1]:0"
	}
	if ln.ln == nil { // it opens when there is a network
		return ln
	}
	_ = ln.ln.Close()
	ln.ln = nil
	in := (*pocket.Pocket)(nil)
	if n := len(ln.c.programs); n > 0 {
		in = ln.c.programs[n-1].run.Pocket()
	}
	ctx, cancel := ln.c.within()
	defer cancel()
	if err := ln.open(ctx, in); err != nil {
		ln.c.outcome = &report.Outcome{Verdict: report.NotRun, Message: "This check needs IPv6: " + err.Error()}
		t.Skip(ln.c.outcome.Message)
	}
	return ln
}
