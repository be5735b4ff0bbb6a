package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// shells are the names under which busybox is found in an image that has it.
var shells = []string{"sh", "ls", "cat", "env", "ps", "wget", "nslookup", "sleep", "true", "false", "kill", "echo", "id"}

// imageSpec is one row of the table of images.
type imageSpec struct {
	Program string            `json:"program"` // a file of the binaries' folder, the entry point
	Args    []string          `json:"args"`
	Env     map[string]string `json:"env"`
	Shell   bool              `json:"shell"` // with busybox beside the program, where the machine has one
	Does    string            `json:"does"`  // for people
}

// layers makes each layer once, since most images share them.
type layers struct {
	binaries string
	made     map[string]v1.Layer
}

func newLayers(binaries string) *layers { return &layers{binaries, map[string]v1.Layer{}} }

func build(spec imageSpec, layers *layers) (v1.Image, error) {
	parts, err := layers.of(spec)
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, parts...)
	if err != nil {
		return nil, err
	}
	return mutate.ConfigFile(image, configure(image, spec))
}

func configure(image v1.Image, spec imageSpec) *v1.ConfigFile {
	config, _ := image.ConfigFile() // in memory: cannot fail
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Created = v1.Time{Time: time.Unix(0, 0).UTC()} // the same digest at every start
	if spec.Program != "" {
		config.Config.Entrypoint = []string{"/" + spec.Program}
	}
	config.Config.Cmd = spec.Args
	config.Config.Env = environment(spec)
	return config
}

func environment(spec imageSpec) []string {
	variables := []string{"PATH=/bin"}
	for key, value := range spec.Env {
		variables = append(variables, key+"="+value)
	}
	sort.Strings(variables)
	return variables
}

// of gives the layers of an image: the shell, if it has one, and its program, if it has one.
func (l *layers) of(spec imageSpec) (parts []v1.Layer, err error) {
	if spec.Shell {
		if parts, err = l.add(parts, "busybox", addShell); err != nil {
			return nil, err
		}
	}
	if spec.Program == "" {
		return parts, nil
	}
	return l.add(parts, spec.Program, func(archive *tar.Writer) error {
		return addFile(archive, spec.Program, filepath.Join(l.binaries, spec.Program))
	})
}

func (l *layers) add(parts []v1.Layer, key string, fill func(*tar.Writer) error) ([]v1.Layer, error) {
	layer, err := l.once(key, fill)
	return append(parts, layer), err
}

func (l *layers) once(key string, fill func(*tar.Writer) error) (v1.Layer, error) {
	if layer, made := l.made[key]; made {
		return layer, nil
	}
	var text bytes.Buffer
	archive := tar.NewWriter(&text)
	if err := errors.Join(fill(archive), archive.Close()); err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text.Bytes())), nil }
	layer, err := tarball.LayerFromOpener(opener, tarball.WithCompressionLevel(gzip.BestSpeed))
	l.made[key] = layer
	return layer, err
}

// addShell adds busybox where the machine has a static one; without it the folder stays empty.
func addShell(archive *tar.Writer) error {
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "bin/", Mode: 0o755}); err != nil {
		return err
	}
	binary := firstExisting("/bin/busybox", "/usr/bin/busybox")
	if binary == "" {
		return nil
	}
	for _, shell := range shells {
		link := &tar.Header{Typeflag: tar.TypeSymlink, Name: "bin/" + shell, Linkname: "busybox", Mode: 0o777}
		if err := archive.WriteHeader(link); err != nil {
			return err
		}
	}
	return addFile(archive, "bin/busybox", binary)
}

func addFile(archive *tar.Writer, name, source string) error {
	content, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o755, Size: int64(len(content))}
	if err := archive.WriteHeader(header); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = archive.Write(content)
	return err
}

func firstExisting(files ...string) string {
	for _, file := range files {
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return ""
}
