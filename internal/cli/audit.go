package cli

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) auditCommand() *cobra.Command {
	return nounCommand("audit", "What was decided, and what came of it", nil,
		a.auditList(), a.auditFollow(), a.auditExport(), a.auditVerify())
}

// auditFlags say which events are wanted.
type auditFlags struct {
	kind, principal, resource, action, decision string
	outcome, requestID                          string
	since, until                                timeFlag
}

// register adds the flags; those that a watch does not know only if past is set.
func (f *auditFlags) register(flags *pflag.FlagSet, past bool) {
	flags.StringVar(&f.kind, "kind", "", "only DECISION, OUTCOME, AUTHN_FAILURE, MALFORMED or SYSTEM")
	flags.StringVar(&f.principal, "principal", "", "only of this principal")
	flags.StringVar(&f.resource, "resource", "", "only of the resource of this full name and what is below it")
	flags.StringVar(&f.action, "action", "", "only of this action, e.g. secret:access")
	flags.StringVar(&f.decision, "decision", "", "only ALLOW or DENY")
	if past {
		f.since.past, f.until.past = true, true
		flags.Var(&f.since, "since", "only events at or after: a time, or 1h or 7d ago")
		flags.Var(&f.until, "until", "only events before: a time, or 1h or 7d ago")
		flags.StringVar(&f.outcome, "outcome", "", "only outcomes with this code, e.g. PERMISSION_DENIED")
		flags.StringVar(&f.requestID, "request-id", "", "only of the call that had this ID")
	}
}

// eventKind is the kind wanted; none is 0.
func (f *auditFlags) eventKind() (cofferv1.AuditEvent_Kind, error) {
	number, ok := cofferv1.AuditEvent_Kind_value[constant(f.kind)]
	if f.kind != "" && !ok {
		return 0, usage(fmt.Sprintf("--kind %q: want DECISION, OUTCOME, AUTHN_FAILURE, MALFORMED or SYSTEM", f.kind))
	}
	return cofferv1.AuditEvent_Kind(number), nil
}

func (f *auditFlags) request() (*cofferv1.ListAuditEventsRequest, error) {
	number, err := f.eventKind()
	return &cofferv1.ListAuditEventsRequest{
		StartTime: f.since.time, EndTime: f.until.time, Principal: f.principal, Resource: f.resource, Action: f.action, Kind: number,
		Decision: constant(f.decision), Outcome: constant(f.outcome), RequestId: f.requestID,
	}, err
}

// constant writes a name as the API's constants are.
func constant(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

func (a *app) auditList() *cobra.Command {
	var f auditFlags
	limit := int64(50)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List audit events, newest first",
		Long: `List audit events, newest first. The table has a line for each decision, with what came of the call: ALLOW OK. It
shortens names: etl@acme is the account etl of the namespace acme. -o json and -o yaml show all of every event.`,
		Example: `  coffer audit list --since 1h --decision DENY
  coffer audit list --resource namespaces/acme/secrets/orders-db \
    --action secret:access
  coffer audit list --request-id 0198a7d2-7a63-7d9c-8c3c-3f0f3f3a4e55`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			req, err := f.request()
			if err != nil {
				return err
			}
			return a.connected(func(c *client.Client) error {
				if a.output == outputTable && !a.quiet {
					rows, err := listEvents(cmd.Context(), c, req, limit)
					if err != nil {
						return err
					}
					return a.printEvents(rows)
				}
				events, err := method((*client.Client).ListAuditEvents).pages(cmd.Context(), c, req, limit)
				if err != nil {
					return err
				}
				return a.printList(events, "events", nil)
			})
		},
	}
	f.register(cmd.Flags(), true)
	limitFlag(cmd.Flags(), &limit, " lines; in JSON and YAML, events")
	return cmd
}

// printEvents shows a table.
func (a *app) printEvents(rows []eventRow) error {
	if len(rows) == 0 {
		a.note("none")
		return nil
	}
	cells := [][]string{eventTitles()}
	for _, row := range rows {
		cells = append(cells, eventCells(row.event, row.code))
	}
	return a.printTable(cells)
}

func eventTitles() []string {
	return []string{"TIME", "PRINCIPAL", "ACTION", "RESOURCE", "RESULT", "DETAIL"}
}

// eventCells is an event in a table. code is what came of the call.
func eventCells(event *cofferv1.AuditEvent, code string) []string {
	return []string{
		event.GetTime().AsTime().Format(time.RFC3339), shortAccounts(event.GetPrincipal()), event.GetAction(),
		described(event.GetResource()), result(event, code), eventDetail(event),
	}
}

// result is the decision and what came of it; of other events, what they are.
func result(event *cofferv1.AuditEvent, code string) string {
	text := event.GetDecision()
	if text == "" && event.GetKind() != cofferv1.AuditEvent_OUTCOME {
		text = event.GetKind().String()
	}
	if text == "DENY" && code == "PERMISSION_DENIED" {
		return text
	}
	return strings.TrimSpace(text + " " + code)
}

func eventDetail(event *cofferv1.AuditEvent) string {
	detail := shortAccounts(event.GetDetail())
	if event.GetCount() > 1 {
		return strings.TrimSpace(fmt.Sprintf("%d times %s", event.GetCount(), detail))
	}
	return detail
}

// account is the principal of a service account.
var account = regexp.MustCompile(`serviceAccount:namespaces/([^/\s]+)/serviceAccounts/([-._A-Za-z0-9]+)`)

// shortAccounts writes service accounts as ACCOUNT@NAMESPACE.
func shortAccounts(text string) string { return account.ReplaceAllString(text, "$2@$1") }

func (a *app) auditVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Check the audit log for changed, removed and reordered records",
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
