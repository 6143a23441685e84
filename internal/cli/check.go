package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) accessCommand() *cobra.Command {
	return nounCommand("access", "Who may do what, and why", nil, a.accessCheck(), a.accessWho())
}

// resourceHelp tells how check and who take a resource.
const resourceHelp = `RESOURCE is KIND/NAME, e.g. secret/orders-db, in the namespace of -n; KIND/NAMESPACE/NAME; or a full resource name.`

func (a *app) accessCheck() *cobra.Command {
	var req cofferv1.CheckAccessRequest
	cmd := &cobra.Command{
		Use:   "check ACTION RESOURCE",
		Short: "Tell whether you may do something, or another principal, and why",
		Long: `Tell whether you may do something, or another principal, and which grants and policies make it so. It needs no right
for yourself, and access:check on the resource for another. Nothing is done.

` + resourceHelp + `

Exit codes: 0 allowed, 2 denied or not answered, 1 usage or local error.`,
		Example: `  coffer access check secret:access secret/orders-db -n acme
  coffer access check secret:use secret/orders-db -n acme \
    --as user:alice --group data-eng --from 10.1.2.3`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.resolve()
			if err != nil {
				return err
			}
			req.Action = args[0]
			if req.Resource, err = resourceName(args[1], s.Namespace); err != nil {
				return err
			}
			for i, group := range req.GetGroups() {
				req.Groups[i] = "group:" + strings.TrimPrefix(group, "group:")
			}
			if s.Namespace != "" {
				parent, err := namespaceName(s.Namespace)
				if err != nil {
					return err
				}
				req.Principal = principal(req.GetPrincipal(), parent)
			}
			return a.connected(func(c *client.Client) error {
				answer, err := c.CheckAccess(cmd.Context(), &req)
				if err != nil {
					return err
				}
				if err := a.printCheck(cmd.Context(), c, &req, answer); err != nil {
					return err
				}
				if !answer.GetAllowed() {
					return exitError{exitServer}
				}
				return nil
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&req.Principal, "as", "", "principal to ask about (default: you)")
	flags.StringArrayVar(&req.Groups, "group", nil, "with --as: group to take it to be in; repeatable (default: those of its last login)")
	flags.StringVar(&req.SourceAddress, "from", "", "address to take the call to come from (default: yours)")
	return cmd
}

func (a *app) printCheck(
	ctx context.Context, c *client.Client, req *cofferv1.CheckAccessRequest, answer *cofferv1.CheckAccessResponse,
) error {
	text := "denied"
	if answer.GetAllowed() {
		text = "allowed"
	}
	switch {
	case a.output != outputTable:
		return a.printMessage(answer)
	case a.quiet:
		return a.printLine(text)
	}
	who, texts := "you", map[string]string{}
	if req.GetPrincipal() != "" {
		// For oneself it is not tried: without a right to see grants each were one more denial in the audit log.
		who, texts = shortAccounts(req.GetPrincipal()), conditions(ctx, c, answer.GetReasons())
	}
	if err := a.printLine(text + ": " + req.GetAction() + " on " + described(req.GetResource()) + " for " + who); err != nil {
		return err
	}
	rows := [][]string{{"THROUGH", "ROLE", "OF", "CONDITION", "UNTIL"}}
	for _, reason := range answer.GetReasons() {
		condition, until := limits(reason, texts)
		rows = append(rows, []string{through(reason), reference(reason.GetRole()), shortAccounts(reason.GetPrincipal()), condition, until})
	}
	if len(rows) > 1 {
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	a.noteHidden(answer.GetHiddenReasons())
	if len(answer.GetReasons())+int(answer.GetHiddenReasons()) == 0 && !answer.GetAllowed() {
		a.note("nothing permits it, or the resource does not exist")
	}
	if roles := answer.GetRoles(); len(roles) > 0 {
		a.note("on it or on a namespace above, %s would allow it", anyRole(roles))
	}
	return nil
}

// through is what a reason names: a grant or a policy.
func through(reason *cofferv1.Reason) string {
	if reason.GetGrant() != "" {
		return reference(reason.GetGrant())
	}
	name, statement, ok := strings.Cut(reason.GetPolicy(), "#")
	if name = reference(name); ok {
		name += "#" + statement
	}
	return name
}

// limits tells what condition a reason depends on, or that it does on one, and when it ends.
func limits(reason *cofferv1.Reason, texts map[string]string) (condition, until string) {
	text := texts[reason.GetGrant()]
	switch {
	case reason.GetUnmet() && text != "":
		condition = "not met: " + text
	case reason.GetUnmet():
		condition = "not met"
	case reason.GetConditional():
		condition = cmp.Or(text, "yes")
	}
	if reason.GetExpireTime() != nil {
		until = formatMessage(reason.GetExpireTime())
	}
	return condition, until
}

func (a *app) noteHidden(count int32) {
	if count > 0 {
		a.note("and %d more that you may not see", count)
	}
}

// anyRole lists roles of which one is enough.
func anyRole(roles []string) string {
	if len(roles) == 1 {
		return "the role " + roles[0]
	}
	return "one of the roles " + strings.Join(roles[:len(roles)-1], ", ") + " or " + roles[len(roles)-1]
}

func (a *app) accessWho() *cobra.Command {
	var action string
	var limit int64
	cmd := &cobra.Command{
		Use:   "who RESOURCE",
		Short: "List who may do something on a resource, and through what",
		Long: `List who may do something on a resource, and through what: grants, policies, ownership and, for secret:use, the
projections that deliver the secret. It needs access:list on the resource.

` + resourceHelp,
		Example: `  coffer access who secret/orders-db -n acme
  coffer access who namespace/acme --action secret:create`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.resolve()
			if err != nil {
				return err
			}
			full, err := resourceName(args[0], s.Namespace)
			if err != nil {
				return err
			}
			if k, err := kindOfName(full); err == nil && action == "" && !slices.Contains([]string{kindSecret, kindProjection}, k.name) {
				return usage("to do what on a " + k.name + "? Give --action, e.g. --action secret:create")
			}
			return a.connected(func(c *client.Client) error {
				all := &cofferv1.ListAccessorsResponse{}
				req := &cofferv1.ListAccessorsRequest{Resource: full, Action: action, PageSize: 500}
				for page, err := range client.Pages(cmd.Context(), c.ListAccessors, req) {
					if err != nil {
						return err
					}
					all.Accessors = append(all.Accessors, page.GetAccessors()...)
					if all.Hidden += page.GetHidden(); limit > 0 && int64(len(all.GetAccessors())) >= limit {
						all.Accessors = all.GetAccessors()[:limit]
						break
					}
				}
				return a.printAccessors(cmd.Context(), c, all)
			})
		},
	}
	cmd.Flags().StringVar(&action, "action", "", "the action (default: secret:access and secret:use, or projection:render)")
	limitFlag(cmd.Flags(), &limit, "")
	return cmd
}

func (a *app) printAccessors(ctx context.Context, c *client.Client, all *cofferv1.ListAccessorsResponse) error {
	if a.output != outputTable {
		return a.printMessage(all)
	}
	var texts map[string]string
	if !a.quiet {
		var reasons []*cofferv1.Reason
		for _, accessor := range all.GetAccessors() {
			reasons = append(reasons, accessor.GetReason())
		}
		texts = conditions(ctx, c, reasons)
	}
	rows := [][]string{{"PRINCIPAL", "ACTION", "THROUGH", "ROLE", "CONDITION", "UNTIL"}}
	for _, accessor := range all.GetAccessors() {
		who := shortAccounts(accessor.GetPrincipal())
		if who == "" {
			who = "whoever meets it"
		}
		if a.quiet {
			if err := a.printLine(who); err != nil {
				return err
			}
			continue
		}
		by := through(accessor.GetReason())
		if accessor.GetProjection() != "" {
			by = reference(accessor.GetProjection()) + " by " + by
		}
		condition, until := limits(accessor.GetReason(), texts)
		rows = append(rows, []string{who, accessor.GetAction(), by, reference(accessor.GetReason().GetRole()), condition, until})
	}
	if len(rows) > 1 {
		if err := a.printTable(rows); err != nil {
			return err
		}
	} else if !a.quiet && all.GetHidden() == 0 {
		a.note("nobody")
	}
	a.noteHidden(all.GetHidden())
	return nil
}
