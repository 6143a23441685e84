package dataosmanifest

import (
	"regexp"
	"strings"
)

// Document is one document of a stream.
type Document struct {
	File string
	Line int // of the stream, on which it begins
	Text string
}

// directive is what may say that a document is YAML: it changes nothing in how it is read.
var directive = regexp.MustCompile(`^%YAML[ \t]+1\.[0-9]+[ \t]*(#.*)?\r?\n?$`)

// Split divides a stream at its "---" and "..." lines, which YAML allows nowhere else. What holds nothing but comments is
// left out.
func Split(file, stream string) []Document {
	var docs []Document
	var text strings.Builder
	start, line := 1, 0
	end := func(next int) {
		if !blank(text.String()) {
			docs = append(docs, Document{file, start, text.String()})
		}
		text.Reset()
		start = next
	}
	for content := range strings.Lines(stream) {
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

// blank tells whether a document holds nothing but comments.
func blank(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}
