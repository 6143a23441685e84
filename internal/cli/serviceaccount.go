package cli

import (
	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) serviceAccountCommand() *cobra.Command {
	k := kindOf(kindServiceAccount)
	return nounCommand("service-account", "Identities of workloads", k.aliases,
		a.serviceAccountCreate(), a.nounGet(k), a.nounList(k), a.updateCommand(k, nil), a.nounDelete(k))
}

func (a *app) serviceAccountCreate() *cobra.Command {
	var f metadataFlags
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Add an identity of a workload",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindServiceAccount), args[0], func(c *client.Client, full string) error {
				account := &cofferv1.ServiceAccount{}
				if _, err := f.set(account, cmd.Flags().Changed); err != nil {
					return err
				}
				parent, id := splitName(full)
				created, err := c.CreateServiceAccount(cmd.Context(), &cofferv1.CreateServiceAccountRequest{
					Parent: parent, ServiceAccountId: id, ServiceAccount: account, ValidateOnly: f.dryRun,
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
