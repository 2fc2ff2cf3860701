package check

import (
	"net/netip"
	"testing"

	"sockets/runner/pocket"
)

// muteHost is an address of there that nobody answers at.
var muteHost = netip.MustParseAddr("192.0.2.99")

// Mute is a TCP address that does not answer: what is sent there is lost. On a
// machine that has none the check is not run.
func Mute(t *testing.T) string {
	t.Helper()
	c := of(t)
	if probe().pocket == nil {
		c.hosts = append(c.hosts, pocket.Host{Name: "mute.lab.test", Addrs: []netip.Addr{muteHost}, Mute: true})
		return netip.AddrPortFrom(muteHost, firstPort).String()
	}
	addr, err := c.mute(t.Context())
	if err != nil {
		c.skip("This check needs an address that does not answer: " + err.Error())
	}
	return addr
}
