package build

import "context"

// A Reason says of one run whether the next build makes it, and why.
type Reason struct {
	Run    string
	Stale  bool
	Causes []string // what changed since the last time; none if it never ran
	Never  bool     // there is no earlier run in the cache
}

// Why says for each run of the lesson what the next build would do with it.
func Why(ctx context.Context, root, number string) ([]Reason, error) {
	c, err := Load(root, []string{number})
	if err != nil {
		return nil, err
	}
	ts := c.tasks()
	if err := c.fillKeys(ctx, ts); err != nil {
		return nil, err
	}
	var reasons []Reason
	for _, t := range ts {
		r := Reason{Run: t.run.Name}
		was, _, ok := c.cached(t)
		r.Never = !ok
		if ok {
			r.Causes = t.key.since(was)
		}
		r.Stale = r.Never || len(r.Causes) > 0
		reasons = append(reasons, r)
	}
	return reasons, nil
}
