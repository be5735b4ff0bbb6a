package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sort"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// serveRegistry builds the images of a table in memory, pushes them to a registry of its own and
// serves that. It prints "ready" once every image can be pulled.
func serveRegistry(arguments []string) error {
	flags := flag.NewFlagSet("registry", flag.ExitOnError)
	listen := flags.String("listen", "127.0.0.1:5000", "address to serve at")
	table := flags.String("images", "images.json", "table of the images")
	binaries := flags.String("bin", "", "folder of the programs in the images")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	images, err := readTable(*table)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	quiet := log.New(io.Discard, "", 0)
	go func() { failed <- http.Serve(listener, registry.New(registry.Logger(quiet))) }()
	if err := pushAll(images, *binaries, listener.Addr().String()); err != nil {
		return err
	}
	fmt.Println("ready")
	return <-failed
}

func readTable(file string) (map[string]imageSpec, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	images := map[string]imageSpec{}
	return images, json.Unmarshal(text, &images)
}

func pushAll(images map[string]imageSpec, binaries, address string) error {
	references := make([]string, 0, len(images))
	for reference := range images {
		references = append(references, reference)
	}
	sort.Strings(references)
	layers := newLayers(binaries)
	for _, reference := range references {
		if err := push(address+"/"+reference, images[reference], layers); err != nil {
			return fmt.Errorf("%s: %w", reference, err)
		}
		fmt.Println("pushed", reference)
	}
	return nil
}

func push(reference string, spec imageSpec, layers *layers) error {
	tag, err := name.NewTag(reference, name.Insecure)
	if err != nil {
		return err
	}
	image, err := build(spec, layers)
	if err != nil {
		return err
	}
	return remote.Write(tag, image)
}
