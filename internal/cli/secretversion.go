package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) secretAddVersion() *cobra.Command {
	var values valueFlags
	var req cofferv1.AddSecretVersionRequest
	var staged bool
	cmd := &cobra.Command{
		Use:   "add-version NAME [KEY[=@FILE | =- | =VALUE]]...",
		Short: "Add a version and put it in force",
		Long: `Add a version and put it in force. Without --merge it holds exactly the keys given. A payload like that of
the version in force adds nothing.

` + valueHelp,
		Example: "  coffer secret add-version orders-db --merge password",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindSecret), args[0], func(c *client.Client, full string) error {
				var err error
				if req.Payload, err = a.readValues(cmd.Context(), args[1:], values); err != nil {
					return err
				}
				req.Parent = full
				if staged {
					req.Activate = new(false)
				}
				version, err := c.AddSecretVersion(cmd.Context(), &req)
				if err != nil {
					return err
				}
				done := "added"
				if version.GetUnchanged() {
					done = "unchanged"
				}
				return a.printVersion(version, doneText(done, req.GetValidateOnly()))
			})
		},
	}
	flags := cmd.Flags()
	values.register(flags)
	flags.BoolVar(&req.Merge, "merge", false, "lay the keys given over those of the version in force")
	flags.StringSliceVar(&req.RemoveKeys, "remove-key", nil, "with --merge: key to leave out; repeatable")
	flags.BoolVar(&staged, "stage", false, "do not put it in force yet: see activate")
	flags.StringVar(&req.Etag, "etag", "", "only if this is the secret's current etag")
	flags.BoolVar(&req.ValidateOnly, "dry-run", false, "let the server check everything and do nothing")
	return cmd
}

// printVersion tells what became of a version.
func (a *app) printVersion(version *cofferv1.SecretVersion, done string) error {
	if a.quiet || a.output != outputTable {
		return a.printDone(version, done)
	}
	secret, number, _ := strings.Cut(version.GetName(), "/versions/")
	return a.printLine(fmt.Sprintf("%s version %s %s", reference(secret), number, done))
}

func (a *app) secretVersions() *cobra.Command {
	var limit int64
	cmd := &cobra.Command{
		Use:   "versions NAME",
		Short: "List the versions of a secret, newest first",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindSecret), args[0], func(c *client.Client, full string) error {
				list := method((*client.Client).ListSecretVersions)
				versions, err := list.list(cmd.Context(), c, fields{"parent": full}, limit)
				if err != nil {
					return err
				}
				return a.printList(versions, "versions", []string{"name", "state", "active", "keys", "create_time", "created_by"})
			})
		},
	}
	limitFlag(cmd.Flags(), &limit, "")
	return cmd
}

// secretChange is a command that changes the state of a version.
func (a *app) secretChange(verb, short, done string, change rpc) *cobra.Command {
	var etag string
	cmd := &cobra.Command{
		Use:   verb + " NAME VERSION",
		Short: short,
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindSecret), args[0], func(c *client.Client, full string) error {
				version, err := change.call(cmd.Context(), c, fields{"name": full + "/versions/" + args[1], "etag": etag})
				if err != nil {
					return err
				}
				return a.printVersion(version.(*cofferv1.SecretVersion), done)
			})
		},
	}
	cmd.Flags().StringVar(&etag, "etag", "", "only if this is the version's current etag")
	return cmd
}

func (a *app) secretDestroy() *cobra.Command {
	cmd := a.secretChange("destroy", "Erase the payload of a version for good", "destroyed", method((*client.Client).DestroySecretVersion))
	var yes bool
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	destroy := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := a.confirm(cmd.Context(), yes, "erase version %s of %s for good?", args[1], args[0]); err != nil {
			return err
		}
		return destroy(cmd, args)
	}
	return cmd
}

func (a *app) secretRollback() *cobra.Command {
	return &cobra.Command{
		Use:   "rollback NAME",
		Short: "Put the version before the one in force back in force",
		Long:  "Put the newest enabled version before the one in force back in force.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindSecret), args[0], func(c *client.Client, full string) error {
				before, err := versionBeforeActive(cmd.Context(), c, full)
				if err != nil {
					return err
				}
				version, err := c.ActivateSecretVersion(cmd.Context(), &cofferv1.ActivateSecretVersionRequest{
					Name: before.GetName(), Etag: before.GetEtag(),
				})
				if err != nil {
					return err
				}
				return a.printVersion(version, "activated")
			})
		},
	}
}

func versionBeforeActive(ctx context.Context, c *client.Client, full string) (*cofferv1.SecretVersion, error) {
	passed := false
	for page, err := range client.Pages(ctx, c.ListSecretVersions, &cofferv1.ListSecretVersionsRequest{Parent: full}) {
		if err != nil {
			return nil, fmt.Errorf("finding the version to go back to: %w", err)
		}
		for _, version := range page.GetVersions() {
			if passed && version.GetState() == cofferv1.SecretVersion_ENABLED {
				return version, nil
			}
			passed = passed || version.GetActive()
		}
	}
	return nil, usage("there is no enabled version before the one in force")
}
