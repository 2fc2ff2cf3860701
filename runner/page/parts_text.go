package page

import (
	"fmt"
	"strings"
)

// What a cell shows, in words instead of markup.

// printedRows is the rows as text; of a row that repeats, one is kept, and more
// rows were left out.
func printedRows(rows []outputRow, more int) []Printed {
	var all []Printed
	for _, row := range rows {
		text := row.Text
		if row.Times > 1 {
			text += "  × " + thousands(row.Times)
		}
		all = append(all, Printed{row.Stderr, string(visible([]byte(text))) + "\n"})
	}
	if more > 0 {
		all = append(all, Printed{Text: fmt.Sprintf("and %s more lines\n", thousands(more))})
	}
	return all
}

// more says what stands in for rows that are not shown.
func more(what, name string, n, of int) string {
	switch {
	case of > 1:
		return fmt.Sprintf("these %d %s again and again: %s more", of, what, thousands(n))
	case name != "":
		return fmt.Sprintf("%s × %s more", name, thousands(n))
	case of == 1:
		return fmt.Sprintf("%s like these: %s more", what, thousands(n))
	}
	return fmt.Sprintf("and %s more", thousands(n))
}

// text is the call, and the note on it.
func (c callRow) text() (text, note string) {
	if c.More > 0 {
		return more("calls", c.Name, c.More, c.Of), ""
	}
	text = fmt.Sprintf("%s(%s) = %s", c.Name, c.Args, c.Result)
	if c.Errno != "" {
		text += " " + c.Errno
	}
	if c.Noted > 0 {
		text = fmt.Sprintf("%s: %d calls", c.Name, c.Noted)
	} else if c.Times > 1 {
		text += "  × " + thousands(c.Times)
	}
	var said []string
	if c.FD != "" {
		said = append(said, c.FD)
	}
	if c.Millis > 0 {
		said = append(said, fmt.Sprintf("%d ms", c.Millis))
	}
	if c.Inherited {
		said = append(said, "on a goroutine that this line started")
	}
	return oneLine(text, said), oneLine(c.Note, nil)
}

func (f frameRow) text() string {
	if f.More > 0 {
		return more("frames", "", f.More, f.Of)
	}
	arrow := "← "
	if f.Out {
		arrow = "→ "
	}
	var said []string
	if f.Fault != "" {
		said = append(said, f.Fault)
	}
	if f.ByHost != "" {
		who := "by the other kernel"
		if f.Out {
			who = "by the kernel itself"
		}
		if f.ByHost != f.Flags {
			who += ": " + f.ByHost
		}
		said = append(said, who)
	}
	if f.Millis > 0 {
		said = append(said, fmt.Sprintf("+%d ms", f.Millis))
	}
	return oneLine(arrow+f.Proto+" "+f.Summary, said)
}

// oneLine is the text and what is said of it; a recording may hold anything.
func oneLine(text string, said []string) string {
	if len(said) > 0 {
		text += "  (" + strings.Join(said, "; ") + ")"
	}
	return strings.ReplaceAll(string(visible([]byte(text))), "\n", `\n`)
}

func (e *endView) text() string {
	text := e.Text
	for i, p := range e.Waiting {
		if i == 0 {
			text += ": it waited at "
		} else {
			text += ", "
		}
		text += p.Where
	}
	return text
}
