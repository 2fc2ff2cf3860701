package report

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRoster(t *testing.T) {
	want := []Student{{"ada", "Lovelace, Ada"}, {"bob", ""}, {"=cy", "Ünïcode"}}
	for _, text := range []string{
		"id,name\nada,\"Lovelace, Ada\"\nbob,\n=cy,Ünïcode\n",
		"\ufeffid;name\r\nada;Lovelace, Ada\r\nbob;\r\n=cy;Ünïcode\r\n",
		"\"id\";\"name\"\nada;\"Lovelace, Ada\"\nbob\n=cy;Ünïcode\n",
		"section\tname\tid\n\tLovelace, Ada\tada\n2\t\tbob\n\tÜnïcode\t=cy\n",
		"\ufeffname,section,ID\r\n\"Lovelace, Ada\",1, ada\r\n,2,bob\r\nÜnïcode,2,=cy",
	} {
		got, err := Roster("roster.csv", []byte(text))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("Roster(%q): %v (-want +got):\n%s", text, err, diff)
		}
	}
}

func TestRosterMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "roster.csv:1: the roster is empty",
		"student\nada\n":                   `roster.csv:1: the header is ["student"]`,
		"id\nada\n\"b\n\nc\"\nada\n":       `roster.csv:6: "ada" is on line 2 already`,
		"student;mark\nada;1\n":            `roster.csv:1: the header is ["student;mark"]; one column named id would be right, between commas, semicolons or tabs`,
		"id;name\nada;Ada\nada;Ada\n":      `roster.csv:3: "ada" is on line 2 already`,
		"id|name\nada|Ada\n":               `roster.csv:1: the header is ["id|name"]; one column named id would be right, between commas, semicolons or tabs`,
		"\xff\xfei\x00d\x00\n\x00":         "roster.csv:1: the roster is in UTF-16; UTF-8 would be right",
		"id,name\n,Nobody\n":               "roster.csv:2: a student without an id",
		"id\n\"ada\n":                      "roster.csv: ",
		"name,id\nAda\nBob,bob\nBob,bob\n": "roster.csv:2: a student without an id",
	} {
		_, err := Roster("roster.csv", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Roster(%q) = %v, want %s", text, err, want)
		}
	}
	_, err := Roster("r", []byte("id\n a\na\nb\nb\n"))
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("two mistakes are reported as %v", err)
	}
}

func FuzzRoster(f *testing.F) {
	f.Add([]byte("id,name\nada,Ada\n"))
	f.Add([]byte("name,id\r\n\"a\nb\",c\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		students, err := Roster("roster.csv", b)
		if err != nil {
			return
		}
		if err := (Class{Roster: students}).Validate(); err != nil {
			t.Errorf("a roster that was read is not valid: %v", err)
		}
	})
}

func TestClassroom50Env(t *testing.T) {
	env := map[string]string{
		"CLASSROOM": "c", "ASSIGNMENT": "a", "SUBMISSION_TAG": "submit/1", "COMMIT_URL": "https://x/c",
		"RELEASE_URL": "https://x/r", "REVIEW_URL": "https://x/v", "GITHUB_ACTOR": "ada", "GITHUB_ACTOR_ID": "7",
		"GITHUB_REPOSITORY_OWNER": "school",
	}
	want := Classroom50{
		Classroom: "c", Assignment: "a", Submission: "submit/1", Commit: "https://x/c", Release: "https://x/r",
		Review: "https://x/v", Handed: time.Time{}, Owner: "school", Username: "ada", UserID: 7, AssignmentType: "individual",
	}
	if diff := cmp.Diff(want, Classroom50FromEnv(func(name string) string { return env[name] })); diff != "" {
		t.Errorf("from the environment (-want +got):\n%s", diff)
	}
}
