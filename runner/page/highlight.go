package page

import (
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// A lexer must not be used by two goroutines before it has compiled its rules.
var lexerOf = map[string]func() chroma.Lexer{
	"go":     sync.OnceValue(func() chroma.Lexer { return compiled("go") }),
	"python": sync.OnceValue(func() chroma.Lexer { return compiled("python") }),
}

func compiled(name string) chroma.Lexer {
	l := chroma.Coalesce(lexers.Get(name))
	_, _ = l.Tokenise(nil, "x") // compiles; a text this short has no errors
	return l
}

// highlight is the code as HTML, one string a line, its tokens in spans with
// chroma's short classes. What can't be read is left plain.
func highlight(lang, code string) []string {
	code = strings.TrimSuffix(code, "\n")
	tokens, err := lexerOf[lang]().Tokenise(nil, code)
	if err != nil {
		return strings.Split(escape.Replace(code), "\n")
	}
	var lines []string
	for _, line := range chroma.SplitTokensIntoLines(tokens.Tokens()) {
		lines = append(lines, spans(line))
	}
	for len(lines) < strings.Count(code, "\n")+1 {
		lines = append(lines, "")
	}
	return lines
}

// escape is for text between tags, where quotes are only themselves.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\x00", "�")

func spans(line []chroma.Token) string {
	var b strings.Builder
	at := breaks(strings.TrimSuffix(chroma.Stringify(line...), "\n"))
	from := 0
	for _, t := range line {
		text := breakable(strings.TrimSuffix(t.Value, "\n"), from, at)
		from += len(t.Value)
		class := chroma.StandardTypes[t.Type]
		switch {
		case text == "":
		case class == "" || plain(t.Type):
			b.WriteString(text)
		default:
			b.WriteString(`<span class="` + class + `">` + text + `</span>`)
		}
	}
	return b.String()
}

// plain reports whether tokens of the type look like the text around them: all
// but keywords, built-in names, strings, numbers and comments.
func plain(t chroma.TokenType) bool {
	coloured := t.InCategory(chroma.Keyword) || t.InCategory(chroma.Literal) || t.InCategory(chroma.Comment) ||
		t == chroma.NameBuiltin || t == chroma.NameBuiltinPseudo
	return !coloured
}

// code is the highlighted lines of the program, made when first asked for.
func (p *program) code() []string {
	if p.lines == nil {
		p.lines = highlight("go", strings.Join(p.file.Lines, "\n"))
	}
	return p.lines
}
