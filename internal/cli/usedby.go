package cli

import (
	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) secretUsedBy() *cobra.Command {
	return &cobra.Command{
		Use:     "used-by NAME",
		Aliases: []string{"dependents"},
		Short:   "Show the projections that use a secret",
		Long: `Show the projections that use a secret, and so may not lose it: those that deliver a key of it, draw on it in a template
or a payload, or take the password of a store from it. Of those that you may not see, only their number is shown.`,
		Example: "  coffer secret used-by orders-db",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindSecret), args[0], func(c *client.Client, full string) error {
				dependents, err := c.ListDependents(cmd.Context(), &cofferv1.ListDependentsRequest{Name: full})
				if err != nil {
					return err
				}
				return a.printDependents(dependents)
			})
		},
	}
}

func (a *app) printDependents(dependents *cofferv1.ListDependentsResponse) error {
	if a.output != outputTable && !a.quiet {
		answer := map[string]any{"projections": append([]string{}, dependents.GetProjections()...)}
		if hidden := dependents.GetHiddenCount(); hidden > 0 {
			answer["hiddenCount"] = hidden
		}
		return a.printValue(answer)
	}
	rows := [][]string{{"NAMESPACE", "PROJECTION"}}
	for _, name := range dependents.GetProjections() {
		if a.quiet {
			if err := a.printLine(name); err != nil {
				return err
			}
		}
		parent, id := splitName(name)
		rows = append(rows, []string{shortName(parent), id})
	}
	if !a.quiet && len(rows) > 1 {
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	switch hidden := dependents.GetHiddenCount(); {
	case hidden > 0 && len(rows) > 1:
		a.note("and %d more that you may not see", hidden)
	case hidden > 0:
		a.note("%d that you may not see", hidden)
	case len(rows) == 1:
		a.note("none")
	}
	return nil
}
