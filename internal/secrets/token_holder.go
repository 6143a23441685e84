package secrets

import (
	"context"
	"fmt"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// holderAt is whom the tokens belong to that a name points to, and one of them if it names one, as far as they exist:
// a service account, or a person. Of people nothing else is known; what concerns their tokens is decided on the instance.
type holderAt struct {
	accountAt
	person   bool
	token    *storev1.Token // nil: there is none, or none was named
	tokenRev storage.Revision
}

func (s *Service) locateHolder(fieldName, name string, collections ...string) holderAt {
	if !strings.HasPrefix(name, users+"/") {
		return holderAt{accountAt: accountAt{place: s.locate(fieldName, name, append([]string{namespaces, serviceAccounts}, collections...)...)}}
	}
	collections = append([]string{users}, collections...)
	ids, ok := split(name, collections...)
	p := place{name: name, nsID: Instance, ns: s.directory.root(), ids: ids}
	if !ok {
		p.name, p.ids = clip(name), nil
		p.fault = Invalid(fieldName, "want %s, with IDs as the reference says", pattern(collections...))
	}
	return holderAt{accountAt: accountAt{place: p}, person: true}
}

func (h *holderAt) read(r reader) error {
	if !h.person {
		if err := h.accountAt.read(r); err != nil || h.record == nil {
			return err
		}
	}
	if h.ns.uid == "" || len(h.ids) < 2 {
		return nil
	}
	record := &storev1.Token{}
	rev, err := r.Get(kindToken, h.ns.uid, h.tokenKey(h.ids[1]), record)
	if ok, err := found(err); !ok {
		return err
	}
	h.token, h.tokenRev = record, rev
	return nil
}

// tokenKey is the key of a token of the holder; of the ID "" that below which all of them are.
func (h holderAt) tokenKey(id string) storage.Key {
	if h.person {
		return key(tokenPrefix, h.ns.uid, users, h.ids[0], id)
	}
	return key(tokenPrefix, h.ns.uid, h.record.GetUid(), id)
}

// holder is the name that tokens stand below.
func (h holderAt) holder() string {
	if h.person {
		return join(users, h.ids[0])
	}
	return join(namespaces, h.ns.id, serviceAccounts, h.ids[0])
}

// principal is whom the tokens authenticate.
func (h holderAt) principal() string {
	if len(h.ids) == 0 {
		return "nobody"
	}
	if h.person {
		return string(authn.KindUser) + ":" + h.ids[0]
	}
	return string(authn.KindServiceAccount) + ":" + join(namespaces, h.nsID, serviceAccounts, h.ids[0])
}

// user is the person; empty for a service account.
func (h holderAt) user() string {
	if h.person {
		return h.ids[0]
	}
	return ""
}

// told is why there is nothing to work on, once the decision allows telling.
func (h holderAt) told(token bool) error {
	if h.fault != nil {
		return h.fault
	}
	if !h.person && h.record == nil || token && h.token == nil {
		return h.absent()
	}
	return nil
}

// again reads the holder and the token within a transaction: they must be those that were decided on.
func (h holderAt) again(s *Service, tx *sealed.Tx, etag string) (holderAt, error) {
	now := holderAt{accountAt: accountAt{place: h.place}, person: h.person}
	if err := firstError(s.liveNamespace(tx, h.ns), now.read(tx)); err != nil {
		return now, err
	}
	if now.record.GetUid() != h.record.GetUid() || now.token.GetUid() != h.token.GetUid() {
		return now, ErrNotFound
	}
	if h.token == nil {
		return now, nil
	}
	return now, checkEtag(etag, now.tokenRev)
}

// isToken tells whether the caller was authenticated by the very token. What an issuer calls its own tokens does not
// count, whatever it is.
func (h holderAt) isToken(caller authn.Caller) bool {
	return h.token != nil && caller.Method == authn.MethodToken && caller.TokenUID == h.token.GetUid()
}

// needsNoRight tells whether the caller needs no right for the action: a person for its own tokens, but to renew one; whoever has
// shown a token for that very one. While people come from an issuer under bare names, none of them is taken for who has
// personal tokens.
func (s *Service) needsNoRight(h holderAt, caller authn.Caller, action authz.Action) bool {
	person := h.person && !s.personalTokensOff && len(h.ids) > 0 && caller.Name == h.principal()
	switch action {
	case authz.TokenGet, authz.TokenList:
		return person
	case authz.TokenDelete:
		return person || h.isToken(caller)
	case authz.TokenRenew:
		return h.isToken(caller)
	}
	return false
}

// allowTokens reads whom a name points to and asks the gate.
func (s *Service) allowTokens(ctx context.Context, caller authn.Caller, action authz.Action, h *holderAt) error {
	if err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return h.read(snapshot) }); err != nil {
		return err
	}
	note, resource := "", s.accountResource(h.accountAt)
	if len(h.ids) > 1 {
		note = "token " + h.ids[1]
	}
	if h.person {
		note, resource = strings.TrimSpace(note+" of "+h.principal()), s.instance()
	}
	if s.needsNoRight(*h, caller, action) {
		return s.gate.AllowSelf(ctx, caller, action, resource, note)
	}
	return s.gate.AllowAll(ctx, caller, resource, note, action)
}

// allowMinting reads whom a name points to and asks the gate whether the caller may mint a token: as it reaches all that
// they reach, that is noted.
func (s *Service) allowMinting(ctx context.Context, caller authn.Caller, h *holderAt, id string) error {
	if err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return h.read(snapshot) }); err != nil {
		return err
	}
	note := fmt.Sprintf("token %s, which reaches what %s reaches", clip(id), h.principal())
	if h.person {
		return s.gate.AllowAll(ctx, caller, s.instance(), note, authz.TokenCreate, authz.UserImpersonate)
	}
	return s.gate.AllowAll(ctx, caller, s.accountResource(h.accountAt), note, authz.TokenCreate)
}
