package export_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sockets/runner/build"
	"sockets/runner/export"
	"sockets/runner/page"
)

// course is the real lessons with the recordings in the tree.
func course(tb testing.TB) *page.Site {
	tb.Helper()
	return load(tb, "../..")
}

func load(tb testing.TB, root string) *page.Site {
	tb.Helper()
	site, err := build.Pages(tb.Context(), build.Options{Root: root, Replay: true})
	if err != nil {
		tb.Fatal(err)
	}
	return site
}

// made exports the lessons and gives the files' bytes by name.
func made(tb testing.TB, site *page.Site, format string, numbers ...string) map[string][]byte {
	tb.Helper()
	f, err := export.Find(format)
	if err != nil {
		tb.Fatal(err)
	}
	out := tb.TempDir()
	if f.Course {
		out = filepath.Join(out, export.FileName("", f))
	}
	names, err := export.Write(context.Background(), site, numbers, f, out)
	if err != nil {
		tb.Fatalf("export as %s: %v", format, err)
	}
	files := make(map[string][]byte)
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		files[filepath.Base(name)] = data
	}
	return files
}

// The texts of a hostile lesson. What they would do if they were taken for
// anything but text shows as "alert(1)".
const (
	evil = `</samp></code></pre></script></style></svg>]]><script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) "onclick=alert(1) {{x}} $x$ ` + "`'\\u001b[2J\\u001b]0;x\\u0007\\r"
	safe = `<script>alert(1)</script><img src=x onerror=alert(1)>`
)

// hostile is a course of one lesson by an enemy: title, commentary, captions,
// output, calls and frames try to be more than text.
func hostile(tb testing.TB) *page.Site {
	tb.Helper()
	root := tb.TempDir()
	quoted := strings.NewReplacer(`"`, `\"`, "`", `\u0060`).Replace(evil)
	quoted = strings.ReplaceAll(quoted, `\\u00`, `\u00`)
	record := func(run string) string {
		return `{"lesson":"01","run":"` + run + `","program":"main.go","args":["` + quoted + `"],"level":"full","go":"` + quoted + `","os":"linux","arch":"amd64","end":{"exit":0}}
{"at":{"file":"main.go","line":7},"output":{"stream":"stdout","text":"` + quoted + `\n"}}
{"at":{"file":"main.go","line":7},"output":{"stream":"stderr","text":"%%script rm\n!rm ` + quoted + `\n"}}
{"at":{"file":"main.go","line":7},"call":{"id":1,"name":"` + quoted + `","args":["` + quoted + `"],"result":"` + quoted + `","errno":"` + quoted + `","fd":"` + quoted + `","note":"` + quoted + `"}}
{"at":{"file":"main.go","line":7},"frame":{"n":1,"dir":"out","proto":"` + quoted + `","from":"` + quoted + `","to":"` + quoted + `","flags":"` + quoted + `","summary":"` + quoted + `","call":1,"size":60,"fault":"` + quoted + `","by_host":"` + quoted + `","options":["` + quoted + `"]}}
`
	}
	program := "// Command 01 prints.\npackage main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(\"</code></script><script>alert(1)</script>\", `]]>`)\n}\n"
	text := "`" + safe + "`"
	for name, data := range map[string]string{
		"go.mod": "module x\n",
		"lessons/01/lesson.md": "---\ntitle: '" + safe + " $x$ *x* [x](y)'\nsummary: '" + safe + "'\nminutes: 1\nruns:\n  - name: wrong\n    program: pitfalls/wrong\n---\n\n" +
			"## Predict first\n\nWhat " + text + "? Costs $1 or $2, \\<script>alert(1)\\</script>, a_b_c, 1. 2\n\n* * *\n\n" + text + "\n\n## The idea\n\n" + text + "\n\n- " + text + "\n\n" +
			"| " + text + " | b |\n|---|---|\n| " + text + " | [x](https://example.org/?a=1&b=%22) |\n\n```text\n" + safe + "\n```\n\n" +
			"## The program\n\n[" + text + "](main.go#main)\n\n## The whole run\n\n[" + text + "](recordings/main.jsonl)\n\n[" + text + "](recordings/main.jsonl#kernel)\n\n[" + text + "](recordings/main.jsonl#wire)\n\n" +
			"## Pitfalls\n\n### " + text + "\n\n[x](pitfalls/wrong/main.go#main)\n\n[x](recordings/wrong.jsonl)\n\n" +
			"## Terms\n\n" + text + "\n: " + text + "\n\nb\n: c\n\nd\n: e\n\n## Questions\n\n### " + text + "\n\n" + text + "\n\n### b\n\nb\n\n### c\n\nc\n\n### d\n\nd\n",
		"lessons/01/main.go":                program,
		"lessons/01/pitfalls/wrong/main.go": program,
		"lessons/01/recordings/main.jsonl":  record("main"),
		"lessons/01/recordings/wrong.jsonl": strings.ReplaceAll(record("wrong"), `"main.go"`, `"pitfalls/wrong/main.go"`),
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return load(tb, root)
}
