package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

const cniFolder = "/var/lib/cni"

// room furnishes the namespaces that it was started in (network and mounts, both fresh) and keeps
// them alive until it is killed. Everything of a node that would lie outside the lab's folder lies
// in the room instead: /run is its own, /var/log/containers and /var/lib/cni are the lab's.
func room(arguments []string) error {
	flags := flag.NewFlagSet("room", flag.ExitOnError)
	directory := flags.String("dir", "", "the lab's folder of the run, seen in the room as /run/lab")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if err := furnish(*directory); err != nil {
		return err
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644); err != nil {
		return err
	}
	fmt.Println("ready") // whoever started the room reads this line
	waitForEnd()
	return nil
}

func furnish(directory string) error {
	for _, do := range []func(string) error{ownLog, ownCNI, ownRun, pretendTunables} {
		if err := do(directory); err != nil {
			return err
		}
	}
	return nil
}

func ownLog(directory string) error {
	return bind(filepath.Join(directory, "var-log"), "/var/log")
}

// ownCNI gives the network plugins' library its folder, and makes none outside of the room for that.
func ownCNI(directory string) error {
	if _, err := os.Stat(cniFolder); err == nil {
		return bind(filepath.Join(directory, "var-lib-cni"), cniFolder)
	}
	if program, err := os.Executable(); err != nil || strings.HasPrefix(program, "/var/lib/") {
		return bind(filepath.Join(directory, "var-lib-cni"), cniFolder)
	}
	return syscall.Mount("tmpfs", filepath.Dir(cniFolder), "tmpfs", 0, "mode=0755")
}

func ownRun(directory string) error {
	opened, err := os.Open(directory) // before a new /run may hide the way to it
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := syscall.Mount("tmpfs", "/run", "tmpfs", 0, "mode=0755"); err != nil {
		return fmt.Errorf("a /run of its own: %w", err)
	}
	return bind(fmt.Sprintf("/proc/self/fd/%d", opened.Fd()), "/run/lab")
}

// tunables is what a kubelet sets in the kernel of the whole machine, where it finds other values.
var tunables = map[string]string{
	"vm/overcommit_memory":      "1",
	"vm/panic_on_oom":           "0",
	"kernel/panic":              "10",
	"kernel/panic_on_oops":      "1",
	"kernel/keys/root_maxkeys":  "1000000",
	"kernel/keys/root_maxbytes": "25000000",
}

// pretendTunables shows the kubelet the values that it wants, so that the machine keeps its own.
func pretendTunables(string) error {
	for name, value := range tunables {
		file := filepath.Join("/run/tunables", filepath.Base(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := syscall.Mount(file, filepath.Join("/proc/sys", name), "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// bind shows source as target; either is made if it is not there.
func bind(source, target string) error {
	for _, folder := range []string{source, target} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	if err := syscall.Mount(source, target, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
		return fmt.Errorf("%s as %s: %w", source, target, err)
	}
	return nil
}

func waitForEnd() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	signal.Ignore(syscall.SIGHUP)
	<-end
}
