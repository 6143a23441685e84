package secrets

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	maxQuery   = 1024 // bytes of a query
	maxWords   = 16   // different words of a query
	recordSize = 512  // bytes of text that are searched for the price of one more record
)

// SearchSecrets returns the secrets at and below a namespace that contain every word of the query and that the caller may
// see: namespace by namespace, in each those in the bin after the others, if asked for. What the caller may not see is
// looked at no further, so that the time it takes tells nothing of it.
func (s *Service) SearchSecrets(ctx context.Context, caller authn.Caller, parent, query string, page Page) ([]Secret, string, error) {
	at, visible, err := s.listIn(ctx, caller, authz.SecretList, parent)
	if err != nil {
		return nil, "", err
	}
	words, err := wordsOf(query)
	if err != nil {
		return nil, "", err
	}
	searched := map[string]namespace{}
	l := s.listedSecrets(caller, page, visible, func(rec storage.Record) namespace {
		prefix := secretPrefix
		if strings.HasPrefix(string(rec.Key), string(binPrefix)) {
			prefix = binPrefix
		}
		return searched[segment(rec.Key, prefix, 0)]
	})
	l.method, l.parent, l.order = "search "+query, parent, []string{}
	var in []namespace // by prefix
	for _, n := range s.directory.below(at.ns) {
		searched[n.uid] = n
		l.prefixes, l.order, in = append(l.prefixes, key(secretPrefix, n.uid, "")), append(l.order, n.id), append(in, n)
		if page.ShowDeleted {
			l.prefixes, l.order, in = append(l.prefixes, key(binPrefix, n.uid, "")), append(l.order, n.id+" "), append(in, n) // before any other ID
		}
	}
	l.skip = func(prefix int) bool { return !s.mayList(caller, in[prefix]) }
	l.seek = words.in
	return list(ctx, s, caller, page, l)
}

// mayList tells whether a list of the secrets of a namespace would not be denied.
func (s *Service) mayList(caller authn.Caller, n namespace) bool {
	return s.authz.MayBelow(caller.Principal, authz.SecretList, n.uid) ||
		s.gate.Holds(caller, authz.SecretList, s.namespaceAt(place{name: n.name(), nsID: n.id, ns: n}))
}

// words are what is searched for, folded.
type words struct {
	of   []string
	fold cases.Caser
}

// wordsOf are the words of a query. What stands in double quotes is one.
func wordsOf(query string) (words, error) {
	w := words{fold: cases.Fold()}
	switch {
	case len(query) > maxQuery:
		return w, Invalid("query", "longer than %d bytes", maxQuery)
	case !utf8.ValidString(query):
		return w, Invalid("query", "not UTF-8")
	}
	parts := strings.Split(w.fold.String(query), `"`)
	if len(parts)%2 == 0 {
		return w, Invalid("query", "a double quote is not closed")
	}
	for i, part := range parts {
		if i%2 == 0 {
			w.of = append(w.of, strings.Fields(part)...)
		} else {
			w.of = append(w.of, part)
		}
	}
	slices.Sort(w.of)
	if w.of = slices.Compact(w.of); len(w.of) > maxWords {
		return w, Invalid("query", "more than %d words", maxWords)
	}
	return w, nil
}

// in tells whether the secret contains every word, and what finding out cost. A word with a slash is looked for in the
// whole name, any other in the ID, for the rest of the name is that of many.
func (w words) in(secret *Secret) (found bool, cost int) {
	if len(w.of) == 0 {
		return true, 0
	}
	name := w.fold.String(secret.Name)
	id := w.fold.String(secret.DeletedID)
	if id == "" {
		id = name[strings.LastIndexByte(name, '/')+1:]
	}
	texts := []string{id, w.fold.String(secret.Description), w.fold.String(secret.Type), w.fold.String(secret.Owner)}
	for k, v := range secret.Labels {
		texts = append(texts, w.fold.String(k+"="+v))
	}
	for _, k := range secret.Keys {
		texts = append(texts, w.fold.String(k.Name))
	}
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	cost = size / recordSize
	for _, word := range w.of {
		contains := func(text string) bool { return strings.Contains(text, word) }
		if !slices.ContainsFunc(texts, contains) && (!strings.Contains(word, "/") || !contains(name)) {
			return false, cost
		}
	}
	return true, cost
}
