package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) userCommand() *cobra.Command {
	return nounCommand("user", "Users as DataOS shows them", nil, a.userGet())
}

func (a *app) userGet() *cobra.Command {
	var id string
	var all bool
	cmd := &cobra.Command{
		Use:   "get",
		Short: "Show who you are: name, ID, type, e-mail address and tags",
		Long: `Show who you are: name, ID, type, e-mail address and tags, which are roles:id:NAME for each group that the identity
provider puts you into, and users:id:NAME. Coffer keeps no list of users: others cannot be shown.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.getUser(cmd.Context(), id, all) },
	}
	cmd.Flags().StringVarP(&id, "id", "i", "", "ID of a user; none but your own is known")
	cmd.Flags().BoolVarP(&all, "all", "a", false, "all users that are known: you")
	return cmd
}

func (a *app) getUser(ctx context.Context, id string, all bool) error {
	return a.connected(func(c *client.Client) error {
		self, err := c.WhoAmI(ctx, &cofferv1.WhoAmIRequest{})
		if err != nil {
			return err
		}
		principal := self.GetPrincipal()
		own := userID(principal)
		if id != "" && id != own {
			return usage("Coffer keeps no list of users: none but you, " + own + ", can be shown")
		}
		if all {
			a.note("Coffer keeps no list of users: this is you")
		}
		kind, name := "application", own
		if strings.HasPrefix(principal, "user:") {
			kind = "person"
		}
		if claimed := self.GetClaims()["name"]; claimed != "" {
			name = claimed
		}
		var tags []string
		for _, p := range append(self.GetGroups(), principal) {
			if tag := dataosmanifest.Tag(p); tag != "" {
				tags = append(tags, tag)
			}
		}
		rows := [][]string{{"NAME", "ID", "TYPE", "EMAIL", "TAGS"}, {name, own, kind, self.GetClaims()["email"], strings.Join(tags, ", ")}}
		if a.output != outputTable {
			return a.printRows(rows)
		}
		return a.printBars(rows)
	})
}
