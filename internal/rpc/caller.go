package rpc

import (
	"context"

	"github.com/coffer-dev/coffer/internal/authn"
)

type callerKey struct{}

// WithCaller returns a context that carries who is asking, from the server's authentication to the handlers, which pass
// it on explicitly.
func WithCaller(ctx context.Context, caller authn.Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, &caller)
}

// Caller returns who is asking: the zero Caller, which holds no right, if nobody was authenticated.
func Caller(ctx context.Context) authn.Caller {
	if caller, ok := ctx.Value(callerKey{}).(*authn.Caller); ok {
		return *caller
	}
	return authn.Caller{}
}
