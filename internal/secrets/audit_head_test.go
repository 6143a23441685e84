package secrets_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/secrets"
)

func TestAuditHead_keepsHeadAndAnchor(t *testing.T) {
	f := newFixture(t)
	f.must(f.log.Close(f.ctx())) // or its own checkpoints come in between
	head := secrets.AuditHead{Store: f.store}
	for _, want := range []audit.State{
		{Head: audit.Head{Seq: 7, MAC: [32]byte{1, 2}}},
		{Head: audit.Head{Seq: 9, MAC: [32]byte{3}}, Anchor: audit.Head{Seq: 8, MAC: [32]byte{4, 5}}},
	} {
		f.must(head.Save(f.ctx(), want))
		got, err := head.Load(f.ctx())
		f.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Load (-want +got):\n%s", diff)
		}
	}
}
