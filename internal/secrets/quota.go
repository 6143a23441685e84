package secrets

import (
	"context"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// quotaFields are what an update mask can name of a quota.
var quotaFields = []field[Namespace, storev1.Namespace]{
	quotaField("quota", func(now *Usage, sent Usage) { *now = sent }, func(n *Namespace) bool { return n.Quota != Usage{} }),
	quotaField("quota.secrets", func(now *Usage, sent Usage) { now.Secrets = sent.Secrets }, nil),
	quotaField("quota.versions", func(now *Usage, sent Usage) { now.Versions = sent.Versions }, nil),
	quotaField("quota.bytes", func(now *Usage, sent Usage) { now.Bytes = sent.Bytes }, nil),
}

func quotaField(path string, set func(now *Usage, sent Usage), present func(*Namespace) bool) field[Namespace, storev1.Namespace] {
	if present == nil {
		present = func(*Namespace) bool { return false } // named, or part of the whole
	}
	return field[Namespace, storev1.Namespace]{path, present, func(r *storev1.Namespace, n *Namespace) {
		quota := usageOf(r.GetQuota())
		set(&quota, n.Quota)
		r.Quota = quota.stored()
	}}
}

func (u Usage) check(p *problems, fieldName string) {
	if u.Secrets < 0 || u.Versions < 0 || u.Bytes < 0 {
		p.addf(fieldName, "no bound may be negative")
	}
}

// allowQuota asks, where an update would change a quota, for the right to change the namespace above: a bound that whoever
// is bound can lift is none. Of the root there is nothing above to ask.
func (s *Service) allowQuota(ctx context.Context, caller authn.Caller, n namespace, set func(*storev1.Namespace)) error {
	after := &storev1.Namespace{Meta: &storev1.Meta{}, Quota: n.quota.stored()}
	if set(after); usageOf(after.GetQuota()) == n.quota {
		return nil
	}
	parent, ok := s.directory.namespaceByUID(n.parentUID)
	if !ok {
		return nil
	}
	above := s.namespaceAt(s.locate("", parent.name(), namespaces))
	return s.gate.AllowAll(ctx, caller, above, "quota of "+n.name(), authz.NamespaceUpdate)
}

// shownBytes is the step in which bytes are shown: exact ones would tell the size of a value to who may not read it.
const shownBytes = 1 << 20

// addUsage fills in what a namespace holds, as far as it is known.
func (s *Service) addUsage(ctx context.Context, n *Namespace) error {
	c, err := s.counted(ctx, n.UID)
	if err != nil {
		return err
	}
	s.usages.mu.Lock()
	n.Usage = c.known()
	s.usages.mu.Unlock()
	n.Usage.Bytes = (n.Usage.Bytes + shownBytes - 1) / shownBytes * shownBytes
	return nil
}
