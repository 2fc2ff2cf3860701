package check

import (
	"testing"

	"sockets/runner/pocket"
)

// Mute is a TCP address that does not answer, as behind a firewall: what is sent
// there is dropped. It has the host of [Listen]. On a machine that has no such
// address the check is not run.
func Mute(t *testing.T) string {
	t.Helper()
	c := of(t)
	if !canMute {
		c.skip("This check needs an address that does not answer, and this system has none.")
	}
	return c.listen(&Listener{network: "tcp4", mute: true}, pocket.There4, "127.0.0.1:0").Addr()
}
