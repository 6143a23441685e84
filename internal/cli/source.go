package cli

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
)

// maxSource bounds a file of manifests, in bytes.
const maxSource = 16 << 20

// source is a file of manifests.
type source struct {
	name    string
	content string
	walked  bool // it was found in a folder
}

// readSources reads files, folders (their .yaml, .yml and .json files at all depths, in order of their paths) and
// standard input, written "-".
func readSources(paths []string, stdin io.Reader) ([]source, error) {
	var sources []source
	for i, path := range paths {
		if path == "-" {
			if slices.Contains(paths[:i], path) {
				return nil, usage("standard input is given twice")
			}
			s, err := readSource("standard input", stdin)
			if err != nil {
				return nil, err
			}
			sources = append(sources, s)
			continue
		}
		files, err := manifestFiles(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			s, err := readSourceFile(file)
			if err != nil {
				return nil, err
			}
			s.walked = file != path
			sources = append(sources, s)
		}
	}
	return sources, nil
}

// withoutNamed leaves out what was found in a folder and is a file that a manifest of DataOS names.
func withoutNamed(sources []source, options func(source) dataosmanifest.Options) []source {
	named := map[string]bool{}
	for _, s := range sources {
		o := options(s)
		o.ReadFile = func(path string) ([]byte, error) {
			if !filepath.IsAbs(path) {
				path = filepath.Join(filepath.Dir(s.name), path)
			}
			if path = absolute(path); path != absolute(s.name) {
				named[path] = true
			}
			return nil, nil
		}
		_, _ = dataosmanifest.ParseAll(s.name, s.content, o) // what is wrong is told once it is read for good
	}
	return slices.DeleteFunc(sources, func(s source) bool { return s.walked && named[absolute(s.name)] })
}

// absolute is a path as it is compared with others.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return filepath.Clean(path)
}

// manifestFiles returns the path itself, or the manifests of a folder.
func manifestFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading manifests: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		extension := strings.ToLower(filepath.Ext(file))
		if !entry.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, extension) {
			files = append(files, file)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading manifests: %w", err)
	}
	if len(files) == 0 {
		return nil, usage("the folder " + path + " holds no .yaml, .yml or .json file")
	}
	return files, nil
}

func readSourceFile(path string) (source, error) {
	f, err := os.Open(path)
	if err != nil {
		return source{}, fmt.Errorf("reading manifests: %w", err)
	}
	defer f.Close()
	return readSource(path, f)
}

func readSource(name string, from io.Reader) (source, error) {
	content, err := io.ReadAll(io.LimitReader(from, maxSource+1))
	if err != nil {
		return source{}, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(content) > maxSource {
		return source{}, usage(fmt.Sprintf("%s is larger than %d bytes", name, maxSource))
	}
	return source{name: name, content: strings.TrimPrefix(string(content), "\uFEFF")}, nil
}

// document is one YAML document of a source.
type document struct {
	dataosmanifest.Document
	where string // for errors: the file, and which document of it
	json  bool   // the source says that it is JSON
}

// documents divides a source.
func (s source) documents() []document {
	var docs []document
	for i, doc := range dataosmanifest.Split(s.name, s.content) {
		where := fmt.Sprintf("%s, document %d (line %d)", s.name, i+1, doc.Line)
		docs = append(docs, document{doc, where, strings.EqualFold(filepath.Ext(s.name), ".json")})
	}
	return docs
}
