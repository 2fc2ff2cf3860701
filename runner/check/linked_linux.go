package check

import (
	"debug/elf"
	"debug/gosym"
	"strings"
)

// linked reports whether a program holds functions of a package. A program that
// imports a package does, if only its init, however long the way to it was.
func linked(binary, pkg string) (bool, error) {
	f, err := elf.Open(binary)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	section := f.Section(".gopclntab")
	if section == nil {
		return false, elf.ErrNoSymbols
	}
	table, err := section.Data()
	if err != nil {
		return false, err
	}
	symbols, err := gosym.NewTable(nil, gosym.NewLineTable(table, f.Section(".text").Addr))
	if err != nil {
		return false, err
	}
	for _, f := range symbols.Funcs {
		if strings.HasPrefix(f.Name, pkg+".") {
			return true, nil
		}
	}
	return false, nil
}
