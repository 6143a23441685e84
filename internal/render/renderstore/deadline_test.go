package renderstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderstore"
)

// ending is a context that ends when it was looked at so often.
type ending struct {
	context.Context
	looks int
}

func (e *ending) Err() error {
	if e.looks--; e.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestFormats_end: each looks before every entry whether its time is over, and then ends with the error of the context.
func TestFormats_end(t *testing.T) {
	p := fixedPKI(t)
	identity := certificates(p.server) + pkcs8(p.server.key)
	password := value(strings.Repeat("p", 1024)) // the longest
	for name, c := range map[string]struct {
		make    func(context.Context, []renderstore.Entry) (plaintext.Value, error)
		entries []renderstore.Entry
	}{
		"PEM": {renderstore.PEM, entries("a", identity, "b", certificates(p.root))},
		"PKCS12": {func(ctx context.Context, e []renderstore.Entry) (plaintext.Value, error) {
			return renderstore.PKCS12(ctx, e, "", password)
		}, entries("a", identity, "b", certificates(p.root))},
		"JKS": {func(ctx context.Context, e []renderstore.Entry) (plaintext.Value, error) {
			return renderstore.JKS(ctx, e, "", password)
		}, entries("a", identity, "b", certificates(p.other)+pkcs8(p.other.key))},
		"HADOOP_CREDENTIALS": {func(ctx context.Context, e []renderstore.Entry) (plaintext.Value, error) {
			return renderstore.HadoopCredentials(ctx, e, password)
		}, entries("a", "v", "b", "v")},
	} {
		t.Run(name, func(t *testing.T) {
			for looks := range len(c.entries) {
				v, err := c.make(&ending{t.Context(), looks}, c.entries)
				if !errors.Is(err, context.DeadlineExceeded) || v.Len() != 0 {
					t.Errorf("after %d looks: %d bytes, %v", looks, v.Len(), err)
				}
			}
			if _, err := c.make(t.Context(), c.entries); err != nil {
				t.Errorf("with time: %v", err)
			}
		})
	}
}
