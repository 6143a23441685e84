package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

const destinationHelp = `The destination is an ID in the namespace of the secret, NAMESPACE/ID, or a full resource name.`

func (a *app) secretMove() *cobra.Command {
	var req cofferv1.MoveSecretRequest
	cmd := &cobra.Command{
		Use:     "move NAME DESTINATION",
		Aliases: []string{"mv", "rename"},
		Short:   "Give a secret another name, or bring it into another namespace",
		Long: `Give a secret another name, or bring it into another namespace, with all its versions, labels and its owner.
` + destinationHelp + `

Within its namespace it stays the same secret: grants and projections follow it. In another namespace it is a new one; what
was granted on the old one does not reach it there, and the old one goes into the bin. While projections use it, it is
refused to go, unless forced: then they fail until they are written again.`,
		Example: `  coffer secret rename orders-db orders-db-eu
  coffer secret move orders-db acme-prod/orders-db --dry-run`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.transfer(args, "moved", req.GetValidateOnly, func(c *client.Client, from, to string) (*cofferv1.Secret, error) {
				req.Name, req.Destination = from, to
				return c.MoveSecret(cmd.Context(), &req)
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&req.Force, "force", false, "to another namespace even while projections use it")
	flags.StringVar(&req.Etag, "etag", "", "only if this is the current etag")
	flags.BoolVar(&req.ValidateOnly, "dry-run", false, "let the server check everything and do nothing")
	return cmd
}

func (a *app) secretCopy() *cobra.Command {
	var req cofferv1.CopySecretRequest
	cmd := &cobra.Command{
		Use:     "copy NAME DESTINATION",
		Aliases: []string{"cp"},
		Short:   "Make a new secret of all versions of another",
		Long: `Make a new secret of the versions, labels and owner of another; the versions keep their numbers. Nothing that was
granted on the one reaches the other. ` + destinationHelp,
		Example: "  coffer secret copy orders-db orders-db-copy\n  coffer secret copy orders-db acme-test/orders-db",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.transfer(args, "copied", req.GetValidateOnly, func(c *client.Client, from, to string) (*cofferv1.Secret, error) {
				req.Name, req.Destination = from, to
				return c.CopySecret(cmd.Context(), &req)
			})
		},
	}
	cmd.Flags().BoolVar(&req.ValidateOnly, "dry-run", false, "let the server check everything and do nothing")
	return cmd
}

// transfer completes both names, and tells what became of the secret.
func (a *app) transfer(args []string, done string, dryRun func() bool, do func(c *client.Client, from, to string) (*cofferv1.Secret, error)) error {
	return a.with(kindOf(kindSecret), args[0], func(c *client.Client, from string) error {
		to, err := destination(args[1], from)
		if err != nil {
			return err
		}
		if to == from {
			return usage(fmt.Sprintf("%s is the secret itself: give another destination", reference(to)))
		}
		secret, err := do(c, from, to)
		if err != nil {
			return err
		}
		if a.quiet || a.output != outputTable {
			return a.printDone(secret, done)
		}
		return a.printLine(fmt.Sprintf("%s %s to %s", reference(from), doneText(done, dryRun()), reference(to)))
	})
}

// destination completes the name that a secret is to have: an ID beside the other secret, NAMESPACE/ID, secret/NAMESPACE/ID
// as it is printed, or a full name.
func destination(name, from string) (string, error) {
	k := kindOf(kindSecret)
	if isFullName(name) {
		return name, k.check(name)
	}
	parent, _ := splitName(from)
	parts := strings.Split(name, "/")
	if len(parts) == 3 && parts[0] == k.name {
		parts = parts[1:]
	}
	if len(parts) == 2 {
		var err error
		if parent, err = namespaceName(parts[0]); err != nil {
			return "", err
		}
		parts = parts[1:]
	}
	full := parent + "/" + k.collection + "/" + strings.Join(parts, "/")
	if k.check(full) != nil {
		return "", usage(fmt.Sprintf("%q: want an ID, NAMESPACE/ID or namespaces/NAMESPACE/secrets/ID", name))
	}
	return full, nil
}
