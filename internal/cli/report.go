package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// exitError ends the program with the code of a child, which has said itself what there is to say.
type exitError struct{ code int }

func (e exitError) Error() string { return "the child failed" }

// report tells the user of an error and returns the exit code.
func (a *app) report(ctx context.Context, ran *cobra.Command, err error) int {
	var exit exitError
	var refused *client.Error
	var misused usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.code
	case ctx.Err() != nil:
		a.warn("interrupted")
		return exitLocal
	case errors.As(err, &refused):
		a.reportRefusal(err, refused)
		return exitServer
	}
	a.warn("%v", err)
	if errors.As(err, &misused) || !a.started {
		a.note("see '%s --help'", ran.CommandPath())
	}
	return exitLocal
}

func (a *app) reportRefusal(err error, refused *client.Error) {
	text := refused.Message
	if refused.Reason != cofferv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		text += " (" + refused.Reason.String() + ")"
	}
	// What was being done, as the wrapping errors say it.
	if doing, _, ok := strings.Cut(err.Error(), refused.Error()); ok {
		text = doing + text
	}
	a.warn("%s", text)
	for _, v := range refused.Violations {
		if !strings.Contains(text, v.Description) {
			a.warn("  %s: %s", v.Field, v.Description)
		}
	}
	if refused.RequestID != "" {
		a.warn("  request ID: %s", refused.RequestID)
	}
	if hint := a.hint(refused); hint != "" {
		a.note("  hint: %s", hint)
	}
}

func (a *app) hint(refused *client.Error) string {
	switch {
	case errors.Is(refused, client.ErrUnauthenticated) && a.settings.Token == "" && a.settings.TokenFile == "":
		return "no token was given: run 'coffer login', or set COFFER_TOKEN or COFFER_TOKEN_FILE"
	case errors.Is(refused, client.ErrUnauthenticated):
		return "the token is unknown, expired or revoked, or meant for another server: run 'coffer login' again"
	case errors.Is(refused, client.ErrDenied):
		return "'coffer whoami' tells who you are to the server; an admin of the namespace can grant you a role"
	case errors.Is(refused, client.ErrUnavailable) && refused.RequestID == "":
		return "is cofferd running at " + a.settings.Address + "? Set --address or COFFER_ADDR otherwise"
	case errors.Is(refused, client.ErrEtag):
		return "it has changed since you read it: read it again and repeat"
	case errors.Is(refused, client.ErrInUse):
		return "'coffer secret used-by' tells by what; --force deletes all the same"
	}
	return ""
}
