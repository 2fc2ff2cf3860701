package pocket

import (
	"slices"
	"testing"
)

func TestInOrder(t *testing.T) {
	ack := seg{seq: 100, ack: 7, flags: "."}
	one := seg{seq: 100, ack: 7, flags: ".", payload: "one"}
	two := seg{seq: 103, ack: 7, flags: "P.", payload: "two"}
	last := seg{seq: 106, ack: 7, flags: "."}
	of := func(s seg, change func(*seg)) seg { change(&s); return s }
	other := func(s *seg) { s.port = 1 }
	v6 := func(s *seg) { s.v6 = true }
	fin := seg{seq: 100, ack: 7, flags: "F."}
	for name, c := range map[string]struct {
		held   []seg
		labels map[int]string
		want   []int
	}{
		"as it was sent":       {held: []seg{ack, one, two, last}, want: []int{0, 1, 2, 3}},
		"behind one":           {held: []seg{one, ack, two}, want: []int{1, 0, 2}},
		"behind two":           {held: []seg{one, two, ack, last}, want: []int{2, 0, 1, 3}},
		"IPv6":                 {held: []seg{of(one, v6), of(two, v6), of(ack, v6)}, want: []int{2, 0, 1}},
		"of the second":        {held: []seg{one, two, {seq: 103, ack: 7, flags: "."}}, want: []int{0, 2, 1}},
		"sent after the data":  {held: []seg{one, two, last, last}, want: []int{0, 1, 2, 3}},
		"another connection's": {held: []seg{one, of(ack, other)}, want: []int{0, 1}},
		"another protocol's":   {held: []seg{one, of(ack, v6)}, want: []int{0, 1}},
		"not bare":             {held: []seg{one, fin}, want: []int{0, 1}},
		"made late by a fault": {held: []seg{one, ack}, labels: map[int]string{1: "delayed"}, want: []int{0, 1}},
		"before a fault's":     {held: []seg{one, ack}, labels: map[int]string{0: "reordered"}, want: []int{0, 1}},
		"two were overtaken":   {held: []seg{one, ack, of(one, other), of(ack, other)}, want: []int{1, 0, 3, 2}},
	} {
		var held []arrival
		for i, s := range c.held {
			held = append(held, arrival{data: s.frame(t), label: c.labels[i]})
		}
		before := slices.Clone(held)
		inOrder(held)
		var got []int
		for _, a := range held {
			got = append(got, slices.IndexFunc(before, func(b arrival) bool { return &b.data[0] == &a.data[0] }))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	held := []arrival{{data: []byte("no frame")}, {data: nil}, {data: one.frame(t)}, {data: ack.frame(t)[:40]}}
	inOrder(held) // of what is no segment nothing is known
}
