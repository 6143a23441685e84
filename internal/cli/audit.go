package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) auditCommand() *cobra.Command {
	return nounCommand("audit", "What was decided, and what came of it", nil, a.auditList(), a.auditVerify())
}

func (a *app) auditList() *cobra.Command {
	var since, until, kindOfEvent, principal, resource, action, decision string
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List audit events, newest first",
		Example: "  coffer audit list --since 1h --decision DENY\n  coffer audit list --resource namespaces/acme/secrets/orders-db --action secret:access",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := parsePast(since)
			if err != nil {
				return err
			}
			to, err := parsePast(until)
			if err != nil {
				return err
			}
			number, ok := cofferv1.AuditEvent_Kind_value[strings.ToUpper(strings.ReplaceAll(kindOfEvent, "-", "_"))]
			if kindOfEvent != "" && !ok {
				return usage(fmt.Sprintf("--kind %q: want DECISION, OUTCOME, AUTHN_FAILURE, MALFORMED or SYSTEM", kindOfEvent))
			}
			c, err := a.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			list := method((*client.Client).ListAuditEvents)
			events, err := list.list(cmd.Context(), c, fields{
				"start_time": from, "end_time": to, "principal": principal, "resource": resource, "action": action,
				"kind": cofferv1.AuditEvent_Kind(number).Number(), "decision": strings.ToUpper(decision),
			}, limit)
			if err != nil {
				return err
			}
			return a.printList(events, "events",
				[]string{"time", "kind", "principal", "action", "resource", "decision", "code", "request_id", "detail"})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&since, "since", "", "only events at or after: a time, or 1h or 7d ago")
	flags.StringVar(&until, "until", "", "only events before: a time, or 1h or 7d ago")
	flags.StringVar(&kindOfEvent, "kind", "", "only DECISION, OUTCOME, AUTHN_FAILURE, MALFORMED or SYSTEM")
	flags.StringVar(&principal, "principal", "", "only of this principal")
	flags.StringVar(&resource, "resource", "", "only of resources whose full name starts so")
	flags.StringVar(&action, "action", "", "only of this action, e.g. secret:access")
	flags.StringVar(&decision, "decision", "", "only ALLOW or DENY")
	flags.IntVar(&limit, "limit", 50, "show at most so many (0: all)")
	return cmd
}

// parsePast reads a time as RFC 3339, or as a duration before now.
func parsePast(text string) (*timestamppb.Timestamp, error) {
	at, err := parseTime(text)
	if err != nil || at == nil {
		return at, err
	}
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	now := time.Now()
	return timestamppb.New(now.Add(-at.AsTime().Sub(now))), nil
}

func (a *app) auditVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Check the whole audit log for changed, removed, reordered and truncated records",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			report, err := c.VerifyAuditLog(cmd.Context(), &cofferv1.VerifyAuditLogRequest{})
			if err != nil {
				return err
			}
			if a.output != outputTable {
				return a.printMessage(report)
			}
			return a.printLine(fmt.Sprintf("the audit log is intact: %d records, %d to %d, in %d files",
				report.GetRecords(), report.GetFirstSequence(), report.GetLastSequence(), report.GetSegments()))
		},
	}
}
