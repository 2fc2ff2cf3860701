package similarity

import (
	"go/scanner"
	"go/token"
)

// A word is a token of Go without its name or value, and the line it is on.
type word struct {
	kind token.Token
	line int32
}

// words are the tokens of a file as they are compared. What says nothing about
// who wrote it is gone: names and values (folded by kind), comments, line
// breaks, the package clause and the imports, and the comma or semicolon that
// only the layout decides. Source that is not Go gives what can be read of it.
func words(f File) []word {
	set := token.NewFileSet()
	file := set.AddFile(f.Name, -1, len(f.Source))
	var s scanner.Scanner
	s.Init(file, f.Source, func(token.Position, string) {}, 0)
	var all []word
	depth := 0
	clause := false // within package or import
	for {
		pos, kind, _ := s.Scan()
		if kind == token.EOF || len(all) == wordsKept {
			return all
		}
		switch kind {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		}
		switch {
		case clause:
			clause = kind != token.SEMICOLON || depth > 0
			continue
		case depth == 0 && (kind == token.PACKAGE || kind == token.IMPORT):
			clause = true
			continue
		case kind == token.RPAREN, kind == token.RBRACE, kind == token.RBRACK:
			for n := len(all); n > 0 && (all[n-1].kind == token.COMMA || all[n-1].kind == token.SEMICOLON); n-- {
				all = all[:n-1]
			}
		}
		// PositionFor without adjustment: //line must not move a place.
		all = append(all, word{kind, int32(file.PositionFor(pos, false).Line)})
	}
}
