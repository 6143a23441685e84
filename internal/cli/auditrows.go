package cli

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// farther is how many events beyond the last line are looked through for the decisions of outcomes shown.
const farther = 200

// eventRow is a line of the table: an event, and what came of the call.
type eventRow struct {
	event *cofferv1.AuditEvent
	code  string
}

// listEvents reads events, newest first, until they make limit lines (0: all) of which none is cut off from what belongs
// to it.
func listEvents(ctx context.Context, c *client.Client, req *cofferv1.ListAuditEventsRequest, limit int64) ([]eventRow, error) {
	req.PageSize = 500
	var events []*cofferv1.AuditEvent
	for page, err := range client.Pages(ctx, c.ListAuditEvents, req) {
		if err != nil {
			return nil, err
		}
		events = append(events, page.GetEvents()...)
		if rows, whole := joinEvents(events, limit); whole {
			return rows, nil
		}
	}
	rows, _ := joinEvents(events, limit)
	return rows, nil
}

// joinEvents makes the first lines of events, newest first, and tells whether more events would not change them. An outcome
// comes before its decisions, and has no line of its own where one of them has.
func joinEvents(events []*cofferv1.AuditEvent, limit int64) (rows []eventRow, whole bool) {
	outcomes, decided := map[string]string{}, map[string]bool{}
	for _, event := range events {
		switch event.GetKind() {
		case cofferv1.AuditEvent_OUTCOME:
			outcomes[event.GetRequestId()] = event.GetCode()
		case cofferv1.AuditEvent_DECISION:
			decided[event.GetRequestId()] = true
		}
	}
	alone := false // there is an outcome whose decision may follow
	for i, event := range events {
		row := eventRow{event, event.GetCode()}
		switch event.GetKind() {
		case cofferv1.AuditEvent_OUTCOME:
			if decided[event.GetRequestId()] {
				continue
			}
			alone = true
		case cofferv1.AuditEvent_DECISION:
			row.code = outcomes[event.GetRequestId()]
		}
		if rows = append(rows, row); limit > 0 && int64(len(rows)) == limit {
			return rows, !alone || i+farther < len(events)
		}
	}
	return rows, false
}
