package secrets

import (
	"net/netip"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

func (f *feed) putToken(snapshot *sealed.Snapshot, record storage.Record) error {
	r := &storev1.Token{}
	if err := snapshot.Open(kindToken, segment(record.Key, tokenPrefix, 0), record, r); err != nil {
		return err
	}
	if old, ok := f.inForce[record.Key].(*storev1.Token); ok && old.GetUid() != r.GetUid() {
		f.remove(record.Key)
	}
	holder := holderOf(r)
	of := f.tokensOf[holder]
	if of == nil {
		of = map[storage.Key]*storev1.Token{}
		f.tokensOf[holder] = of
	}
	of[record.Key], f.inForce[record.Key] = r, r
	f.indexTokens(holder)
	return nil
}

func (f *feed) removeToken(k storage.Key, r *storev1.Token) {
	holder := holderOf(r)
	delete(f.tokensOf[holder], k)
	if len(f.tokensOf[holder]) == 0 {
		delete(f.tokensOf, holder)
	}
	f.tokens.Delete(r.GetUid())
}

// holderOf is whom a token belongs to: the UID of a service account, or users/ and a person.
func holderOf(r *storev1.Token) string {
	if r.GetUser() != "" {
		return join(users, r.GetUser())
	}
	return r.GetServiceAccountUid()
}

// indexTokens puts the tokens of a holder into the index, or takes them out if it does not live. A token with limits
// that cannot be understood does not work.
func (f *feed) indexTokens(holder string) {
	principal, lives := f.directory.principal(holder)
	_, name, _ := strings.Cut(principal.Name, ":")
	if user, ok := strings.CutPrefix(holder, users+"/"); ok {
		principal, name, lives = authn.Principal{Name: string(authn.KindUser) + ":" + user}, holder, !f.personalTokensOff
	}
	for _, r := range f.tokensOf[holder] {
		ranges, err := parseRanges(r.GetSourceRanges())
		if !lives || err != nil || r.GetUseLimit() < 0 || len(r.GetHash()) != len(authn.Hash{}) {
			f.tokens.Delete(r.GetUid())
			continue
		}
		f.tokens.Put(authn.TokenRecord{
			UID: r.GetUid(), Name: join(name, tokensOf, r.GetId()), Hash: authn.Hash(r.GetHash()), Principal: principal,
			ExpireTime: unstamp(r.GetExpireTime()), SourceRanges: ranges, UseLimit: r.GetUseLimit(),
		})
	}
}

func parseRanges(texts []string) (ranges []netip.Prefix, err error) {
	for _, text := range texts {
		network, err := parseRange(text)
		if err != nil {
			return nil, err
		}
		ranges = append(ranges, network)
	}
	return ranges, nil
}

func (f *feed) putLogin(snapshot *sealed.Snapshot, record storage.Record) error {
	r := &storev1.Login{}
	if err := snapshot.Open(kindLogin, system, record, r); err != nil {
		return err
	}
	f.directory.putLogin(r.GetPrincipal().GetName(), login{r.GetPrincipal().GetGroups(), r.GetClaims(), unstamp(r.GetTime())})
	f.inForce[record.Key] = r
	return nil
}
