package cli

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// What a projection delivers is told to people as FROM -> TO, a line each. For all there is to it, there are JSON and YAML.

// describe writes a message for people, in lines.
func describe(m proto.Message) []string {
	switch m := m.(type) {
	case *cofferv1.Projection_Item:
		return []string{describeItem(m)}
	case *cofferv1.Projection_Source:
		return []string{describeSource(m)}
	case *cofferv1.Projection_Template:
		return describeTemplate(m)
	case *cofferv1.Projection_Spark:
		return []string{describeSpark(m)}
	case *cofferv1.Projection_Workload:
		return describeWorkload(m)
	}
	return []string{formatMessage(m)}
}

// notes collects what is said only where it is so.
type notes []string

func (n *notes) add(so bool, format string, args ...any) {
	if so {
		*n = append(*n, fmt.Sprintf(format, args...))
	}
}

func describeItem(item *cofferv1.Projection_Item) string {
	keys := "key " + item.GetKey()
	switch {
	case item.GetUrl() != cofferv1.Projection_URL_UNSPECIFIED:
		keys = "URL for " + item.GetUrl().String()
	case item.GetAllKeys():
		keys = "all keys"
	case len(item.GetKeys()) > 0:
		keys = "keys " + strings.Join(item.GetKeys(), ", ")
	}
	var to notes
	to.add(item.GetEnv() != "", "variable %s", item.GetEnv())
	to.add(item.EnvPrefix != nil, "variables %s*", item.GetEnvPrefix())
	to.add(item.GetEnvCase() != cofferv1.Projection_CASE_UNSPECIFIED, "in %s", item.GetEnvCase())
	to = append(to, targets(item, item.Argument != nil)...)
	to.add(item.SparkConfPrefix != nil, "Spark %s*", item.GetSparkConfPrefix())
	if c := item.GetConnection(); c != nil {
		to.add(true, "connection %s", formatMessage(c))
	}
	to.add(item.GetVersion() != "", "version %s", item.GetVersion())
	to.add(item.GetOptional(), "optional")
	to.add(item.GetAllowTakeover(), "may take over a process")
	to.add(boundElsewhere(item.GetSecret(), item.GetBoundSecret()), "bound to %s", reference(item.GetBoundSecret()))
	to.add(item.GetDangling(), "DANGLING: the secret was deleted")
	return fmt.Sprintf("%s, %s -> %s", item.GetSecret(), keys, strings.Join(to, ", "))
}

// target is where items and templates deliver alike.
type target interface {
	GetFile() *cofferv1.Projection_File
	GetArgument() string
	GetDictionary() string
	GetEntry() string
	GetSparkConf() string
}

// targets describes one; an argument may be empty and be one.
func targets(t target, argument bool) notes {
	var to notes
	if file := t.GetFile(); file != nil {
		to.add(true, "file %s (%s)", file.GetPath(), describeFile(file))
	}
	to.add(argument, "argument %s", t.GetArgument())
	to.add(t.GetDictionary() != "", "dictionary %s", t.GetDictionary())
	to.add(t.GetEntry() != "", "entry %s", t.GetEntry())
	to.add(t.GetSparkConf() != "", "Spark %s", t.GetSparkConf())
	return to
}

func describeFile(file *cofferv1.Projection_File) string {
	var of notes
	of.add(true, "%s", file.GetFormat())
	of.add(file.GetMode() != 0, "mode %04o", file.GetMode())
	of.add(file.GetOwner() != "", "owner %s", file.GetOwner())
	of.add(file.GetSection() != "", "section %s", file.GetSection())
	if store := file.GetStore(); store != nil {
		of.add(store.GetPasswordSecret() != "", "password from %s, key %s", store.GetPasswordSecret(), store.GetPasswordKey())
		of.add(store.GetAlias() != "", "alias %s", store.GetAlias())
	}
	return strings.Join(of, ", ")
}

func describeSource(s *cofferv1.Projection_Source) string {
	var of notes
	of.add(s.GetContextAlias() != "", "as %s", s.GetContextAlias())
	of.add(len(s.GetKeys()) > 0, "keys %s", strings.Join(s.GetKeys(), ", "))
	of.add(s.GetVersion() != "", "version %s", s.GetVersion())
	of.add(s.GetOptional(), "optional")
	of.add(s.GetBase64(), "in base64")
	of.add(boundElsewhere(s.GetSecret(), s.GetBoundSecret()), "bound to %s", reference(s.GetBoundSecret()))
	of.add(s.GetDangling(), "DANGLING: the secret was deleted")
	return strings.Join(append([]string{s.GetSecret()}, of...), ", ")
}

func describeTemplate(t *cofferv1.Projection_Template) []string {
	var to notes
	to.add(t.GetEnv() != "", "variable %s", t.GetEnv())
	to = append(to, targets(t, t.Argument != nil)...)
	to.add(t.GetAllowTakeover(), "may take over a process")
	lines := []string{fmt.Sprintf("%s -> %s", t.GetEngine(), strings.Join(to, ", "))}
	return append(lines, indented(t.GetText())...)
}

func describeSpark(s *cofferv1.Projection_Spark) string {
	var of notes
	of.add(s.GetDefaultsPath() != "", "file %s", s.GetDefaultsPath())
	of.add(s.GetArguments(), "as arguments")
	of.add(s.GetRedactionRegex() != "", "redacts %s", s.GetRedactionRegex())
	return strings.Join(of, ", ")
}

func describeWorkload(w *cofferv1.Projection_Workload) []string {
	lines := indented(w.GetPayload())
	for _, r := range w.GetReferences() {
		line := fmt.Sprintf("%s: %s -> %s", place(r.GetPlace()), r.GetText(), reference(r.GetBoundSecret()))
		if r.GetDangling() {
			line = fmt.Sprintf("%s: %s, DANGLING: the secret was deleted", place(r.GetPlace()), r.GetText())
		}
		lines = append(lines, line)
	}
	return lines
}

// place is a JSON pointer for people; the empty one names all of a payload.
func place(pointer string) string {
	if pointer == "" {
		return "the payload"
	}
	return pointer
}

// indented are the lines of a text, set off from what is said of it.
func indented(text string) []string {
	lines := textLines(text)
	for i, line := range lines {
		lines[i] = "  " + line
	}
	return lines
}

// textLines are the lines of a text that is shown in them.
func textLines(text string) []string {
	return strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\t", "    "), "\n"), "\n")
}
