package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) auditCommand() *cobra.Command {
	return nounCommand("audit", "What was decided, and what came of it", nil, a.auditList(), a.auditVerify())
}

func (a *app) auditList() *cobra.Command {
	var kindOfEvent, principal, resource, action, decision string
	since, until := timeFlag{past: true}, timeFlag{past: true}
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List audit events, newest first",
		Example: "  coffer audit list --since 1h --decision DENY\n  coffer audit list --resource namespaces/acme/secrets/orders-db --action secret:access",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			number, ok := cofferv1.AuditEvent_Kind_value[strings.ToUpper(strings.ReplaceAll(kindOfEvent, "-", "_"))]
			if kindOfEvent != "" && !ok {
				return usage(fmt.Sprintf("--kind %q: want DECISION, OUTCOME, AUTHN_FAILURE, MALFORMED or SYSTEM", kindOfEvent))
			}
			return a.connected(func(c *client.Client) error {
				list := method((*client.Client).ListAuditEvents)
				events, err := list.list(cmd.Context(), c, fields{
					"start_time": since.time, "end_time": until.time, "principal": principal, "resource": resource, "action": action,
					"kind": cofferv1.AuditEvent_Kind(number).Number(), "decision": strings.ToUpper(decision),
				}, limit)
				if err != nil {
					return err
				}
				return a.printList(events, "events",
					[]string{"time", "kind", "principal", "action", "resource", "decision", "code", "request_id", "detail"})
			})
		},
	}
	flags := cmd.Flags()
	flags.Var(&since, "since", "only events at or after: a time, or 1h or 7d ago")
	flags.Var(&until, "until", "only events before: a time, or 1h or 7d ago")
	flags.StringVar(&kindOfEvent, "kind", "", "only DECISION, OUTCOME, AUTHN_FAILURE, MALFORMED or SYSTEM")
	flags.StringVar(&principal, "principal", "", "only of this principal")
	flags.StringVar(&resource, "resource", "", "only of resources whose full name starts so")
	flags.StringVar(&action, "action", "", "only of this action, e.g. secret:access")
	flags.StringVar(&decision, "decision", "", "only ALLOW or DENY")
	flags.IntVar(&limit, "limit", 50, "show at most so many (0: all)")
	return cmd
}

func (a *app) auditVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Check the whole audit log for changed, removed, reordered and truncated records",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.connected(func(c *client.Client) error {
				report, err := c.VerifyAuditLog(cmd.Context(), &cofferv1.VerifyAuditLogRequest{})
				if err != nil {
					return err
				}
				if a.output != outputTable {
					return a.printMessage(report)
				}
				return a.printLine(fmt.Sprintf("the audit log is intact: %d records, %d to %d, in %d files",
					report.GetRecords(), report.GetFirstSequence(), report.GetLastSequence(), report.GetSegments()))
			})
		},
	}
}
