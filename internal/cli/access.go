package cli

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/pkg/client"
)

// masked stands for a value that was not to be shown.
const masked = naming.Mask

// revealFlags say whether and which values are shown.
type revealFlags struct {
	reveal bool
	field  string
}

func (f *revealFlags) register(cmd *cobra.Command, what string) {
	cmd.Flags().BoolVar(&f.reveal, "reveal", false, "show the values")
	cmd.Flags().StringVar(&f.field, "field", "", "with --reveal: only the value of this "+what+", byte for byte, without a line break")
}

func (f revealFlags) check() error {
	if f.field != "" && !f.reveal {
		return usage("--field shows a value: it needs --reveal")
	}
	return nil
}

func (a *app) secretAccess() *cobra.Command {
	var f revealFlags
	var version string
	cmd := &cobra.Command{
		Use:   "access NAME",
		Short: "Read the values of a secret; show them only with --reveal",
		Example: `  coffer secret access orders-db --reveal --field password
  coffer secret access orders-db --version 2`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return a.with(kindOf(kindSecret), args[0], func(c *client.Client, full string) error {
				answer, err := c.Access(cmd.Context(), full+"/versions/"+version)
				if err != nil {
					return err
				}
				return a.printAccess(answer, f)
			})
		},
	}
	f.register(cmd, "key")
	cmd.Flags().StringVar(&version, "version", "active", "number, active or latest")
	return cmd
}

func (a *app) printAccess(answer *cofferv1.AccessSecretVersionResponse, f revealFlags) error {
	payload := answer.GetPayload()
	if f.field != "" {
		if value, ok := payload.GetData()[f.field]; ok {
			return a.writeRaw([]byte(value))
		}
		if value, ok := payload.GetBinaryData()[f.field]; ok {
			return a.writeRaw(value)
		}
		return usage(fmt.Sprintf("%s has no key %q", answer.GetName(), f.field))
	}
	values := map[string][]byte{}
	for key, value := range payload.GetData() {
		values[key] = []byte(value)
	}
	binary := map[string]bool{}
	for key, value := range payload.GetBinaryData() {
		values[key], binary[key] = value, true
	}
	if a.output == outputTable || a.quiet {
		return a.printValues("KEY", values, binary, f.reveal)
	}
	if !f.reveal {
		answer = proto.CloneOf(answer)
		answer.Payload = &cofferv1.Payload{Data: map[string]string{}}
		for key := range values {
			answer.Payload.Data[key] = masked
		}
	}
	return a.printMessage(answer)
}

// printValues shows a table of values, masked unless they are to be revealed; quiet leaves only the names.
func (a *app) printValues(title string, values map[string][]byte, binary map[string]bool, reveal bool) error {
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	if !a.quiet {
		fmt.Fprintf(w, "%s\tVALUE\n", title)
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value := masked
		switch {
		case a.quiet:
			fmt.Fprintln(w, printable(key))
			continue
		case reveal:
			value = shown(values[key], binary[key])
		}
		fmt.Fprintf(w, "%s\t%s\n", printable(key), value)
	}
	if err := flush(w); err != nil {
		return err
	}
	if !reveal && len(values) > 0 {
		a.note("values are hidden: --reveal shows them")
	}
	return nil
}

// shown is a value in a line.
func shown(value []byte, binary bool) string {
	if binary {
		return "base64:" + base64.StdEncoding.EncodeToString(value)
	}
	return printable(string(value))
}
