package handin

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComplaints(t *testing.T) {
	const text = "# sockets/lessons/04\r\n" +
		"lessons/04/main.go:12:3: undefined: x\n" +
		"main.go:7:2: not enough arguments\n\thave ()\n\twant (int)\n\n" +
		"main.go:5: too many errors\n" +
		"other.go:3:1: unused\n" +
		"main.go:99999999999999999999:1: far\n" +
		"it is not Go"
	want := []Complaint{
		{12, "undefined: x"},
		{7, "not enough arguments\n\thave ()\n\twant (int)"},
		{5, "too many errors"},
		{0, "other.go:3:1: unused"},
		{0, "far"},
		{0, "it is not Go"},
	}
	if diff := cmp.Diff(want, Complaints(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if all := Complaints(" \n"); len(all) > 0 {
		t.Errorf("of nothing: %v", all)
	}
}
