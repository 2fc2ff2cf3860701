package page

import (
	"regexp"
	"strings"
	"testing"
)

// TestWrap has a · wherever a line may be broken, other than at its spaces.
func TestWrap(t *testing.T) {
	tags := regexp.MustCompile(`</?span[^>]*>`)
	for _, want := range []string{
		"",
		"\tconn, err := net.Dial(\"tcp\", addr)",
		"\tconn.SetReadDeadline(·time.Now().Add(·time.Second))",
		"AF_INET, SOCK_STREAM|·SOCK_NONBLOCK|·SOCK_CLOEXEC, 0",
		"\t\"gopher://·gopher.lab.test/·0/·about\" // a comment",
		"a_word_without_a_place_to_break_it_at",
		"x(·\"ééééééééééééééééééééé&lt;\")",
		"y(\"éééééééééééééééééé&lt;\")",
		"\tcall(·a&lt;b,·c&amp;d,·func(){},·[]byte{·1,·2})",
	} {
		plain := strings.NewReplacer("·", "", "&lt;", "<", "&amp;", "&").Replace(want)
		if got := strings.ReplaceAll(string(wrapping(plain)), "<wbr>", "·"); got != want {
			t.Errorf("the line %q is %q, want %q", plain, got, want)
		}
		got := strings.Join(highlight("go", plain), "\n")
		if got = strings.ReplaceAll(tags.ReplaceAllString(got, ""), "<wbr>", "·"); got != want {
			t.Errorf("in colours the line %q is %q, want %q", plain, got, want)
		}
	}
}
