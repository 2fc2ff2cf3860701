//go:build amd64 || arm64

package trace

import (
	"bytes"
	"debug/buildinfo"
	"debug/dwarf"
	"debug/elf"
	"debug/gosym"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"sockets/runner/recording"
)

// A program's binary: its line table, and where the runtime keeps things.
type program struct {
	file  []byte // all of it, mapped
	elf   *elf.File
	entry uint64 // the address of its first instruction
	table []byte // the line table
	lines *gosym.Table
	text  [2]uint64 // its functions lie here, from and to
	off   offsets
	dirs  []string // with a slash at their end

	inl     *inlines
	inlRead bool

	places map[uint64]*frame // what at gave
}

// A frame is one place in the program's code.
type frame struct {
	fn  string           // "net.(*netFD).connect"
	pkg string           // "net"
	own *recording.Place // if it is in one of the program's own files

	lost bool // it is in one of them, but the line can't be told: the compiler inlined others' code
}

// open maps the binary at path into memory: most of its tables will never be
// looked at.
func open(path string, dirs []string) (*program, error) {
	p := &program{places: make(map[uint64]*frame)}
	for _, dir := range dirs {
		p.dirs = append(p.dirs, strings.TrimSuffix(dir, "/")+"/")
	}
	if err := p.load(path); err != nil {
		p.close()
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return p, nil
}

func (p *program) load(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return errors.New("the file is empty")
	}
	if p.file, err = unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE); err != nil {
		return fmt.Errorf("map it: %w", err)
	}
	if p.elf, err = elf.NewFile(bytes.NewReader(p.file)); err != nil {
		return fmt.Errorf("it is no program for Linux: %w", err)
	}
	p.entry = p.elf.Entry
	text, table := p.elf.Section(".text"), p.elf.Section(".gopclntab")
	if table == nil {
		table = p.elf.Section(".data.rel.ro.gopclntab") // of a position-independent binary
	}
	if text == nil || table == nil {
		return errors.New("it has no line table; only programs built by the Go toolchain can be traced")
	}
	p.text = [2]uint64{text.Addr, text.Addr + text.Size}
	p.table = p.section(table)
	if p.lines, err = gosym.NewTable(nil, gosym.NewLineTable(p.table, text.Addr)); err != nil {
		return fmt.Errorf("its line table: %w", err)
	}
	p.off, err = p.findOffsets()
	return err
}

// close unmaps the binary. What at has given stays valid.
func (p *program) close() {
	if p.file != nil {
		_ = unix.Munmap(p.file)
		p.file = nil
	}
}

// section is the section's bytes as they stand in the file.
func (p *program) section(s *elf.Section) []byte {
	if s.Type == elf.SHT_NOBITS || s.Flags&elf.SHF_COMPRESSED != 0 || s.Offset+s.FileSize > uint64(len(p.file)) {
		return nil
	}
	return p.file[s.Offset : s.Offset+s.FileSize]
}

// symbol finds one of the symbols, which a binary need not have. It is used for
// few programs, and then once.
func (p *program) symbol(name string) (s elf.Symbol, ok bool) {
	symbols, err := p.elf.Symbols()
	if err != nil {
		return s, false
	}
	for _, s := range symbols {
		if s.Name == name {
			return s, true
		}
	}
	return s, false
}

// inlines is nil if the binary does not tell.
func (p *program) inlines() *inlines {
	if p.inlRead {
		return p.inl
	}
	p.inlRead = true
	if s, ok := p.symbol("go:func.*"); ok && int(s.Section) < len(p.elf.Sections) {
		section := p.elf.Sections[s.Section]
		if b := p.section(section); s.Value-section.Addr < uint64(len(b)) {
			p.inl = newInlines(p.table, p.text[0], b[s.Value-section.Addr:])
		}
	}
	return p.inl
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
		call, ok := p.inlines().outer(pc)
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

// offsets are those of the fields of a runtime.g, and one of a runtime.m.
type offsets struct{ m, goid, parent, goPC, curg uint64 }

// known are the offsets of the releases of Go that this one was tried with, the
// same on amd64 and arm64. A test compares them with the debugging information.
var known = map[string]offsets{
	"go1.25": {m: 48, goid: 152, parent: 272, goPC: 280, curg: 184},
	"go1.26": {m: 48, goid: 152, parent: 280, goPC: 288, curg: 184},
}

var errNoOffsets = errors.New("the binary has no debugging information, and the layout of its Go release's goroutines is not known; build it without -ldflags=-w")

func (p *program) findOffsets() (offsets, error) {
	built, err := buildinfo.Read(bytes.NewReader(p.file))
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
	if d, err := p.elf.DWARF(); err == nil {
		if off, ok := fromDebug(d); ok {
			return off, nil
		}
	}
	return offsets{}, fmt.Errorf("%s: %w", built.GoVersion, errNoOffsets)
}

// fromDebug takes the offsets from the binary's debugging information.
func fromDebug(d *dwarf.Data) (off offsets, ok bool) {
	g, m := structure(d, "runtime.g"), structure(d, "runtime.m")
	if g == nil || m == nil {
		return off, false
	}
	found := 0
	of := func(t *dwarf.StructType, name string) uint64 {
		for _, f := range t.Field {
			if f.Name == name {
				found++
				return uint64(f.ByteOffset)
			}
		}
		return 0
	}
	off = offsets{m: of(g, "m"), goid: of(g, "goid"), parent: of(g, "parentGoid"), goPC: of(g, "gopc"), curg: of(m, "curg")}
	return off, found == 5
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
