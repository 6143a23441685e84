package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) renderCommand() *cobra.Command {
	var f revealFlags
	var req cofferv1.RenderProjectionRequest
	cmd := &cobra.Command{
		Use:   "render PROJECTION",
		Short: "Render a projection; show its values only with --reveal",
		Long: `Render a projection; show its values only with --reveal. With --dry-run, show what it would deliver, by name and shape:
that takes no right to render it, and reads no value.`,
		Example: `  coffer render etl --dry-run
  coffer render etl --reveal --field PGPASSWORD
  coffer render etl --reveal --field db.properties > db.properties
  coffer render etl --reveal --field settings.db-password`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if req.DryRun && (f.reveal || len(req.AllowEnv) > 0) {
				return usage("--dry-run shows no values: leave --reveal and --allow-env out")
			}
			return a.with(kindOf(kindProjection), args[0], func(c *client.Client, full string) error {
				req.Name = full
				bundle, err := c.RenderProjection(cmd.Context(), &req)
				switch {
				case err != nil:
					return err
				case req.GetDryRun():
					return a.printShape(bundle)
				}
				return a.printBundle(bundle, f)
			})
		},
	}
	f.register(cmd, "variable, file, property of Spark, DICTIONARY.ENTRY, or payload")
	cmd.Flags().BoolVar(&req.DryRun, "dry-run", false, "show names and shapes alone")
	cmd.Flags().StringSliceVar(&req.AllowEnv, "allow-env", nil, "take these variables and properties, although they take over a process, if the projection delivers them")
	return cmd
}

// delivered is one value of a bundle.
type delivered struct {
	kind, name string
	value      []byte
}

// fieldPayload is what the payload of a workload goes by.
const fieldPayload = "payload"

// contents are the values of a bundle, by kind and name. Arguments have their place for a name.
func contents(bundle *cofferv1.RenderProjectionResponse) []delivered {
	var all []delivered
	add := func(kind, prefix string, values map[string]string) {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			all = append(all, delivered{kind, prefix + name, []byte(values[name])})
		}
	}
	add("variable", "", bundle.GetEnv())
	for _, file := range bundle.GetFiles() {
		all = append(all, delivered{"file", file.GetPath(), file.GetContent()})
	}
	for i, argument := range bundle.GetArguments() {
		all = append(all, delivered{"argument", fmt.Sprint(i + 1), []byte(argument)})
	}
	for _, name := range slices.Sorted(maps.Keys(bundle.GetDictionaries())) {
		add("dictionary", name+".", bundle.GetDictionaries()[name].GetEntries())
	}
	add("Spark", "", bundle.GetSparkConf())
	if bundle.GetPayload() != "" {
		all = append(all, delivered{fieldPayload, fieldPayload, []byte(bundle.GetPayload())})
	}
	return all
}

func (a *app) printBundle(bundle *cofferv1.RenderProjectionResponse, f revealFlags) error {
	if f.field != "" {
		return a.printField(bundle, f.field)
	}
	if a.output != outputTable && !a.quiet {
		if !f.reveal {
			hide(bundle)
		}
		return a.printMessage(bundle)
	}
	all := contents(bundle)
	w := tabwriter.NewWriter(a.Out, 0, 0, gap, ' ', 0)
	if !a.quiet && len(all) > 0 {
		fmt.Fprintln(w, "NAME\tKIND\tVALUE")
	}
	for _, d := range all {
		value := masked
		if f.reveal {
			value = shown(d.value, !isText(d.value))
		}
		if a.quiet {
			fmt.Fprintln(w, printable(d.name))
		} else {
			fmt.Fprintf(w, "%s\t%s\t%s\n", printable(d.name), d.kind, value)
		}
	}
	if err := flush(w); err != nil {
		return err
	}
	switch {
	case len(all) == 0:
		a.note("nothing is delivered")
	case !f.reveal:
		a.note("values are hidden: --reveal shows them")
	}
	return nil
}

// printField writes one value, byte for byte. Arguments have no names to ask for.
func (a *app) printField(bundle *cofferv1.RenderProjectionResponse, field string) error {
	all := slices.DeleteFunc(contents(bundle), func(d delivered) bool { return d.name != field || d.kind == "argument" })
	switch len(all) {
	case 0:
		return usage(fmt.Sprintf("nothing is delivered under the name %q", field))
	case 1:
		return a.writeRaw(all[0].value)
	}
	return usage(fmt.Sprintf("%q is the name of a %s and of a %s: -o json shows both", field, all[0].kind, all[1].kind))
}

// hide puts a mask in the place of every value.
func hide(bundle *cofferv1.RenderProjectionResponse) {
	mask := func(values map[string]string) {
		for name := range values {
			values[name] = masked
		}
	}
	mask(bundle.GetEnv())
	mask(bundle.GetSparkConf())
	for _, dictionary := range bundle.GetDictionaries() {
		mask(dictionary.GetEntries())
	}
	for _, file := range bundle.GetFiles() {
		file.Content = []byte(masked)
	}
	for i := range bundle.GetArguments() {
		bundle.Arguments[i] = masked
	}
	if bundle.GetPayload() != "" {
		bundle.Payload = masked
	}
}

// printShape shows what would be delivered.
func (a *app) printShape(bundle *cofferv1.RenderProjectionResponse) error {
	if a.output != outputTable && !a.quiet {
		return a.printMessage(bundle)
	}
	shape := bundle.GetShape()
	var rows [][]string
	for _, name := range shape.GetEnv() {
		rows = append(rows, []string{"variable", name, "", "", "", ""})
	}
	for _, file := range shape.GetFiles() {
		rows = append(rows, []string{
			"file", file.GetPath(), file.GetFormat().String(), fmt.Sprintf("%04o", file.GetMode()), file.GetOwner(), strings.Join(file.GetEntries(), ", "),
		})
	}
	for _, argument := range shape.GetArguments() {
		rows = append(rows, []string{"argument", argument, "", "", "", ""})
	}
	for _, dictionary := range shape.GetDictionaries() {
		rows = append(rows, []string{"dictionary", dictionary.GetName(), "", "", "", strings.Join(dictionary.GetEntries(), ", ")})
	}
	for _, name := range shape.GetSparkConf() {
		rows = append(rows, []string{"Spark", name, "", "", "", ""})
	}
	if shape.GetPayload() {
		rows = append(rows, []string{fieldPayload, fieldPayload, "", "", "", ""})
	}
	switch {
	case a.quiet:
		for _, row := range rows {
			if err := a.printLine(row[1]); err != nil {
				return err
			}
		}
		return nil
	case len(rows) == 0:
		a.note("nothing would be delivered")
		return nil
	}
	return a.printTable(append([][]string{{"KIND", "NAME", "FORMAT", "MODE", "OWNER", "ENTRIES"}}, rows...))
}
