package frame

import "maps"

// Stand-ins for ephemeral ports begin here, and a port from ephemeral on is
// taken for one that the kernel chose.
const (
	firstPort = 50001
	ephemeral = 32768
)

// Ports gives stand-ins to ephemeral ports: 50001 to the first that it sees,
// 50002 to the next. A run has one, used for its output, its calls and its
// frames, so that all of them name the same port alike. The zero value is
// ready; it is not for use by several goroutines at once.
type Ports struct {
	of map[uint16]uint16
}

// NewPorts begins with the stand-ins that the map has for ports.
func NewPorts(of map[uint16]uint16) *Ports { return &Ports{of: maps.Clone(of)} }

// Stand is the stand-in of the port: the port itself below 32768, otherwise the
// number that it got when it was first seen. When all stand-ins are in use, a
// port stands for itself.
func (p *Ports) Stand(port uint16) uint16 {
	if port < ephemeral {
		return port
	}
	if to, ok := p.of[port]; ok {
		return to
	}
	to := port
	if n := firstPort + len(p.of); n <= 65535 {
		to = uint16(n)
	}
	if p.of == nil {
		p.of = make(map[uint16]uint16)
	}
	p.of[port] = to
	return to
}

// Known is the stand-in of a port that was seen, and whether it was.
func (p *Ports) Known(port uint16) (to uint16, ok bool) {
	to, ok = p.of[port]
	return to, ok
}
