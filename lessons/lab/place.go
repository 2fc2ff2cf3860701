package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path"
	"path/filepath"
	"strconv"
)

// Domain is the zone of the lab's names.
const Domain = "lab.test"

// A Place is the lab's own network: where each service has its host, its name
// and its well-known port. The runner has such networks.
type Place struct {
	// Listen and ListenPacket take an address of the network, as those of
	// package net do.
	Listen       func(network, addr string) (net.Listener, error)
	ListenPacket func(network, addr string) (net.PacketConn, error)

	Dir string // where UNIX sockets are made; "" makes none
	As  string // how the lesson knows that folder; "" if by the same name
}

// Addrs is the addresses of the service's host in the lab's own network. Their
// last number is the port: www.lab.test is 192.0.2.80 and 2001:db8::80. It fails
// for a port that no such address can end in.
func (s *Service) Addrs() (v4, v6 netip.Addr, err error) {
	if s.Port < 1 || s.Port > 254 {
		return v4, v6, fmt.Errorf("%s has port %d, and the last number of 192.0.2.N is from 1 to 254", s.Name, s.Port)
	}
	v4 = netip.AddrFrom4([4]byte{192, 0, 2, byte(s.Port)})
	v6, err = netip.ParseAddr("2001:db8::" + strconv.Itoa(s.Port))
	return v4, v6, err
}

// StartAt runs the service in this process, at its own addresses of the place. A
// service with Hold takes nothing there: who answers at its address, or does
// not, is the network's matter. The caller must Close what it returns.
func (s *Service) StartAt(p Place) (*Running, error) {
	r := &Running{Service: s}
	return r.start(r.openAt(p))
}

func (r *Running) openAt(p Place) error {
	v4, v6, err := r.Service.Addrs()
	if err != nil {
		return err
	}
	if r.Addr, err = r.takeAt(p, "4", v4); err != nil {
		return err
	}
	if r.Addr6, err = r.takeAt(p, "6", v6); err != nil {
		return err
	}
	if !r.Service.Unix || p.Dir == "" {
		return nil
	}
	name := r.Service.Name + ".sock"
	ln, err := listen("unix", filepath.Join(p.Dir, name))
	if err != nil {
		return err
	}
	r.track(ln, listen)
	r.Path = filepath.Join(p.Dir, name)
	if p.As != "" {
		r.Path = path.Join(p.As, name)
	}
	return nil
}

// takeAt takes the service's port at an address of the place.
func (r *Running) takeAt(p Place, family string, at netip.Addr) (string, error) {
	addr := netip.AddrPortFrom(at, uint16(r.Service.Port)).String()
	if r.Service.Hold != nil {
		return addr, nil
	}
	if r.Service.Serve != nil {
		ln, err := p.Listen("tcp"+family, addr)
		if err != nil {
			return "", err
		}
		r.track(ln, p.Listen)
	}
	if r.Service.ServePacket == nil {
		return addr, nil
	}
	if p.ListenPacket == nil {
		return "", fmt.Errorf("%s needs datagrams, which this place does not have: %w", r.Service.Name, errors.ErrUnsupported)
	}
	conn, err := p.ListenPacket("udp"+family, addr)
	if err != nil {
		return "", err
	}
	r.trackPacket(conn)
	return addr, nil
}
