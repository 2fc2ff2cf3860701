package export

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The cover's measures and colours: paper, ink and those of the three layers.
const coverWidth, coverHeight = 1600, 2400

var (
	paper    = color.RGBA{0xfc, 0xfb, 0xf8, 0xff}
	ink      = color.RGBA{0x22, 0x25, 0x2a, 0xff}
	soft     = color.RGBA{0x5d, 0x60, 0x68, 0xff}
	edge     = color.RGBA{0x8b, 0x86, 0x77, 0xff}
	cPrinted = color.RGBA{0x85, 0x56, 0x0a, 0xff}
	cKernel  = color.RGBA{0x5a, 0x3e, 0x9e, 0xff}
	cWire    = color.RGBA{0x0b, 0x6a, 0x60, 0xff}
)

// coverPicture is drawn once: it is always the same.
var coverPicture = sync.OnceValues(drawCover)

// drawCover is the book's cover, a ladder of three segments below its title,
// as PNG: not every reader draws SVG on its shelf.
func drawCover() ([]byte, error) {
	c := &cover{RGBA: image.NewRGBA(image.Rect(0, 0, coverWidth, coverHeight))}
	draw.Draw(c, c.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	c.text(gobold.TTF, 200, ink, 160, 470, "Sockets,")
	c.text(goregular.TTF, 200, soft, 160, 700, "line by line")
	c.text(goregular.TTF, 64, soft, 166, 850, "Network programming in Go")
	const kernel, program, peer, top, bottom = 640, 400, 1440, 1130, 2110
	c.fill(image.Rect(kernel, top, peer, bottom), color.RGBA{0xf0, 0xec, 0xe4, 0xff})
	for _, x := range []int{program, kernel, peer} {
		c.fill(image.Rect(x-3, top, x+4, bottom), edge)
	}
	for i, row := range []struct {
		text string
		out  bool
		asks bool
	}{{"SYN", true, true}, {"SYN, ACK", false, false}, {"ACK", true, false}, {"hello", true, true}, {"hello", false, true}} {
		y := top + 170 + i*170
		c.text(gomono.TTF, 54, ink, (kernel+peer)/2-17*len(row.text), y-24, row.text)
		if row.out {
			c.arrow(kernel, peer, y, cWire)
		} else {
			c.arrow(peer, kernel, y, cWire)
		}
		if row.asks && row.out {
			c.arrow(program, kernel, y, cKernel)
		} else if row.asks {
			c.arrow(kernel, program, y, cKernel)
		}
	}
	c.text(gomono.TTF, 54, cPrinted, 166, 2250, "$ go run ./lessons/01")
	if c.err != nil {
		return nil, fmt.Errorf("draw the cover: %w", c.err)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, c); err != nil {
		return nil, fmt.Errorf("draw the cover: %w", err)
	}
	return out.Bytes(), nil
}

// A cover is a picture with what is drawn on it.
type cover struct {
	*image.RGBA
	err error // the first
}

func (c *cover) fill(r image.Rectangle, with color.Color) {
	draw.Draw(c, r, image.NewUniform(with), image.Point{}, draw.Src)
}

// text writes a line that begins at x and stands on y.
func (c *cover) text(ttf []byte, size float64, with color.Color, x, y int, text string) {
	f, err := opentype.Parse(ttf)
	if err != nil {
		c.err = err
		return
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		c.err = err
		return
	}
	d := font.Drawer{Dst: c, Src: image.NewUniform(with), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
	if err := face.Close(); err != nil {
		c.err = err
	}
}

// arrow draws a level arrow between the two lifelines.
func (c *cover) arrow(from, to, y int, with color.Color) {
	const head = 30
	step := 1
	if to < from {
		step = -1
	}
	c.fill(image.Rect(min(from, to), y-4, max(from, to), y+4).Canon(), with)
	for i := range head {
		x := to - step*(i+4)
		c.fill(image.Rect(x, y-i*3/5, x+1, y+i*3/5+1), with)
	}
}
