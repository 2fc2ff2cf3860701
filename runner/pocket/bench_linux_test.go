package pocket_test

import (
	"os"
	"testing"

	"sockets/runner/pocket"
	"sockets/runner/process"
)

// BenchmarkPocket is what a pocket costs, from nothing to nothing, with a
// program that does nothing; BenchmarkPlain is that program without.
func BenchmarkPocket(b *testing.B) {
	for _, wire := range []string{pocket.WireTAP, pocket.WireVeth} {
		b.Run(wire, func(b *testing.B) {
			c := www()
			c.Wire = wire
			for b.Loop() {
				play(b, c, "nothing", nil)
			}
		})
	}
}

func BenchmarkPlain(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if end, err := process.Run(b.Context(), command(self, "nothing")); err != nil || end.Code != 0 {
			b.Fatal(end, err)
		}
	}
}
