//go:build !linux

package main

import "errors"

func room([]string) error { return errors.New("a room of its own needs Linux") }
