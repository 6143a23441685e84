package platformimport

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/naming"
)

// iometeStore is the Kubernetes Secret that holds IOMETE's global secrets, and the beginning of those that hold a domain's.
const iometeStore = "iomete-secret-store"

// IOMETEScope says which secrets of IOMETE are wanted. The zero value: all.
type IOMETEScope struct {
	// Domains are the names of domains.
	Domains []string
	// Global wants what is for all domains.
	Global bool
}

func (s IOMETEScope) domain(name string) bool {
	return len(s.Domains) == 0 && !s.Global || slices.Contains(s.Domains, name)
}

func (s IOMETEScope) global() bool { return len(s.Domains) == 0 || s.Global }

// IOMETEStores turns the Kubernetes Secrets in which IOMETE keeps its secrets into items, one for each key.
func IOMETEStores(secrets []KubernetesSecret, scope IOMETEScope) []Item {
	var items []Item
	for _, store := range secrets {
		domain, ofDomain := strings.CutPrefix(store.Name, iometeStore+"-")
		switch {
		case store.Name == iometeStore:
			if scope.global() {
				items = append(items, storeItems(store, "")...)
			}
		case !ofDomain || domain == "":
			items = append(items, skipped(store, "iomete:", "it is no secret store of IOMETE"))
		case scope.domain(domain):
			items = append(items, storeItems(store, domain)...)
		}
	}
	return items
}

func storeItems(store KubernetesSecret, domain string) []Item {
	var items []Item
	for _, key := range slices.Sorted(maps.Keys(store.Values)) {
		item := iometeItem(domain, key, store.Where, map[string][]byte{ValueKey: store.Values[key]})
		if fault := store.Faults[key]; fault != "" {
			item.Refusal = fault
		}
		items = append(items, item)
	}
	return items
}

// iometeItem makes an item of a key of a domain; of the global ones if the domain is empty.
func iometeItem(domain, key, where string, values map[string][]byte) Item {
	if domain == "" {
		return newSecret(naming.Instance, key, "iomete:global/"+key, where, values)
	}
	namespace, err := naming.Domain(domain)
	item := newSecret(namespace, key, "iomete:domains/"+domain+"/"+key, where, values)
	if err != nil {
		item.Refusal = fmt.Sprintf("%q %v", domain, err)
	}
	item.namespace = &cofferv1.Namespace{Description: "domain " + domain + " of IOMETE"}
	return item
}

// iometePage is a page of IOMETE's list of secrets, as coffer.iomete.v1 documents it.
type iometePage struct {
	Secrets []struct {
		Key         string `json:"key"`
		Description string `json:"description"`
		Source      struct {
			Type string `json:"type"`
			ID   string `json:"id"`
		} `json:"source"`
	} `json:"secrets"`
	NextPageToken string `json:"nextPageToken"`
}

// IOMETEList asks for the keys of a domain, or with global for those of all domains, which are asked for through it. Values
// are never told there.
func IOMETEList(ctx context.Context, r *Remote, domain string, global bool) ([]Item, error) {
	var items []Item
	query := url.Values{"pageSize": {"1000"}}
	if global {
		query.Set("scope", "GLOBAL")
	}
	for page, err := range pages(query, func(query url.Values) (iometePage, string, error) {
		var page iometePage
		err := r.get(ctx, []string{"api", "v2", "domains", domain, "secrets"}, query, &page)
		return page, page.NextPageToken, err
	}) {
		if err != nil {
			return nil, fmt.Errorf("listing the secrets of the domain %q: %w", domain, err)
		}
		for _, s := range page.Secrets {
			of := domain
			if global {
				of = ""
			}
			item := iometeItem(of, s.Key, r.String(), nil)
			item.Resource.(*cofferv1.Secret).Description = s.Description
			if s.Source.Type == "VAULT" {
				item.Skip = fmt.Sprintf("it is kept in the Vault %s", s.Source.ID)
			}
			if items = append(items, item); len(items) > MaxItems {
				return nil, ErrTooMany
			}
		}
	}
	return items, nil
}

// skipped is a Kubernetes Secret that is left out.
func skipped(s KubernetesSecret, source, why string) Item {
	item := newSecret("", s.Name, source+"kubernetes/"+s.Namespace+"/"+s.Name, s.Where, nil)
	item.Skip, item.Refusal = why, ""
	return item
}
