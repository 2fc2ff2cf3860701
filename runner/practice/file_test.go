package practice

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/handin"
)

// A desk is a checkout with an exercise 05, and a page that asks for its main.go.
type desk struct {
	t    *testing.T
	root string
	room *Room
	url  string
}

const stub = "package main\n\nfunc main() {\n\t// TODO\n}\n"

func sit(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, root: t.TempDir()}
	d.room = &Room{Root: d.root}
	if err := os.MkdirAll(filepath.Dir(d.file()), 0o755); err != nil {
		t.Fatal(err)
	}
	d.save(stub)
	mux := http.NewServeMux()
	for pattern, h := range d.room.Routes() {
		mux.HandleFunc(pattern, h)
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	d.url = s.URL + "/live/exercises/"
	return d
}

func (d *desk) file() string { return filepath.Join(d.root, "lessons", "05", "exercise", "main.go") }

// save writes the file as another editor does.
func (d *desk) save(text string) {
	d.t.Helper()
	if err := os.WriteFile(d.file(), []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// holds fails the test if the file has another text, or another file lies beside it.
func (d *desk) holds(want string) {
	d.t.Helper()
	got, err := os.ReadFile(d.file())
	if err != nil {
		d.t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		d.t.Errorf("main.go (-want +got)\n%s", diff)
	}
	d.alone()
}

func (d *desk) alone() {
	d.t.Helper()
	entries, err := os.ReadDir(filepath.Dir(d.file()))
	if err != nil || len(entries) != 1 || entries[0].Name() != mainFile {
		d.t.Errorf("the folder has %v, %v; want main.go alone", entries, err)
	}
}

// ask makes a request.
func (d *desk) ask(method, path, body string) (status int, text string) {
	d.t.Helper()
	q, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	got, err := io.ReadAll(a.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return a.StatusCode, string(got)
}

// A said is an Answer as a page has it.
type said struct{ Text, Digest, Said string }

func (d *desk) get() said {
	d.t.Helper()
	status, text := d.ask("GET", "05/main.go", "")
	var a said
	if err := json.Unmarshal([]byte(text), &a); err != nil || status != http.StatusOK {
		d.t.Fatalf("%d %s: %v", status, text, err)
	}
	return a
}

func (d *desk) put(text, was string) (int, said) {
	d.t.Helper()
	body, err := json.Marshal(Change{text, was})
	if err != nil {
		d.t.Fatal(err)
	}
	status, got := d.ask("PUT", "05/main.go", string(body))
	var a said
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		d.t.Fatalf("%d %s: %v", status, got, err)
	}
	return status, a
}

// TestWrite reads the file, writes it, and writes it again.
func TestWrite(t *testing.T) {
	d := sit(t)
	if err := os.Chmod(d.file(), 0o640); err != nil {
		t.Fatal(err)
	}
	first := d.get()
	if want := fileOf([]byte(stub)); first.Text != stub || first.Digest != want.Digest || first.Digest == "" {
		t.Errorf("the file is %+v", first)
	}
	const second = "package main\n\n// <&>\u2028 é\r\nfunc main() {}" // no newline at its end
	status, a := d.put(second, first.Digest)
	if status != http.StatusOK || a.Digest != d.get().Digest || a.Digest == first.Digest {
		t.Errorf("%d %+v", status, a)
	}
	d.holds(second)
	if info, err := os.Stat(d.file()); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o640 {
		t.Errorf("the mode of the file is %v, %v", info.Mode(), err)
	}
	if status, a = d.put("", a.Digest); status != http.StatusOK {
		t.Errorf("an empty text: %d %+v", status, a)
	}
	d.holds("")
	big := strings.Repeat("\t\n", handin.MaxFile/2)
	if status, a = d.put(big, a.Digest); status != http.StatusOK {
		t.Errorf("the largest text: %d %s", status, a.Said)
	}
	d.holds(big)
}

// TestConflict writes a file that somebody else has written, or removed, since.
func TestConflict(t *testing.T) {
	d := sit(t)
	read := d.get()
	d.save("theirs")
	status, a := d.put("mine", read.Digest)
	if want := fileOf([]byte("theirs")); status != http.StatusConflict || a.Text != "theirs" || a.Digest != want.Digest || !strings.Contains(a.Said, "lessons/05/exercise/main.go has changed") {
		t.Errorf("%d %+v", status, a)
	}
	d.holds("theirs")
	if status, _ = d.put("mine", a.Digest); status != http.StatusOK {
		t.Errorf("with the digest of what is there: %d", status)
	}
	d.holds("mine")
	if status, _ = d.put("mine", a.Digest); status != http.StatusConflict {
		t.Errorf("the same text with an old digest: %d", status)
	}

	now := d.get()
	if err := os.Remove(d.file()); err != nil {
		t.Fatal(err)
	}
	if gone := d.get(); gone != (said{}) {
		t.Errorf("a file that is gone is %+v", gone)
	}
	if status, a = d.put("again", now.Digest); status != http.StatusConflict || a.Digest != "" {
		t.Errorf("a file that is gone: %d %+v", status, a)
	}
	if status, a = d.put("again", ""); status != http.StatusOK {
		t.Errorf("a file that is made: %d %+v", status, a)
	}
	d.holds("again")
	if status, _ = d.put("and again", ""); status != http.StatusConflict {
		t.Errorf("a file that is there already: %d", status)
	}
	d.holds("again")
}

// TestRefused has requests that can't be met: nothing is written, and nothing read
// that is not the file.
func TestRefused(t *testing.T) {
	d := sit(t)
	was := d.get().Digest
	if err := os.MkdirAll(filepath.Join(d.root, "lessons", "06"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.root, "lessons", "06", "exercise"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	body := func(text string) string {
		b, err := json.Marshal(Change{text, was})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		said                     string
	}{
		{"no exercise", "GET", "99/main.go", "", 404, "lesson 99 has no exercise"},
		{"no exercise to write", "PUT", "99/main.go", body("x"), 404, "lesson 99 has no exercise"},
		{"no number", "PUT", "lab/main.go", body("x"), 404, "01 or 26"},
		{"three digits", "GET", "005/main.go", "", 404, "01 or 26"},
		{"a way out", "GET", "%2e%2e/main.go", "", 404, "01 or 26"},
		{"a long way out", "PUT", "05%2f..%2f05/main.go", body("x"), 404, "01 or 26"},
		{"another digit", "GET", "%D9%A0%D9%A5/main.go", "", 404, "01 or 26"},
		{"another file", "GET", "05/task.md", "", 404, "not found"},
		{"another file to write", "PUT", "05/check_test.go", body("x"), 404, "not found"},
		{"a folder that is a file", "PUT", "06/main.go", body("x"), 422, "lessons/06/exercise is no folder"},
		{"a large text", "PUT", "05/main.go", body(strings.Repeat("x", handin.MaxFile+1)), 413, "262144 bytes"},
		{"a large request", "PUT", "05/main.go", body(strings.Repeat("x", maxBody)), 413, "a request may have"},
		{"a large text to compare", "POST", "05/difference", body(strings.Repeat("x", handin.MaxFile+1)), 413, "262144 bytes"},
		{"no UTF-8", "PUT", "05/main.go", "{\"text\":\"a\xff\",\"was\":\"" + was + "\"}", 422, "not UTF-8"},
		{"half a character", "PUT", "05/main.go", `{"text":"a\ud800","was":"` + was + `"}`, 422, "half a character"},
		{"no JSON", "PUT", "05/main.go", "package main", 400, "can't be read"},
		{"what is none", "PUT", "05/main.go", `{"path":"/etc/passwd"}`, 400, "can't be read"},
		{"a method", "POST", "05/main.go", body("x"), 405, "Not Allowed"},
		{"removing", "DELETE", "05/main.go", "", 405, "Not Allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, text := d.ask(c.method, c.path, c.body)
			if status != c.status || !strings.Contains(text, c.said) {
				t.Errorf("%d %q, want %d and %q", status, text, c.status, c.said)
			}
			d.holds(stub)
		})
	}
	if status, text := d.ask("PUT", "05/main.go", `{"text":"\ufffd \ud83d\ude00 \\ud800","was":"`+was+`"}`); status != http.StatusOK {
		t.Errorf("what only looks like half a character: %d %s", status, text)
	}
	d.holds("\uFFFD \U0001F600 \\ud800")
}

// TestFilesOnDisk has files that are none of the reader's, or can't be edited.
func TestFilesOnDisk(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		make func(d *desk) error
		want string
	}{
		"a link out": {func(d *desk) error { return os.Symlink(secret, d.file()) }, "is a link"},
		"a link within": {func(d *desk) error {
			other := filepath.Join(filepath.Dir(d.file()), "..", "other.go")
			return firstOf(os.WriteFile(other, []byte("secret"), 0o600), os.Symlink("../other.go", d.file()))
		}, "is a link"},
		"a link to nothing": {func(d *desk) error { return os.Symlink("nowhere", d.file()) }, "is a link"},
		"a folder":          {func(d *desk) error { return os.Mkdir(d.file(), 0o755) }, "no regular file"},
		"a large file":      {func(d *desk) error { return os.WriteFile(d.file(), make([]byte, handin.MaxFile+1), 0o600) }, "262144 bytes"},
		"no UTF-8":          {func(d *desk) error { return os.WriteFile(d.file(), []byte("secret\xff"), 0o600) }, "not UTF-8"},
		"a folder that is a link": {func(d *desk) error {
			folder := filepath.Dir(d.file())
			return firstOf(os.Remove(folder), os.Symlink(filepath.Dir(secret), folder))
		}, "lessons/05/exercise is no folder, or a link"},
		"a lesson that is a link": {func(d *desk) error {
			folder := filepath.Dir(filepath.Dir(d.file()))
			return firstOf(os.Rename(folder, folder+"x"), os.Symlink("05x", folder))
		}, "lessons/05 is no folder, or a link"},
	} {
		t.Run(name, func(t *testing.T) {
			d := sit(t)
			was := d.get().Digest
			if err := firstOf(os.Remove(d.file()), c.make(d)); err != nil {
				t.Skip(err) // a system without links
			}
			before := d.listing()
			for _, method := range []string{"GET", "PUT"} {
				status, text := d.ask(method, "05/main.go", fmt.Sprintf(`{"text":"x","was":%q}`, was))
				if status != http.StatusUnprocessableEntity && status != http.StatusRequestEntityTooLarge || !strings.Contains(text, c.want) {
					t.Errorf("%s: %d %s, want %q", method, status, text, c.want)
				}
				if strings.Contains(text, "secret") || strings.Contains(text, d.root) {
					t.Errorf("%s: the answer tells %s", method, text)
				}
			}
			if diff := cmp.Diff(before, d.listing()); diff != "" {
				t.Errorf("(-before +after)\n%s", diff)
			}
			if text, err := os.ReadFile(secret); err != nil || string(text) != "secret" {
				t.Errorf("the other file has %q, %v", text, err)
			}
		})
	}
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// listing is all that is in the checkout, with its mode and size.
func (d *desk) listing() (all []string) {
	_ = filepath.WalkDir(d.root, func(path string, e os.DirEntry, err error) error {
		if info, err := e.Info(); err == nil && !info.IsDir() {
			all = append(all, fmt.Sprint(path, info.Mode(), info.Size()))
		}
		return err
	})
	return all
}

// TestReadOnly keeps its owner's word.
func TestReadOnly(t *testing.T) {
	d := sit(t)
	was := d.get().Digest
	if err := os.Chmod(d.file(), 0o444); err != nil {
		t.Fatal(err)
	}
	if status, a := d.put("x", was); status != http.StatusUnprocessableEntity || !strings.Contains(a.Said, "may only be read") {
		t.Errorf("%d %+v", status, a)
	}
	d.holds(stub)
}

// TestAtomic writes long texts while others read: each sees one of the texts, whole.
func TestAtomic(t *testing.T) {
	d := sit(t)
	text := func(letter string) string { return strings.Repeat(letter, handin.MaxFile) }
	d.save(text("a"))
	was := d.get().Digest
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for n := 0; ; n++ {
				got, err := os.ReadFile(d.file())
				if err != nil {
					t.Error(err)
					return
				}
				if len(got) != handin.MaxFile || strings.Count(string(got), string(got[:1])) != len(got) {
					t.Errorf("a reader saw %d bytes of more than one text", len(got))
					return
				}
				select {
				case <-done:
					if n > 0 {
						return
					}
				default:
				}
			}
		})
	}
	for i := range 50 {
		status, a := d.put(text(string(rune('a'+i%26))), was)
		if status != http.StatusOK {
			t.Fatalf("%d %+v", status, a)
		}
		was = a.Digest
	}
	close(done)
	readers.Wait()
	d.alone()
}

// TestTwoPages has many pages write what they made of the same text: one of them
// does, and the others are told so.
func TestTwoPages(t *testing.T) {
	d := sit(t)
	was := d.get().Digest
	statuses := make(chan int, 16)
	var pages sync.WaitGroup
	for i := range cap(statuses) {
		pages.Go(func() {
			status, _ := d.put(fmt.Sprint("page ", i), was)
			statuses <- status
		})
	}
	pages.Wait()
	close(statuses)
	counts := make(map[int]int)
	for s := range statuses {
		counts[s]++
	}
	if counts[http.StatusOK] != 1 || counts[http.StatusConflict] != 15 {
		t.Errorf("the pages were answered %v", counts)
	}
	d.alone()
}

// TestDifference compares a text with the file.
func TestDifference(t *testing.T) {
	d := sit(t)
	body := func(text string) string {
		b, _ := json.Marshal(Change{Text: text})
		return string(b)
	}
	status, text := d.ask("POST", "05/difference", body(strings.Replace(stub, "// TODO", "<b>", 1)))
	want := "diff main.go yours\n--- main.go\n+++ yours\n@@ -1,5 +1,5 @@\n package main\n \n func main() {\n-\t// TODO\n+\t<b>\n }\n"
	if status != http.StatusOK || text != want {
		t.Errorf("%d %s", status, cmp.Diff(want, text))
	}
	if status, text = d.ask("POST", "05/difference", body(stub)); status != http.StatusOK || text != "" {
		t.Errorf("equal texts: %d %q", status, text)
	}
	d.holds(stub)
}
