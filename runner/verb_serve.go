package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"sockets/runner/serve"
)

func serveVerb() *cobra.Command {
	var c serve.Config
	var poll bool
	verb := &cobra.Command{
		Use:   "serve",
		Short: "Show the site in a browser, made again at every save",
		Long: `Serve shows the site in a browser, and makes it again whenever a file of the
lessons is saved: an edit of prose shows at once, where you are on the page; an
edit of a program runs what imports it. Mistakes show on the page, over the last
good version.

Open the URL that it prints. It holds a token: without it nobody on this machine
or the network sees the site, or has anything run. Interrupt it to end it.`,
		Example: `  go run ./runner serve
  go run ./runner serve --addr 127.0.0.1:0
  go run ./runner serve --poll          on network drives that tell of no changes`,
		Args: cobra.NoArgs,
		RunE: func(v *cobra.Command, _ []string) error {
			var err error
			if c.Root, err = findRoot(); err != nil {
				return err
			}
			if poll {
				c.Poll = 300 * time.Millisecond
			}
			c.Log = v.ErrOrStderr()
			return live(v.Context(), v.OutOrStdout(), v.ErrOrStderr(), c)
		},
	}
	f := verb.Flags()
	f.StringVar(&c.Addr, "addr", "127.0.0.1:8000", "where to serve; port 0 is any free one")
	f.BoolVar(&poll, "poll", false, "look for changes, instead of being told by the system")
	f.BoolVar(&c.Replay, "replay", false, "run nothing; show the recordings in the tree")
	f.IntVarP(&c.Jobs, "jobs", "j", 0, "how many programs run at the same time (default: one a processor)")
	return verb
}

// live serves until it is interrupted, which is how it is meant to end.
func live(ctx context.Context, out, complaints io.Writer, c serve.Config) error {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return misuse{fmt.Errorf("--addr %s: %w; 127.0.0.1:8000 would be right", c.Addr, err)}
	}
	if a, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !a.IsLoopback()) {
		fmt.Fprintf(complaints, "runner: %s is not only this machine: who learns the URL can run programs here, and nothing hides it on the network\n", c.Addr)
	}
	s, err := serve.Listen(ctx, c)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, s.URL())
	err = s.Serve(ctx)
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}
