package class

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

// summed is an ID that ends as the folder of another may: it gets a sum, too.
var summed = regexp.MustCompile(`(?i)-[0-9a-f]{12}$`)

// folders gives each student a folder's name of its own, that means nothing to a
// file system, a shell or a browser: the ID where it can be that.
func folders(ids []string) map[string]string {
	fold := make(map[string]int) // how many IDs are equal but for case
	for _, id := range ids {
		fold[strings.ToLower(id)]++
	}
	names := make(map[string]string, len(ids))
	for _, id := range ids {
		name := tame(id)
		if name != id || fold[strings.ToLower(id)] > 1 || summed.MatchString(id) {
			sum := sha256.Sum256([]byte(id))
			name = name + "-" + hex.EncodeToString(sum[:6])
		}
		names[id] = name
	}
	return names
}

// tame is the ID with what a folder's name should not have as underscores.
func tame(id string) string {
	const most = 80
	var b strings.Builder
	for i, r := range id {
		if b.Len() >= most {
			break
		}
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			b.WriteRune(r)
		case i > 0 && i < len(id)-1 && (r == ' ' || r == '.' || r == '-' || r == '@' || r == '+'):
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	if b.Len() == 0 {
		return "_"
	}
	// Windows gives these to devices, whatever follows a dot.
	switch base, _, _ := strings.Cut(strings.ToLower(b.String()), "."); {
	case base == "con", base == "prn", base == "aux", base == "nul",
		len(base) == 4 && (base[:3] == "com" || base[:3] == "lpt"):
		return "_" + b.String()
	}
	return b.String()
}
