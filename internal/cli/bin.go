package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// Secrets in the bin go by their UID, since several may have had one name. People remember the name.

func (a *app) secretUndelete() *cobra.Command {
	var id string
	cmd := &cobra.Command{
		Use:   "undelete NAME|UID",
		Short: "Take a secret out of the bin",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDeleted(cmd.Context(), args[0], func(c *client.Client, full string) error {
				secret, err := c.UndeleteSecret(cmd.Context(), &cofferv1.UndeleteSecretRequest{Name: full, SecretId: id})
				if err != nil {
					return err
				}
				return a.printDone(secret, "undeleted")
			})
		},
	}
	cmd.Flags().StringVar(&id, "as", "", "new ID, where the old one is taken")
	return cmd
}

func (a *app) secretPurge() *cobra.Command {
	var yes, force bool
	cmd := &cobra.Command{
		Use:   "purge NAME|UID",
		Short: "Erase a secret in the bin for good",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDeleted(cmd.Context(), args[0], func(c *client.Client, full string) error {
				if err := a.confirm(cmd.Context(), yes, "erase %s with all its versions for good?", full); err != nil {
					return err
				}
				_, err := c.PurgeSecret(cmd.Context(), &cofferv1.PurgeSecretRequest{Name: full, Force: force})
				if err != nil {
					return err
				}
				return a.printLine(full + " purged")
			})
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.Flags().BoolVar(&force, "force", false, "even before its purge time")
	return cmd
}

// withDeleted finds the secret in the bin that a full name, a UID or an ID that it had means.
func (a *app) withDeleted(ctx context.Context, name string, do func(c *client.Client, full string) error) error {
	s, err := a.resolve()
	if err != nil {
		return err
	}
	if strings.HasPrefix(name, "namespaces/") {
		return a.with(kindOf(kindSecret), name, do)
	}
	parent, err := namespaceName(s.Namespace)
	if err != nil {
		return err
	}
	return a.connected(func(c *client.Client) error {
		full, err := findDeleted(ctx, c, parent, name)
		if err != nil {
			return err
		}
		return do(c, full)
	})
}

func findDeleted(ctx context.Context, c *client.Client, parent, name string) (string, error) {
	var found []string
	for page, err := range client.Pages(ctx, c.ListSecrets, &cofferv1.ListSecretsRequest{
		Parent: parent, PageSize: 1000, ShowDeleted: true,
	}) {
		if err != nil {
			return "", fmt.Errorf("looking into the bin: %w", err)
		}
		for _, secret := range page.GetSecrets() {
			if secret.GetDeleteTime() != nil && (secret.GetUid() == name || secret.GetDeletedId() == name) {
				found = append(found, secret.GetName())
			}
		}
	}
	switch len(found) {
	case 0:
		return "", usage(fmt.Sprintf("the bin of %s holds no secret %q that you may see", parent, name))
	case 1:
		return found[0], nil
	}
	return "", usage(fmt.Sprintf("the bin holds several secrets that were called %q: name one of %s", name, strings.Join(found, ", ")))
}
