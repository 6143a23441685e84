package cli

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// maxConditions bounds how many grants are read for what they depend on.
const maxConditions = 50

// conditions reads what the conditional ones of some reasons depend on, by the names of their grants. There is none of a
// grant that the caller may not see, nor of a policy, whose text holds its own.
func conditions(ctx context.Context, c *client.Client, reasons []*cofferv1.Reason) map[string]string {
	texts := map[string]string{}
	for _, reason := range reasons {
		name := reason.GetGrant()
		if _, known := texts[name]; known || name == "" || !reason.GetConditional() && !reason.GetUnmet() || len(texts) == maxConditions {
			continue
		}
		texts[name] = ""
		if grant, err := c.GetGrant(ctx, &cofferv1.GetGrantRequest{Name: name}); err == nil {
			texts[name] = grant.GetCondition()
		}
	}
	return texts
}
