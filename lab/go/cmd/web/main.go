// Command web is the service of the lab's images: an HTTP server on port 8080 that answers with its
// version, and that fails in the way its environment asks for.
//
//	VERSION   what it says it is                MODE    how it behaves, see modes
//	GREETING  a value to show                   AFTER   when, for the modes that wait: "5s"
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// server is what the modes may turn: whether it is ready, alive, and stops when it is told.
type server struct {
	ready, alive atomic.Bool
	deaf         bool
}

// modes is every behaviour by name. A mode that returns lets the server serve.
var modes = map[string]func(*server){
	"":            func(*server) {},
	"ok":          func(*server) {},
	"crash":       func(*server) { die(3, "fatal: cannot start: DATABASE_URL is not set") },
	"crash-later": func(*server) { later(func() { die(3, "fatal: lost the connection to the database") }) },
	"notready":    func(s *server) { s.ready.Store(false) },
	"slow":        func(s *server) { s.ready.Store(false); later(func() { s.ready.Store(true) }) },
	"liveness":    func(s *server) { later(func() { s.alive.Store(false) }) },
	"oom":         func(*server) { exhaustMemory() },
	"stubborn":    func(s *server) { s.deaf = true },
	"done":        func(*server) { say("done"); os.Exit(0) },
	"fail":        func(*server) { die(1, "error: migration 42 failed: relation \"users\" already exists") },
}

// mostMemory ends the exhausting where no limit does, so that it never is the machine's memory.
const mostMemory = 1 << 30

func main() {
	mode, known := modes[os.Getenv("MODE")]
	if !known {
		die(2, "fatal: unknown MODE "+os.Getenv("MODE"))
	}
	s := &server{}
	s.ready.Store(true)
	s.alive.Store(true)
	say("starting web " + version())
	mode(s)
	go s.stopWhenTold()
	say("listening on :8080")
	die(1, http.ListenAndServe(":8080", s.routes()).Error())
}

func (s *server) routes() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("/", answer)
	routes.HandleFunc("/ready", check(&s.ready, "not ready"))
	routes.HandleFunc("/live", check(&s.alive, "not alive"))
	return routes
}

func answer(w http.ResponseWriter, _ *http.Request) {
	host, _ := os.Hostname()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{
		"version": version(), "greeting": os.Getenv("GREETING"), "host": host,
	})
}

func check(is *atomic.Bool, problem string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if !is.Load() {
			http.Error(w, problem, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	}
}

// stopWhenTold ends at once at SIGTERM, or only says so where the mode is to be stubborn.
func (s *server) stopWhenTold() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	for range told {
		if !s.deaf {
			say("stopping")
			os.Exit(0)
		}
		say("told to stop, and going on")
	}
}

func later(do func()) {
	after, err := time.ParseDuration(os.Getenv("AFTER"))
	if err != nil {
		after = 5 * time.Second
	}
	time.AfterFunc(after, do)
}

func exhaustMemory() {
	var held [][]byte
	for size := 0; size < mostMemory; size += 1 << 20 {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1 // touched, or it takes no memory
		}
		held = append(held, block)
	}
	die(1, fmt.Sprintf("error: took %d MiB and no limit stopped it", len(held)))
}

func version() string {
	if version := os.Getenv("VERSION"); version != "" {
		return version
	}
	return "v0"
}

func say(line string) { fmt.Println(line) }

func die(code int, words string) {
	fmt.Fprintln(os.Stderr, words)
	os.Exit(code)
}
