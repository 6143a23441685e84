package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/catalog"
	"github.com/coffer-dev/coffer/pkg/client"
)

// sourceTypesCommand tells what the server knows. What is asked for and scaffolded is in the program itself, which may be of
// another version: what it does not know is left to the server.
func (a *app) sourceTypesCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "source-types [TYPE]",
		Short:   "Tell what kinds of credentials there are, with their keys",
		Aliases: []string{"source-type"},
		Example: "  coffer source-types\n  coffer source-types postgres",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.connected(func(c *client.Client) error {
				if len(args) == 0 {
					return a.listSourceTypes(cmd.Context(), c)
				}
				t, err := c.GetSourceType(cmd.Context(), &cofferv1.GetSourceTypeRequest{Name: "sourceTypes/" + args[0]})
				switch {
				case err != nil:
					return err
				case a.quiet || a.output != outputTable:
					return a.printResource(t)
				}
				return a.printSourceType(t)
			})
		},
	}
}

func (a *app) listSourceTypes(ctx context.Context, c *client.Client) error {
	list, err := c.ListSourceTypes(ctx, &cofferv1.ListSourceTypesRequest{})
	if err != nil {
		return err
	}
	entries := make([]proto.Message, len(list.GetSourceTypes()))
	for i, t := range list.GetSourceTypes() {
		entries[i] = t
	}
	return a.printList(entries, "sourceTypes", []string{"name", "title", "aliases", "fields"})
}

// printSourceType tells what there is to know of a type.
func (a *app) printSourceType(t *cofferv1.SourceType) error {
	lines := []string{shortName(t.GetName()) + ": " + t.GetTitle()}
	if len(t.GetAliases()) > 0 {
		lines = append(lines, "Also: "+strings.Join(t.GetAliases(), ", "))
	}
	if len(t.GetUrlStyles()) > 0 {
		lines = append(lines, "Connection URLs: "+strings.Join(t.GetUrlStyles(), ", "))
	}
	lines = append(append(lines, "", t.GetDescription()), "")
	for _, a := range t.GetAlternatives() {
		lines = append(lines, fmt.Sprintf("With %s: %s", a.GetName(), a.GetDescription()))
	}
	if len(t.GetAlternatives()) > 0 {
		lines = append(lines, "")
	}
	if err := a.printText(strings.Join(lines, "\n")); err != nil {
		return err
	}
	if len(t.GetFields()) > 0 {
		rows := [][]string{{"KEY", "REQUIRED", "ALSO", "FORM", "WHAT IT IS"}}
		for _, f := range t.GetFields() {
			rows = append(rows, []string{f.GetName(), required(t, f), strings.Join(f.GetAliases(), ", "), form(f), f.GetDescription()})
		}
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	return a.printText("\nExample:\n\n" + strings.TrimSpace(t.GetExample()))
}

// printText writes several lines.
func (a *app) printText(text string) error {
	for line := range strings.SplitSeq(text, "\n") {
		if err := a.printLine(line); err != nil {
			return err
		}
	}
	return nil
}

// required tells whether a payload needs the field.
func required(t *cofferv1.SourceType, f *cofferv1.SourceType_Field) string {
	if f.GetRequired() {
		return "yes"
	}
	for _, a := range t.GetAlternatives() {
		switch {
		case slices.Contains(a.GetRequired(), f.GetName()):
			return "with " + a.GetName()
		case slices.Contains(a.GetOptional(), f.GetName()):
			return "no, only with " + a.GetName()
		}
	}
	return "no"
}

// form is what a value looks like.
func form(f *cofferv1.SourceType_Field) string {
	var words []string
	for _, word := range []struct {
		is   bool
		text string
	}{
		{f.GetSensitive(), "hidden"},
		{f.GetFile(), "file"},
		{f.GetMultiLine() && !f.GetFile(), "lines"},
		{len(f.GetValues()) > 0, strings.Join(f.GetValues(), " or ")},
	} {
		if word.is {
			words = append(words, word.text)
		}
	}
	return cmp.Or(strings.Join(words, ", "), "e.g. "+f.GetExample())
}

// sourceTypeNames offers the types that the program knows.
func sourceTypeNames(context.Context, []string, string) []string {
	types, err := catalog.New()
	if err != nil {
		return nil
	}
	var names []string
	for _, t := range types.Types() {
		names = append(append(names, t.ID), t.Aliases...)
	}
	return names
}
