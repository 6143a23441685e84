package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"sigs.k8s.io/yaml"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// Values of --output.
const (
	outputTable = "table"
	outputJSON  = "json"
	outputYAML  = "yaml"
)

func checkOutput(output string) error {
	switch output {
	case outputTable, outputJSON, outputYAML:
		return nil
	}
	return usage(fmt.Sprintf("--output %q: want table, json or yaml", output))
}

// resourceMessage is the message of a resource.
type resourceMessage interface {
	proto.Message
	GetName() string
}

// printResource shows a resource.
func (a *app) printResource(m proto.Message) error {
	if named, ok := m.(resourceMessage); ok && a.quiet {
		return a.printLine(named.GetName())
	}
	if a.output != outputTable {
		return a.printMessage(m)
	}
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	r := m.ProtoReflect()
	for i := range r.Descriptor().Fields().Len() {
		field := r.Descriptor().Fields().Get(i)
		title := fieldTitle(field.Name()) + ":"
		for _, line := range describeField(r, field) {
			fmt.Fprintf(w, "%s\t%s\n", title, printable(line))
			title = ""
		}
	}
	return flush(w)
}

// printDone tells what became of a resource: in words, or as the resource itself for machines.
func (a *app) printDone(m resourceMessage, done string) error {
	switch {
	case a.quiet:
		return a.printLine(m.GetName())
	case a.output != outputTable:
		return a.printMessage(m)
	}
	return a.printLine(reference(m.GetName()) + " " + done)
}

// printList shows the entries of a list.
func (a *app) printList(entries []proto.Message, key string, columns []string) error {
	if a.quiet {
		return a.printNames(entries)
	}
	if a.output != outputTable {
		raw := make([]json.RawMessage, len(entries))
		for i, entry := range entries {
			var err error
			if raw[i], err = messageJSON(entry); err != nil {
				return err
			}
		}
		return a.printValue(map[string]any{key: raw})
	}
	if len(entries) == 0 {
		a.note("none")
		return nil
	}
	titles := make([]string, len(columns))
	for i, column := range columns {
		titles[i] = strings.ToUpper(fieldTitle(protoreflect.Name(column)))
	}
	rows := [][]string{titles}
	for _, entry := range entries {
		cells := make([]string, len(columns))
		for i, column := range columns {
			cells[i] = cell(entry, column)
		}
		rows = append(rows, cells)
	}
	return a.printTable(rows)
}

// cell is a field in a table. A grant is told as 'coffer grant create' takes it.
func cell(entry proto.Message, column string) string {
	r := entry.ProtoReflect()
	text := formatField(r, r.Descriptor().Fields().ByName(protoreflect.Name(column)), true)
	if grant, ok := entry.(*cofferv1.Grant); ok {
		parent, _ := splitName(grant.GetName())
		switch column {
		case "role":
			text = strings.TrimPrefix(text, parent+"/")
		case "principal":
			text = strings.Replace(text, ":"+parent+"/serviceAccounts/", ":", 1)
		case "resource":
			text = reference(text)
		}
	}
	return text
}

func (a *app) printNames(entries []proto.Message) error {
	for _, entry := range entries {
		named, ok := entry.(resourceMessage)
		if !ok {
			return usage("these have no names: leave --quiet out")
		}
		if err := a.printLine(named.GetName()); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) printLine(line string) error {
	if _, err := fmt.Fprintln(a.Out, printable(line)); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

func flush(w interface{ Flush() error }) error {
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

// printMessage writes a message as JSON or YAML, in the API's own names.
func (a *app) printMessage(m proto.Message) error {
	raw, err := messageJSON(m)
	if err != nil {
		return err
	}
	return a.printValue(raw)
}

// printValue writes what encoding/json can as JSON or YAML.
func (a *app) printValue(value any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	text := b.Bytes()
	if err == nil && a.output == outputYAML {
		text, err = yaml.JSONToYAML(text)
	}
	if err == nil {
		_, err = io.Copy(a.Out, bytes.NewReader(text))
	}
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

// messageJSON is stable, which protojson alone is not: it varies its spaces on purpose.
func messageJSON(m proto.Message) (json.RawMessage, error) {
	text, err := protojson.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	return b.Bytes(), nil
}

func fieldTitle(name protoreflect.Name) string {
	switch name {
	case "uid", "kek":
		return strings.ToUpper(string(name))
	case "request_id":
		return "Request ID"
	}
	title := strings.ReplaceAll(string(name), "_", " ")
	return strings.ToUpper(title[:1]) + title[1:]
}

// fieldText is a field that has lines and is shown in them.
const fieldText = "text"

// describeField writes a field for people, a list of what has no names in a line each. There is none for what is not set.
func describeField(m protoreflect.Message, field protoreflect.FieldDescriptor) []string {
	if !m.Has(field) {
		return nil
	}
	if field.Name() == fieldText {
		return textLines(m.Get(field).String())
	}
	switch {
	case field.IsMap(), field.Message() == nil, field.Message().Fields().ByName("name") != nil:
		return []string{formatField(m, field, false)}
	case !field.IsList():
		return describe(m.Get(field).Message().Interface())
	}
	var lines []string
	for i := range m.Get(field).List().Len() {
		lines = append(lines, describe(m.Get(field).List().Get(i).Message().Interface())...)
	}
	return lines
}

// formatField writes a field for people; short is for a cell of a table.
func formatField(m protoreflect.Message, field protoreflect.FieldDescriptor, short bool) string {
	if !m.Has(field) {
		return ""
	}
	value := m.Get(field)
	switch {
	case field.IsMap():
		pairs := map[string]string{}
		value.Map().Range(func(key protoreflect.MapKey, v protoreflect.Value) bool {
			pairs[key.String()] = v.String()
			return true
		})
		var texts []string
		for _, key := range slices.Sorted(maps.Keys(pairs)) {
			texts = append(texts, key+"="+pairs[key])
		}
		return strings.Join(texts, ", ")
	case field.IsList():
		return formatList(field, value.List())
	case field.Message() != nil:
		return formatMessage(value.Message().Interface())
	case field.Enum() != nil:
		return enumName(field, value)
	case field.Name() == "name" && short:
		return shortName(value.String())
	}
	return value.String()
}

// formatList writes strings and names in a row, and counts what has no name.
func formatList(field protoreflect.FieldDescriptor, list protoreflect.List) string {
	texts := make([]string, list.Len())
	for i := range texts {
		if field.Message() == nil {
			texts[i] = list.Get(i).String()
			continue
		}
		name := field.Message().Fields().ByName("name")
		if name == nil {
			return fmt.Sprint(list.Len())
		}
		texts[i] = list.Get(i).Message().Get(name).String()
	}
	return strings.Join(texts, ", ")
}

func formatMessage(m proto.Message) string {
	switch m := m.(type) {
	case *timestamppb.Timestamp:
		return m.AsTime().Format(time.RFC3339)
	case *durationpb.Duration:
		return m.AsDuration().String()
	case *cofferv1.Quota:
		return amounts(m.GetSecrets(), m.GetVersions(), m.GetBytes(), "the server's default")
	case *cofferv1.Usage:
		return amounts(m.GetSecrets(), m.GetVersions(), m.GetBytes(), "0")
	}
	raw, err := messageJSON(m)
	if err != nil {
		return "?"
	}
	return string(raw)
}

// amounts writes what a namespace holds, or may hold.
func amounts(secrets, versions, bytes int64, none string) string {
	var texts []string
	for _, amount := range []struct {
		n    int64
		what string
	}{{secrets, "secrets"}, {versions, "versions"}, {bytes, "bytes"}} {
		text := none
		if amount.n != 0 {
			text = strconv.FormatInt(amount.n, 10)
		}
		texts = append(texts, amount.what+": "+text)
	}
	return strings.Join(texts, ", ")
}

func enumName(field protoreflect.FieldDescriptor, value protoreflect.Value) string {
	if v := field.Enum().Values().ByNumber(value.Enum()); v != nil {
		return string(v.Name())
	}
	return fmt.Sprint(value.Enum())
}

// shortName is what tells a resource from others of its kind in its namespace. A secret in the bin keeps its full name:
// nothing shorter can be given to undelete and purge without a doubt.
func shortName(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) > 2 && parts[2] == "deletedSecrets" {
		return name
	}
	return parts[len(parts)-1]
}
