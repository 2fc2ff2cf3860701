package trace

import (
	"debug/buildinfo"
	"debug/dwarf"
	"debug/elf"
	"debug/gosym"
	"errors"
	"fmt"
	"strings"

	"sockets/runner/recording"
)

// A program's binary: its line table, and where the runtime keeps things.
type program struct {
	entry uint64 // the address of its first instruction
	lines *gosym.Table
	text  [2]uint64 // its functions lie here, from and to
	data  [][2]uint64
	off   offsets
	allgs uint64 // address of runtime.allgs, 0 if the binary has no symbols
	inl   *inlines
	dirs  []string

	places map[uint64]*frame
}

// A frame is one place in the program's code.
type frame struct {
	fn  string           // "net.(*netFD).connect"
	pkg string           // "net"
	own *recording.Place // if it is in one of the program's own files

	lost bool // it is in one of them, but the line can't be told: the compiler inlined others' code
}

// open reads the binary at path.
func open(path string, dirs []string) (*program, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	p := &program{entry: f.Entry, places: make(map[uint64]*frame)}
	for _, dir := range dirs {
		p.dirs = append(p.dirs, strings.TrimSuffix(dir, "/")+"/")
	}
	text, table := f.Section(".text"), f.Section(".gopclntab")
	if table == nil {
		table = f.Section(".data.rel.ro.gopclntab") // of a position-independent binary
	}
	if text == nil || table == nil {
		return nil, fmt.Errorf("%s has no line table; only programs built by the Go toolchain can be traced", path)
	}
	data, err := table.Data()
	if err != nil {
		return nil, fmt.Errorf("read the line table of %s: %w", path, err)
	}
	p.text = [2]uint64{text.Addr, text.Addr + text.Size}
	if p.lines, err = gosym.NewTable(nil, gosym.NewLineTable(data, text.Addr)); err != nil {
		return nil, fmt.Errorf("read the line table of %s: %w", path, err)
	}
	for _, name := range []string{".bss", ".data", ".noptrbss", ".noptrdata"} {
		if s := f.Section(name); s != nil {
			p.data = append(p.data, [2]uint64{s.Addr, s.Addr + s.Size})
		}
	}
	if symbols, err := f.Symbols(); err == nil {
		p.use(f, symbols, data)
	}
	p.off, err = findOffsets(f, path)
	return p, err
}

// use takes from the symbols, which a binary need not have, what they tell.
func (p *program) use(f *elf.File, symbols []elf.Symbol, table []byte) {
	for _, s := range symbols {
		switch s.Name {
		case "runtime.allgs":
			p.allgs = s.Value
		case "go:func.*":
			if int(s.Section) >= len(f.Sections) {
				continue
			}
			section := f.Sections[s.Section]
			if data, err := section.Data(); err == nil && s.Value-section.Addr < uint64(len(data)) {
				p.inl = newInlines(table, p.text[0], data[s.Value-section.Addr:])
			}
		}
	}
}

// at is the place of the instruction at pc, nil if it is none of the program's.
func (p *program) at(pc uint64) *frame {
	if pc < p.text[0] || pc >= p.text[1] {
		return nil
	}
	if f, seen := p.places[pc]; seen {
		return f
	}
	file, line, fn := p.lines.PCToLine(pc)
	var f *frame
	if fn != nil {
		f = &frame{fn: fn.Name, pkg: fn.PackageName()}
		f.own = p.place(file, line, fn.Name)
		if f.own == nil && p.inDirs(fn.Entry) {
			f.own = p.outer(pc, fn.Name)
			f.lost = f.own == nil
		}
	}
	p.places[pc] = f
	return f
}

func (p *program) place(file string, line int, fn string) *recording.Place {
	for _, dir := range p.dirs {
		if rel, ok := strings.CutPrefix(file, dir); ok {
			return &recording.Place{File: rel, Line: line, Func: recording.Declared(fn)}
		}
	}
	return nil
}

// inDirs reports whether the function is declared in one of the program's own files.
func (p *program) inDirs(entry uint64) bool {
	file, line, _ := p.lines.PCToLine(entry)
	return p.place(file, line, "") != nil
}

// outer is the innermost line of the program's own around code of others that
// the compiler has put into its function, nil if the binary does not tell.
func (p *program) outer(pc uint64, fn string) *recording.Place {
	const deepest = 100
	for range deepest {
		call, ok := p.inl.outer(pc)
		if !ok {
			return nil
		}
		pc = call
		file, line, _ := p.lines.PCToLine(pc)
		if at := p.place(file, line, fn); at != nil {
			return at
		}
	}
	return nil
}

// offsets are those of the fields of runtime.g and runtime.m that the tracer
// reads.
type offsets struct {
	m, schedPC, schedBP, syscallPC, syscallBP, status, goid, parent, goPC uint64 // of a g
	procid, gsignal, curg                                                 uint64 // of an m
}

// known are the offsets of the releases of Go that this one was tried with, the
// same on amd64 and arm64. A test compares them with the debugging information.
var known = map[string]offsets{
	"go1.25": {
		m: 48, schedPC: 56 + 8, schedBP: 56 + 40, syscallPC: 112, syscallBP: 120,
		status: 144, goid: 152, parent: 272, goPC: 280,
		procid: 64, gsignal: 72, curg: 184,
	},
	"go1.26": {
		m: 48, schedPC: 56 + 8, schedBP: 56 + 40, syscallPC: 112, syscallBP: 120,
		status: 144, goid: 152, parent: 280, goPC: 288,
		procid: 64, gsignal: 72, curg: 184,
	},
}

var errNoOffsets = errors.New("the binary has no debugging information, and the layout of its Go release's goroutines is not known; build it without -ldflags=-w")

func findOffsets(f *elf.File, path string) (offsets, error) {
	built, err := buildinfo.ReadFile(path)
	if err != nil {
		return offsets{}, err
	}
	// The table comes first, as debugging information takes longer to read than
	// many a program to run.
	for release, off := range known {
		if built.GoVersion == release || strings.HasPrefix(built.GoVersion, release+".") {
			return off, nil
		}
	}
	if d, err := f.DWARF(); err == nil {
		if off, ok := fromDebug(d); ok {
			return off, nil
		}
	}
	return offsets{}, fmt.Errorf("%s (%s): %w", path, built.GoVersion, errNoOffsets)
}

// fromDebug takes the offsets from the binary's debugging information.
func fromDebug(d *dwarf.Data) (off offsets, ok bool) {
	g, m := structure(d, "runtime.g"), structure(d, "runtime.m")
	if g == nil || m == nil {
		return off, false
	}
	complete := true
	field := func(t *dwarf.StructType, name string) (uint64, *dwarf.StructType) {
		for _, f := range t.Field {
			if f.Name == name {
				inner, _ := f.Type.(*dwarf.StructType)
				if def, ok := f.Type.(*dwarf.TypedefType); ok {
					inner, _ = def.Type.(*dwarf.StructType)
				}
				return uint64(f.ByteOffset), inner
			}
		}
		complete = false
		return 0, nil
	}
	of := func(t *dwarf.StructType, name string) uint64 { o, _ := field(t, name); return o }
	off = offsets{
		m: of(g, "m"), syscallPC: of(g, "syscallpc"), syscallBP: of(g, "syscallbp"),
		status: of(g, "atomicstatus"), goid: of(g, "goid"), parent: of(g, "parentGoid"), goPC: of(g, "gopc"),
		procid: of(m, "procid"), gsignal: of(m, "gsignal"), curg: of(m, "curg"),
	}
	sched, gobuf := field(g, "sched")
	if gobuf == nil {
		return off, false
	}
	off.schedPC, off.schedBP = sched+of(gobuf, "pc"), sched+of(gobuf, "bp")
	return off, complete
}

func structure(d *dwarf.Data, name string) *dwarf.StructType {
	r := d.Reader()
	for {
		e, err := r.Next()
		if err != nil || e == nil {
			return nil
		}
		if e.Tag == dwarf.TagStructType && e.Val(dwarf.AttrName) == name {
			t, err := d.Type(e.Offset)
			if err != nil {
				return nil
			}
			s, _ := t.(*dwarf.StructType)
			return s
		}
		if e.Tag != dwarf.TagCompileUnit {
			r.SkipChildren()
		}
	}
}
