// Package greet stands for a service of the lab.
package greet

// Word is what it says.
func Word() string { return "hello" }
