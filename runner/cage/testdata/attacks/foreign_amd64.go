package main

import "golang.org/x/sys/unix"

// foreign makes a call of x32, another table of calls on the same machine.
func foreign() { call("x32 getpid", 0x40000000|unix.SYS_GETPID) }
