package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// builtInRoles is what the roles that are part of Coffer are in.
const builtInRoles = "namespaces/-"

func (a *app) roleCommand() *cobra.Command {
	k := kindOf(kindRole)
	return nounCommand("role", "Groups of actions, for grants", k.aliases,
		a.roleCreate(), a.nounGet(k), a.nounList(k), a.updateCommand(k, roleUpdateFlags), a.nounDelete(k))
}

func (a *app) roleCreate() *cobra.Command {
	var f metadataFlags
	cmd := &cobra.Command{
		Use:   "create NAME ACTION...",
		Short: "Make a role of actions, for grants in its namespace and below",
		Long: `Make a role of actions, for grants in its namespace and below. It takes the right to give each of the actions.
'coffer role list --built-in -o yaml' shows which there are.`,
		Example: `  coffer role create deployer projection:get projection:render -n acme
  coffer grant create roles/deployer --to group:release -n acme`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindRole), args[0], func(c *client.Client, full string) error {
				role := &cofferv1.Role{Actions: splitActions(args[1:])}
				if _, err := f.set(role, cmd.Flags().Changed); err != nil {
					return err
				}
				parent, id := splitName(full)
				created, err := c.CreateRole(cmd.Context(), &cofferv1.CreateRoleRequest{
					Parent: parent, RoleId: id, Role: role, ValidateOnly: f.dryRun,
				})
				if err != nil {
					return err
				}
				return a.printDone(created, doneText("created", f.dryRun))
			})
		},
	}
	f.register(cmd.Flags())
	return cmd
}

// roleUpdateFlags change the actions of a role: all of them, or some.
func roleUpdateFlags(cmd *cobra.Command) func(proto.Message) ([]string, error) {
	var all, more, fewer []string
	flags := cmd.Flags()
	flags.StringArrayVar(&all, "action", nil, "action that it gives, in place of those before; repeatable")
	flags.StringArrayVar(&more, "add-action", nil, "action that it gives besides; repeatable")
	flags.StringArrayVar(&fewer, "remove-action", nil, "action that it gives no longer; repeatable")
	return func(m proto.Message) ([]string, error) {
		if len(all)+len(more)+len(fewer) == 0 {
			return nil, nil
		}
		role := m.(*cofferv1.Role)
		if len(all) > 0 {
			role.Actions = splitActions(all)
		}
		for _, action := range splitActions(more) {
			if !slices.Contains(role.GetActions(), action) {
				role.Actions = append(role.Actions, action)
			}
		}
		role.Actions = slices.DeleteFunc(role.Actions, func(action string) bool { return slices.Contains(splitActions(fewer), action) })
		return []string{"actions"}, nil
	}
}

// splitActions takes actions one by one or with commas between them.
func splitActions(args []string) []string {
	var actions []string
	for _, arg := range args {
		actions = append(actions, strings.FieldsFunc(arg, func(r rune) bool { return r == ',' || r == ' ' })...)
	}
	return actions
}
