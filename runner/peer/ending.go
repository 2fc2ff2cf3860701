package peer

import (
	"bytes"
	"errors"
	"io"
	"net"
	"syscall"
)

// An End is how our reading ended.
type End int

// The ends.
const (
	Unended         End = iota // by an error that is none of these
	EndOfStream                // FIN: the other side will send no more
	ConnectionReset            // RST
	StillOpen                  // our deadline passed, or we had enough
	CutByUs                    // we reset the connection
)

// An Ending is the outcome of a conversation in one name. The zero value is
// Unknown.
type Ending int

// The endings.
const (
	Unknown          Ending = iota
	Clean                   // the full reply, then EOF
	ResetAfter              // the full reply, then or with it a RST
	ResetBefore             // a RST before the reply was full
	HalfCloseIgnored        // we closed our side, and the other side waits on
	Short                   // the beginning of the reply, then EOF or nothing
	Extra                   // the full reply, and more
	Other                   // bytes that are not the reply's
	Nothing                 // no byte came
	Open                    // the full reply, and the connection is still open
	ByUs                    // we reset it
)

var endings = [...]struct{ name, about string }{
	Unknown:          {"unknown", "The conversation has not been judged."},
	Clean:            {"clean EOF", "The full reply came, then the end of the stream."},
	ResetAfter:       {"RST after the full reply", "The full reply came, but the connection was reset: the program closed it while some of our input was unread."},
	ResetBefore:      {"RST before the full reply", "The connection was reset before the full reply had come."},
	HalfCloseIgnored: {"half-close ignored", "We closed our side, and the program did not end its own before the deadline."},
	Short:            {"short", "Only the beginning of the reply came."},
	Extra:            {"extra bytes", "The full reply came, and more bytes after it."},
	Other:            {"other bytes", "Other bytes came than the reply has."},
	Nothing:          {"nothing", "No byte came."},
	Open:             {"open", "The full reply came, and the connection stayed open."},
	ByUs:             {"reset by us", "We reset the connection."},
}

// String is the ending's name.
func (e Ending) String() string {
	if e < 0 || int(e) >= len(endings) {
		return "unknown"
	}
	return endings[e].name
}

// About is the ending in a sentence.
func (e Ending) About() string {
	if e < 0 || int(e) >= len(endings) {
		return endings[Unknown].about
	}
	return endings[e].about
}

// Judge names the outcome: the bytes first, then how they ended. A reset does
// not make bytes that came less true, and which of EOF and RST our kernel shows
// first depends on who was faster. If want is nil, whatever came was wanted;
// half says that we had closed our side.
func Judge(want, got []byte, end End, half bool) Ending {
	full := want == nil && len(got) > 0 || want != nil && bytes.Equal(want, got)
	switch {
	case end == CutByUs:
		return ByUs
	case end == Unended:
		return Unknown
	case full && end == EndOfStream:
		return Clean
	case full && end == ConnectionReset:
		return ResetAfter
	case full && half:
		return HalfCloseIgnored
	case full:
		return Open
	case len(want) > 0 && len(got) > len(want) && bytes.HasPrefix(got, want):
		return Extra
	case len(got) > 0 && !bytes.HasPrefix(want, got):
		return Other
	case end == ConnectionReset:
		return ResetBefore
	case len(got) == 0 && end == StillOpen && half:
		return HalfCloseIgnored
	case len(got) == 0:
		return Nothing
	default:
		return Short
	}
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// isReset reports whether err is a reset, as reads and writes tell it.
func isReset(err error) bool {
	for _, no := range resets {
		if errors.Is(err, no) {
			return true
		}
	}
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// isNotConnected reports whether a half-close came too late.
func isNotConnected(err error) bool { return errors.Is(err, syscall.ENOTCONN) || isReset(err) }

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }
