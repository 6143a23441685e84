package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) grantCommand() *cobra.Command {
	k := kindOf(kindGrant)
	return nounCommand("grant", "Roles given to principals", k.aliases, a.grantCreate(), a.nounGet(k), a.nounList(k), a.nounDelete(k))
}

func (a *app) grantCreate() *cobra.Command {
	var req cofferv1.CreateGrantRequest
	var grant cofferv1.Grant
	var to string
	var expire timeFlag
	cmd := &cobra.Command{
		Use:   "create ROLE --to PRINCIPAL [--on RESOURCE]",
		Short: "Give a role to a principal on a namespace, a secret or a projection",
		Long: `Give a role to a principal. Roles: viewer, developer, data-admin, namespace-admin, operator, auditor,
secret-user, secret-reader, workload.

PRINCIPAL is user:NAME, group:NAME, serviceAccount:namespaces/NS/serviceAccounts/NAME or, for an account of the
namespace, serviceAccount:NAME. RESOURCE is secret/NAME, projection/NAME or a full resource name in the namespace;
without it the role counts for the whole namespace and all below it.`,
		Example: "  coffer grant create workload --to serviceAccount:etl --on projection/etl -n acme",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.resolve()
			if err != nil {
				return err
			}
			if req.Parent, err = namespaceName(s.Namespace); err != nil {
				return err
			}
			grant.Role = args[0]
			if to == "" {
				return usage("to whom? Give --to PRINCIPAL")
			}
			grant.Principal = principal(to, req.Parent)
			if grant.Resource, err = grantResource(grant.Resource, s.Namespace); err != nil {
				return err
			}
			grant.ExpireTime = expire.time
			req.Grant = &grant
			return a.connected(func(c *client.Client) error {
				created, err := c.CreateGrant(cmd.Context(), &req)
				if err != nil {
					return err
				}
				return a.printDone(created, doneText("created", req.GetValidateOnly()))
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&to, "to", "", "principal that receives the role")
	flags.StringVar(&grant.Resource, "on", "", "resource it counts for (default: the namespace)")
	flags.StringVar(&req.GrantId, "id", "", "ID of the grant (default: the server's choice)")
	flags.Var(&expire, "expire", "until when: a time, or 36h or 90d from now (default: for ever)")
	flags.StringVar(&grant.Description, "description", "", "why it is given")
	flags.BoolVar(&req.ValidateOnly, "dry-run", false, "let the server check everything and do nothing")
	return cmd
}

// principal completes the short form of a service account.
func principal(text, parent string) string {
	if id, ok := strings.CutPrefix(text, "serviceAccount:"); ok && !strings.Contains(id, "/") {
		return "serviceAccount:" + parent + "/serviceAccounts/" + id
	}
	return text
}

func grantResource(text, namespace string) (string, error) {
	if text == "" || strings.HasPrefix(text, "namespaces/") {
		return text, nil
	}
	k, name, err := splitKind([]string{text})
	if err != nil {
		return "", err
	}
	return k.fullName(name, namespace)
}

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

func (a *app) tokenCommand() *cobra.Command {
	k := kindOf(kindToken)
	return nounCommand("token", "Bearer tokens of service accounts", k.aliases, a.tokenCreate(), a.nounGet(k), a.nounList(k), a.nounDelete(k))
}

func (a *app) tokenCreate() *cobra.Command {
	var id, description string
	var expire timeFlag
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "create ACCOUNT",
		Short: "Mint a token of a service account and print it, this once",
		Example: `  coffer token create etl -n acme --expire 30d > etl.token
  coffer token delete etl/TOKEN -n acme`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindServiceAccount), args[0], func(c *client.Client, full string) error {
				token, err := c.CreateToken(cmd.Context(), &cofferv1.CreateTokenRequest{
					Parent: full, TokenId: id, ValidateOnly: dryRun,
					Token: &cofferv1.Token{ExpireTime: expire.time, Description: description},
				})
				if err != nil {
					return err
				}
				return a.printToken(token, dryRun)
			})
		},
	}
	cmd.Flags().StringVar(&id, "id", "", "ID of the token (default: the server's choice)")
	cmd.Flags().Var(&expire, "expire", "until when: a time, or 36h or 30d from now (default: 90d)")
	cmd.Flags().StringVar(&description, "description", "", "what it is for")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "let the server check everything and do nothing")
	return cmd
}

// printToken writes the token alone to standard output, so that it can go to a file, and what it is to standard error.
func (a *app) printToken(token *cofferv1.Token, dryRun bool) error {
	if a.output != outputTable {
		return a.printMessage(token)
	}
	if dryRun {
		return a.printLine(doneText("token created", dryRun))
	}
	a.note("%s created, valid until %s; it is shown this once", reference(token.GetName()), formatMessage(token.GetExpireTime()))
	if _, err := fmt.Fprintln(a.Out, token.GetSecret()); err != nil {
		return fmt.Errorf("writing the token: %w", err)
	}
	return nil
}
