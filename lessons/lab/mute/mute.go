// Package mute is a port of the lab that does not answer: SYNs to it are
// dropped, as by a firewall, and a dial takes as long as its deadline. Behind
// it is a listener whose queue is full and who never accepts. Only Linux drops
// SYNs then; on other systems there is no such port.
package mute

import (
	"sockets/lessons/lab"
)

// Service is this port's place in the lab.
var Service = &lab.Service{Name: "mute", Host: "mute.lab.test", Port: 11, Hold: Hold}

func init() { Service.Become() }

// Addr returns the port's IPv4 address; the first use takes it.
func Addr() string { return Service.Addr() }

// Addr6 returns the port's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }
