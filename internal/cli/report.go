package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

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
	var told refusedError
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
	case errors.As(err, &told):
		a.warn("%v", told)
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
	violations := refused.Violations
	switch {
	case refused.Reason == cofferv1.ErrorReason_REFERENCE_UNRESOLVED:
		text, _, _ = strings.Cut(text, ":") // each is told in a line of its own
	case refused.Reason == cofferv1.ErrorReason_INVALID_FIELD && len(violations) > 0:
		text = "invalid request"
		if len(violations) == 1 {
			text += ": " + violation(violations[0])
			violations = nil
		}
	}
	more := ""
	if i := strings.LastIndex(refused.Message, "; and "); i >= 0 && text != refused.Message {
		more = refused.Message[i+len("; "):]
	}
	if errors.Is(refused, client.ErrNotFound) && refused.Resource != "" && !strings.Contains(text, refused.Resource) {
		text = described(refused.Resource) + ": " + text // the server's words do not tell what
	}
	if refused.Reason != cofferv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		text += " (" + refused.Reason.String() + ")"
	}
	// What was being done, as the wrapping errors say it.
	if doing, _, ok := strings.Cut(err.Error(), refused.Error()); ok {
		text = doing + text
	}
	a.warn("%s", text)
	for _, v := range violations {
		a.warn("  %s", violation(v))
	}
	if more != "" {
		a.warn("  %s", more)
	}
	if refused.RequestID != "" {
		a.warn("  request ID: %s", refused.RequestID)
	}
	if hint := a.hint(refused); hint != "" {
		a.note("  hint: %s", hint)
	}
}

// violation tells what is wrong with a field, in the words of manifests.
func violation(v client.Violation) string {
	if strings.HasPrefix(v.Field, "/") || v.Field == "" {
		return place(v.Field) + ": " + v.Description // a place in a payload
	}
	return fieldWords(v.Field) + ": " + fieldWords(v.Description)
}

// protoWord is what may be the name of a field in the API. What stands in quotes, somebody else named.
var protoWord = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[A-Za-z0-9_-]+`)

// fieldWords writes the names of fields of projections and secrets as manifests do.
func fieldWords(text string) string {
	words := map[string]string{}
	addFieldWords(words, (&cofferv1.Projection{}).ProtoReflect().Descriptor())
	addFieldWords(words, (&cofferv1.Secret{}).ProtoReflect().Descriptor())
	return protoWord.ReplaceAllStringFunc(text, func(word string) string { return cmp.Or(words[word], word) })
}

// addFieldWords adds the fields of a message and of those in it, none of which contains itself.
func addFieldWords(words map[string]string, message protoreflect.MessageDescriptor) {
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		words[string(field.Name())] = field.JSONName()
		if field.Message() != nil {
			addFieldWords(words, field.Message())
		}
	}
}

// described is how a resource is called on the command line, also a version.
func described(resource string) string {
	secret, version, ok := strings.Cut(resource, "/versions/")
	if ok {
		return reference(secret) + " version " + version
	}
	return reference(resource)
}

// hint tells what may help. What fails before a request has an ID never reached the server.
func (a *app) hint(refused *client.Error) string {
	switch {
	case errors.Is(refused, client.ErrUnauthenticated) && a.settings.stored && a.settings.Issuer != nil:
		return "the login is over, or meant for another server: run 'coffer login --oidc' again"
	case errors.Is(refused, client.ErrUnauthenticated) && a.settings.Token == "" && a.settings.TokenFile == "" && !a.settings.stored:
		return "no token was given: run 'coffer login', or set COFFER_TOKEN or COFFER_TOKEN_FILE"
	case errors.Is(refused, client.ErrUnauthenticated):
		return "the token is unknown, expired or revoked, or meant for another server: run 'coffer login' again"
	case errors.Is(refused, client.ErrDenied) && refused.Action != "" && len(refused.Roles) > 0:
		return deniedHint(refused)
	case errors.Is(refused, client.ErrDenied):
		return "'coffer whoami' tells who you are to the server; an admin of the namespace can grant you a role"
	case errors.Is(refused, client.ErrUnavailable) && refused.RequestID == "" && tlsHint(refused.Message) != "":
		return tlsHint(refused.Message)
	case errors.Is(refused, client.ErrUnavailable) && refused.RequestID == "" && a.settings.ClientCert == "" && cutOff(refused.Message):
		return "the server closed the connection: perhaps it wants to see a certificate of yours, --client-cert and --client-key"
	case errors.Is(refused, client.ErrUnavailable) && refused.RequestID == "":
		return "is cofferd running at " + a.settings.Address + "? Set --address or COFFER_ADDR otherwise"
	case errors.Is(refused, client.ErrEtag):
		return "it has changed since you read it: read it again and repeat"
	case refused.Reason == cofferv1.ErrorReason_QUOTA_EXCEEDED:
		return "'coffer namespace get' tells what it holds and may hold; deleting and purging makes room"
	case errors.Is(refused, client.ErrLimit) && refused.RetryAfter > 0:
		return fmt.Sprintf("try again in %v", refused.RetryAfter.Round(time.Second/10))
	case refused.Reason == cofferv1.ErrorReason_REFERENCE_DANGLING:
		return "write it again, as with 'coffer apply', to bind it to what has the name now; the secret may have been moved or deleted"
	case errors.Is(refused, client.ErrInUse):
		return inUseHint(refused.Method)
	}
	return ""
}

// inUseHint is what may help where projections are in the way of a method.
func inUseHint(method string) string {
	switch method {
	case "DeleteSecret":
		return "'coffer secret used-by' tells by what; --force deletes all the same"
	case "MoveSecret":
		return "'coffer secret used-by' tells by what; --force moves all the same"
	case "DeleteNamespace":
		return "--force deletes all the same: those projections fail until it is undeleted"
	}
	return "'coffer projection get' shows which version each item delivers; with 'active' in place of the number, it follows the secret"
}

// deniedHint tells what the action takes wherever it is asked for, and so nothing of what exists.
func deniedHint(refused *client.Error) string {
	// The request may be about something that uses what was denied; the server's words name that.
	resource := refused.Resource
	if _, after, ok := strings.Cut(refused.Message, refused.Action+" denied on "); ok {
		resource, _, _ = strings.Cut(after, " ")
	}
	resource, _, _ = strings.Cut(resource, "/versions/")
	if resource == "" {
		resource = "namespaces/instance"
	}
	return fmt.Sprintf("%s takes %s on it or on a namespace above; 'coffer access check %s %s' says more",
		refused.Action, anyRole(refused.Roles), refused.Action, reference(resource))
}

// cutOff tells whether the server ended the connection. A server that misses a certificate says so, but the news may come
// after the connection is gone.
func cutOff(message string) bool {
	return strings.Contains(message, "broken pipe") || strings.Contains(message, "connection reset") || strings.HasSuffix(message, "EOF")
}

// tlsHint is what may help when the two sides do not trust each other; empty if that is not the trouble.
func tlsHint(message string) string {
	for _, hint := range []struct{ sign, text string }{
		{"first record does not look like a TLS handshake", "the server speaks no TLS there: is it http rather than https?"},
		{"unknown authority", "name the authority that vouches for the server with --ca-cert or COFFER_CACERT"},
		{"certificate required", "the server wants to see a certificate of yours: --client-cert and --client-key, or COFFER_CLIENT_CERT and COFFER_CLIENT_KEY"},
		{"remote error: tls", "the server does not accept the certificate of --client-cert"},
		{"x509: ", "the server's certificate does not fit --address, or --ca-cert does not fit the certificate"},
	} {
		if strings.Contains(message, hint.sign) {
			return hint.text
		}
	}
	return ""
}
