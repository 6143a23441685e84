package cli

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxSource bounds a file of manifests, in bytes.
const maxSource = 16 << 20

// source is a file of manifests.
type source struct {
	name    string
	content string
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
			sources = append(sources, s)
		}
	}
	return sources, nil
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
	return source{name, strings.TrimPrefix(string(content), "\uFEFF")}, nil
}

// document is one YAML document of a source.
type document struct {
	where string // for errors: the file, and which document of it
	text  string
	json  bool // the source says that it is JSON
}

// blank tells whether a document holds nothing but comments.
func blank(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}

// directive is what may say that a document is YAML: it changes nothing in how it is read.
var directive = regexp.MustCompile(`^%YAML[ \t]+1\.[0-9]+[ \t]*(#.*)?\r?\n?$`)

// documents divides a source at its "---" and "..." lines, which YAML allows nowhere else.
func (s source) documents() []document {
	var docs []document
	var text strings.Builder
	start, line := 1, 0
	end := func(next int) {
		if !blank(text.String()) {
			where := fmt.Sprintf("%s, document %d (line %d)", s.name, len(docs)+1, start)
			docs = append(docs, document{where, text.String(), strings.EqualFold(filepath.Ext(s.name), ".json")})
		}
		text.Reset()
		start = next
	}
	for content := range strings.Lines(s.content) {
		line++
		marker, rest := content[:min(3, len(content))], content[min(3, len(content)):]
		if (marker != "---" && marker != "...") || rest != "" && !strings.ContainsAny(rest[:1], " \t\r\n") {
			if directive.MatchString(content) && blank(text.String()) {
				content = "\n"
			}
			text.WriteString(content)
			continue
		}
		end(line + 1)
		if marker == "---" && strings.TrimSpace(rest) != "" {
			start = line
			text.WriteString(rest)
		}
	}
	end(line)
	return docs
}
