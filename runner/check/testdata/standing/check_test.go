package main

import (
	"testing"

	"sockets/runner/check"
)

func TestMain(m *testing.M) { check.Main(m, "standing") }

func talk(c *check.Conn) {
	c.Send("hello\n")
	c.Want("hello\n")
}

func TestReturnsDescriptors(t *testing.T) { check.ReturnsDescriptors(t, talk) }
func TestKeepsThreads(t *testing.T)       { check.KeepsThreads(t, talk) }
func TestKeepsMemory(t *testing.T)        { check.KeepsMemory(t, talk) }
func TestStaysIdle(t *testing.T)          { check.StaysIdle(t, talk) }
func TestEndsOnSIGTERM(t *testing.T)      { check.EndsOnSIGTERM(t, talk) }
