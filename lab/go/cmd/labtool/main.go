// Command labtool does for the lab what needs more than a script: its keys, its room and its registry.
package main

import (
	"fmt"
	"os"
)

var commands = map[string]func(arguments []string) error{
	"keys":     keys,
	"room":     room,
	"registry": serveRegistry,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: labtool keys|room|registry [flags]")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "labtool %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
