package cli

import (
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
