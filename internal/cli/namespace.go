package cli

import (
	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) namespaceCommand() *cobra.Command {
	k := kindOf(kindNamespace)
	return nounCommand("namespace", "Containers of secrets and boundaries of keys", k.aliases,
		a.namespaceCreate(), a.nounGet(k), a.nounList(k), a.updateCommand(k, nil), a.nounDelete(k), a.namespaceUndelete())
}

func (a *app) namespaceCreate() *cobra.Command {
	var f metadataFlags
	var parent string
	cmd := &cobra.Command{
		Use:     "create NAME",
		Short:   "Add a namespace",
		Example: "  coffer namespace create acme --description 'the Acme team'\n  coffer namespace create acme-dev --parent acme",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindNamespace), args[0], func(c *client.Client, full string) error {
				namespace := &cofferv1.Namespace{}
				if parent != "" {
					namespace.Parent, _ = namespaceName(parent)
				}
				if _, err := f.set(namespace, cmd.Flags().Changed); err != nil {
					return err
				}
				created, err := c.CreateNamespace(cmd.Context(), &cofferv1.CreateNamespaceRequest{
					NamespaceId: shortName(full), Namespace: namespace, ValidateOnly: f.dryRun,
				})
				if err != nil {
					return err
				}
				return a.printDone(created, doneText("created", f.dryRun))
			})
		},
	}
	f.register(cmd.Flags())
	cmd.Flags().StringVar(&parent, "parent", "", "namespace above it (default: instance)")
	return cmd
}

func (a *app) namespaceUndelete() *cobra.Command {
	return &cobra.Command{
		Use:   "undelete NAME",
		Short: "Open a deleted namespace again",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindNamespace), args[0], func(c *client.Client, full string) error {
				namespace, err := c.UndeleteNamespace(cmd.Context(), &cofferv1.UndeleteNamespaceRequest{Name: full})
				if err != nil {
					return err
				}
				return a.printDone(namespace, "undeleted")
			})
		},
	}
}
