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

// grantFlags are what a grant is made of.
type grantFlags struct {
	to, on, when, reason string
	id                   string
	labels               []string
	expire               timeFlag
	dryRun               bool
}

func (a *app) grantCreate() *cobra.Command {
	var f grantFlags
	cmd := &cobra.Command{
		Use:   "create ROLE --to PRINCIPAL [--on RESOURCE]",
		Short: "Give a role to a principal, on all of a namespace or less",
		Long: `Give a role to a principal. ROLE is a built-in one, as 'coffer role list --built-in' shows them, or roles/NAME for a
role of the namespace, or the full name of a role of a namespace above it.

PRINCIPAL is user:NAME, group:NAME, serviceAccount:namespaces/NS/serviceAccounts/NAME or, for an account of the
namespace, serviceAccount:NAME. RESOURCE is secret/NAME, projection/NAME or a full resource name in the namespace;
without it the role counts for the whole namespace and all below it.

With --when the grant counts only while a Cedar expression holds, written as inside when { }.`,
		Example: `  coffer grant create workload --to serviceAccount:etl --on projection/etl
  coffer grant create roles/deployer -n acme --to group:data-eng --expire 30d \
    --reason 'release 12'
  coffer grant create secret-reader --to user:alice --on secret/orders-db \
    --when 'context has address && context.address.isInRange(ip("10.0.0.0/8"))'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.resolve()
			if err != nil {
				return err
			}
			req, err := f.request(args[0], s.Namespace)
			if err != nil {
				return err
			}
			return a.connected(func(c *client.Client) error {
				created, err := c.CreateGrant(cmd.Context(), req)
				if err != nil {
					return err
				}
				return a.printDone(created, doneText("created", f.dryRun))
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "principal that receives the role")
	flags.StringVar(&f.on, "on", "", "resource it counts for (default: the namespace)")
	flags.StringVar(&f.when, "when", "", "Cedar expression that must hold for it to count")
	flags.StringVar(&f.reason, "reason", "", "why it is given")
	flags.Var(&f.expire, "expire", "until when: a time, or 36h or 90d from now (default: for ever)")
	flags.StringArrayVar(&f.labels, "label", nil, "KEY=VALUE, for finding and grouping; repeatable")
	flags.StringVar(&f.id, "id", "", "ID of the grant (default: the server's choice)")
	flags.BoolVar(&f.dryRun, "dry-run", false, "let the server check everything and do nothing")
	alsoCalled(flags, map[string]string{"expires": "expire", "description": "reason"})
	return cmd
}

func (f *grantFlags) request(role, namespace string) (*cofferv1.CreateGrantRequest, error) {
	parent, err := namespaceName(namespace)
	if err != nil {
		return nil, err
	}
	if f.to == "" {
		return nil, usage("to whom? Give --to PRINCIPAL")
	}
	grant := &cofferv1.Grant{
		Principal: principal(f.to, parent), Condition: f.when, Description: f.reason, ExpireTime: f.expire.time,
	}
	if grant.Role, err = roleName(role, namespace); err != nil {
		return nil, err
	}
	if grant.Resource, err = resourceName(f.on, namespace); err != nil {
		return nil, err
	}
	meta := metadataFlags{labels: f.labels}
	if _, err := meta.set(grant, func(string) bool { return false }); err != nil {
		return nil, err
	}
	return &cofferv1.CreateGrantRequest{Parent: parent, GrantId: f.id, Grant: grant, ValidateOnly: f.dryRun}, nil
}

// principal completes the short form of a service account.
func principal(text, parent string) string {
	if id, ok := strings.CutPrefix(text, "serviceAccount:"); ok && !strings.Contains(id, "/") {
		return "serviceAccount:" + parent + "/serviceAccounts/" + id
	}
	return text
}

// roleName completes the short forms of a role that is not built in, roles/NAME and role/NAMESPACE/NAME.
func roleName(text, namespace string) (string, error) {
	if !strings.Contains(text, "/") {
		return text, nil
	}
	full, err := resourceName(text, namespace)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(full, builtInRoles+"/roles/"), kindOf(kindRole).check(full)
}

// resourceName completes a reference such as secret/NAME. A full name stays, as does none.
func resourceName(text, namespace string) (string, error) {
	if text == "" || isFullName(text) {
		return text, nil
	}
	k, name, err := splitKind([]string{text})
	if err != nil {
		return "", err
	}
	return k.fullName(name, namespace)
}
