package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) secretUnused() *cobra.Command {
	since := timeFlag{past: true}
	var recursive bool
	cmd := &cobra.Command{
		Use:   "unused --for TIME",
		Short: "List the secrets that nobody has used for long",
		Long: `List the secrets that have existed for the time given and of which nothing was accessed or rendered meanwhile, as far as
you may see them. Accesses count to the hour and may be told some minutes late.`,
		Example: "  coffer secret unused --for 90d -n acme\n  coffer secret unused --for 90d -n instance --recursive",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if since.time == nil {
				return usage("for how long? Give --for, e.g. --for 90d")
			}
			s, err := a.resolve()
			if err != nil {
				return err
			}
			parent, err := namespaceName(s.Namespace)
			if err != nil {
				return err
			}
			return a.connected(func(c *client.Client) error {
				secrets, err := unused(cmd.Context(), c, parent, recursive, since.time)
				if err != nil {
					return err
				}
				return a.printUnused(secrets, since.time)
			})
		},
	}
	cmd.Flags().Var(&since, "for", "how long: 90d or 36h, or the time since when")
	cmd.Flags().BoolVarP(&recursive, "recursive", "r", false, "also in the namespaces below, those that you may see")
	return cmd
}

// unused looks into a namespace and, where recursive, those below it. Which of those are closed to the caller, their lists
// tell.
func unused(
	ctx context.Context, c *client.Client, parent string, recursive bool, since *timestamppb.Timestamp,
) ([]proto.Message, error) {
	parents := []string{parent}
	if recursive {
		for page, err := range client.Pages(ctx, c.ListNamespaces, &cofferv1.ListNamespacesRequest{Parent: parent, PageSize: 1000}) {
			if err != nil {
				return nil, err
			}
			for _, namespace := range page.GetNamespaces() {
				if namespace.GetName() != parent {
					parents = append(parents, namespace.GetName())
				}
			}
		}
	}
	list := method((*client.Client).ListSecrets)
	var secrets []proto.Message
	for _, in := range parents {
		found, err := list.list(ctx, c, fields{"parent": in, "unused_since": since}, 0)
		if recursive && errors.Is(err, client.ErrDenied) {
			continue
		}
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, found...)
	}
	return secrets, nil
}

func (a *app) printUnused(secrets []proto.Message, since *timestamppb.Timestamp) error {
	if a.output == outputTable && len(secrets) == 0 {
		a.note("of the secrets that you may see none is unused since %s", formatMessage(since))
		return nil
	}
	if a.output != outputTable || a.quiet {
		return a.printList(secrets, "secrets", nil)
	}
	rows := [][]string{{"SECRET", "TYPE", "OWNER", "CREATED", "LAST ACCESS"}}
	for _, m := range secrets {
		secret := m.(*cofferv1.Secret)
		last := "never"
		if secret.GetLastAccessTime() != nil {
			last = formatMessage(secret.GetLastAccessTime())
		}
		rows = append(rows, []string{
			reference(secret.GetName()), secret.GetType(), shortAccounts(secret.GetOwner()),
			formatMessage(secret.GetCreateTime()), last,
		})
	}
	return a.printTable(rows)
}
