package platformimport

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/naming"
)

// instillReserved is the ID that stands for the platform's own credentials.
const instillReserved = "INSTILL_SECRET"

// instillPage is how many secrets are asked for at once; Instill AI gives no more.
const instillPage = "100"

// instillSecret is a secret as Instill AI lists it. Its own answers never hold a value; an export that was filled in may.
type instillSecret struct {
	Name        string  `json:"name"`
	ID          string  `json:"id"`
	DisplayName string  `json:"displayName"`
	Description string  `json:"description"`
	Value       *string `json:"value"`
}

// instillList is an answer with secrets: a page of them, or one.
type instillList struct {
	Secrets       []instillSecret `json:"secrets"`
	Secret        *instillSecret  `json:"secret"`
	NextPageToken string          `json:"nextPageToken"`
}

// Instill reads an export of secrets of Instill AI: what its list answers, what its get answers, or a secret alone.
// namespace is where they go; empty: a namespace called as the one that their names say they are of.
func Instill(doc Document, namespace string) ([]Item, error) {
	raw, err := json.Marshal(doc.Object)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doc.Where, ErrShape)
	}
	var list instillList
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("%s: %w: want what Instill AI answers to a list of secrets", doc.Where, ErrShape) // the error may quote
	}
	if list.Secret != nil {
		list.Secrets = append(list.Secrets, *list.Secret)
	}
	if doc.Object["id"] != nil {
		var one instillSecret
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, fmt.Errorf("%s: %w: want a secret of Instill AI", doc.Where, ErrShape)
		}
		list.Secrets = append(list.Secrets, one)
	}
	if list.Secrets == nil && doc.Object["secrets"] == nil {
		return nil, fmt.Errorf("%s: %w: want secrets, as Instill AI answers to a list of them", doc.Where, ErrShape)
	}
	return instillItems(list.Secrets, doc.Where, "", namespace)
}

// InstillList asks Instill AI for the secrets of one of its namespaces. Values are never told there. to is where they go;
// empty: a namespace of the same name.
func InstillList(ctx context.Context, r *Remote, namespace, to string) ([]Item, error) {
	var secrets []instillSecret
	query := url.Values{"pageSize": {instillPage}}
	for page, err := range pages(query, func(query url.Values) (instillList, string, error) {
		var page instillList
		err := r.get(ctx, []string{"v1beta", "namespaces", namespace, "secrets"}, query, &page)
		return page, page.NextPageToken, err
	}) {
		if err != nil {
			return nil, fmt.Errorf("listing the secrets of the namespace %q: %w", namespace, err)
		}
		if secrets = append(secrets, page.Secrets...); len(secrets) > MaxItems {
			return nil, ErrTooMany
		}
	}
	return instillItems(secrets, r.String(), namespace, to)
}

// instillItems turns secrets into items. from is the namespace that they are of; empty: as their names say.
func instillItems(secrets []instillSecret, where, from, to string) ([]Item, error) {
	var items []Item
	for _, s := range secrets {
		owner, namespace := instillOwner(s.Name)
		if from != "" {
			namespace = from
		}
		target := to
		if target == "" {
			target = namespace
		}
		if target == "" {
			return nil, fmt.Errorf("%s: %w: the secrets do not say whose they are: name a namespace with -n", where, ErrShape)
		}
		var values map[string][]byte
		if s.Value != nil && *s.Value != "" {
			values = map[string][]byte{ValueKey: []byte(*s.Value)}
		}
		item := newSecret(target, s.ID, "instill:namespaces/"+namespace+"/secrets/"+s.ID, where, values)
		secret := item.Resource.(*cofferv1.Secret)
		secret.Description = s.Description
		if s.DisplayName != "" && s.Description == "" {
			secret.Description = s.DisplayName
		}
		if s.ID == instillReserved {
			item.Skip, item.Refusal = "it stands for the platform's own credentials", ""
		}
		item.namespace = &cofferv1.Namespace{Annotations: map[string]string{naming.InstillOwner: owner}}
		items = append(items, item)
	}
	return items, nil
}

// instillOwner takes a name apart: users/test/secrets/x, organizations/…, or namespaces/…, which does not tell which of them.
func instillOwner(name string) (owner, namespace string) {
	parts := strings.Split(name, "/")
	if len(parts) != 4 || parts[2] != "secrets" {
		return "users", ""
	}
	if parts[0] == "organizations" {
		return parts[0], parts[1]
	}
	return "users", parts[1]
}
