package secrets_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// pages lists all pages of the secrets of acme and returns their IDs, and how many pages there were.
func (f *fixture) pages(caller authn.Caller, page secrets.Page) (ids []string, n int) {
	f.t.Helper()
	for {
		list, next, err := f.ListSecrets(f.ctx(), caller, "namespaces/acme", page)
		f.must(err)
		if size := page.Size; size > 0 && len(list) > size {
			f.t.Errorf("a page of %d has %d items", size, len(list))
		}
		for _, s := range list {
			ids = append(ids, s.Name[strings.LastIndex(s.Name, "/")+1:])
		}
		n++
		if next == "" {
			return ids, n
		}
		page.Token = next
	}
}

// shelf creates secrets s000, s001, … a minute apart, every third labelled and every fifth of a type.
func (f *fixture) shelf(n int) (all []string) {
	f.t.Helper()
	for i := range n {
		id := fmt.Sprintf("s%03d", i)
		s := secrets.Secret{Type: "generic"}
		if i%3 == 0 {
			s.Labels = map[string]string{"third": "yes"}
		}
		if i%5 == 0 {
			s.Type = "postgres"
		}
		_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: id, Secret: s})
		f.must(err)
		f.pass(time.Minute)
		all = append(all, id)
	}
	return all
}

func every(all []string, keep func(i int) bool) (kept []string) {
	for i, id := range all {
		if keep(i) {
			kept = append(kept, id)
		}
	}
	return kept
}

func TestList_pages(t *testing.T) {
	f := newFixture(t)
	all := f.shelf(120)
	reversed := slices.Clone(all)
	slices.Reverse(reversed)
	thirds := every(all, func(i int) bool { return i%3 == 0 })
	tests := []struct {
		name  string
		page  secrets.Page
		want  []string
		pages int
	}{
		{"default size", secrets.Page{}, all, 3},
		{"size one", secrets.Page{Size: 1}, all, 120},
		{"size that fits", secrets.Page{Size: 60}, all, 2},
		{"all at once", secrets.Page{Size: 120}, all, 1},
		{"more than may be", secrets.Page{Size: 1_000_000}, all, 1},
		{"filter on a label", secrets.Page{Size: 7, Filter: "labels.third = yes"}, thirds, 6},
		{"filter on fields", secrets.Page{Filter: `type = postgres AND name:"s01"`}, []string{"s010", "s015"}, 1},
		{"filter that nothing meets", secrets.Page{Filter: "owner = nobody"}, nil, 1},
		{"by name", secrets.Page{OrderBy: "name", Size: 100}, all, 2},
		{"by name, descending", secrets.Page{OrderBy: "name desc", Size: 100}, reversed, 2},
		{"by time", secrets.Page{OrderBy: "create_time", Size: 50}, all, 3},
		{"by time, descending, JSON name", secrets.Page{OrderBy: "createTime desc", Size: 60}, reversed, 2},
		{"by time, filtered", secrets.Page{OrderBy: "create_time desc", Filter: `create_time < "2026-01-02T03:07:00Z"`}, []string{"s002", "s001", "s000"}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, pages := f.pages(f.root, test.page)
			if diff := cmp.Diff(test.want, got); diff != "" || pages != test.pages {
				t.Errorf("%d pages, want %d; (-want +got):\n%s", pages, test.pages, diff)
			}
		})
	}
}

func TestList_refused(t *testing.T) {
	f := newFixture(t)
	f.shelf(5)
	tests := []struct {
		field string
		page  secrets.Page
	}{
		{"page_size", secrets.Page{Size: -1}},
		{"filter", secrets.Page{Filter: "nonsense = ("}},
		{"filter", secrets.Page{Filter: "payload = x"}},
		{"filter", secrets.Page{Filter: strings.Repeat("a", 5000)}},
		{"order_by", secrets.Page{OrderBy: "owner"}},
		{"order_by", secrets.Page{OrderBy: "name, create_time"}},
		{"page_token", secrets.Page{Token: "x"}},
		{"page_token", secrets.Page{Token: strings.Repeat("A", 10_000)}},
	}
	for _, test := range tests {
		_, _, err := f.ListSecrets(f.ctx(), f.root, "namespaces/acme", test.page)
		f.invalid(err, test.field)
	}
}

// A token serves only the caller and the list that it was given for.
func TestList_pageTokens(t *testing.T) {
	f := newFixture(t)
	f.shelf(5)
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/instance")
	page := secrets.Page{Size: 2, Filter: "type:*"}
	_, token, err := f.ListSecrets(f.ctx(), f.root, "namespaces/acme", page)
	if f.must(err); token == "" {
		t.Fatal("there is no second page")
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if f.must(err); strings.Contains(string(raw), "s00") || strings.Contains(token, "data/secret") {
		t.Errorf("the token %q shows where it points to", raw)
	}
	flipped := slices.Clone(raw)
	flipped[len(flipped)-1] ^= 1
	tests := []struct {
		name   string
		caller authn.Caller
		parent string
		page   secrets.Page
	}{
		{"another caller", admin, "namespaces/acme", secrets.Page{Token: token, Filter: page.Filter}},
		{"another parent", f.root, "namespaces/team", secrets.Page{Token: token, Filter: page.Filter}},
		{"another filter", f.root, "namespaces/acme", secrets.Page{Token: token}},
		{"another order", f.root, "namespaces/acme", secrets.Page{Token: token, Filter: page.Filter, OrderBy: "create_time"}},
		{"with deleted ones", f.root, "namespaces/acme", secrets.Page{Token: token, Filter: page.Filter, ShowDeleted: true}},
		{"altered", f.root, "namespaces/acme", secrets.Page{Token: base64.RawURLEncoding.EncodeToString(flipped), Filter: page.Filter}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := f.ListSecrets(f.ctx(), test.caller, test.parent, test.page)
			f.invalid(err, "page_token")
		})
	}
	_, _, err = f.ListProjections(f.ctx(), f.root, "namespaces/acme", secrets.Page{Token: token, Filter: "description:x"})
	f.invalid(err, "page_token")
	rest, _, err := f.ListSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{Token: token, Filter: page.Filter, Size: 10})
	if err != nil || len(rest) != 3 {
		t.Errorf("the rest = %d items, %v; want 3, in a page of another size", len(rest), err)
	}
}

// What the caller may not see is in no page, moves no page's size but at the end, and is named by no token.
func TestList_hidden(t *testing.T) {
	f := newFixture(t)
	all := f.shelf(30)
	caller := user("partial")
	visible := every(all, func(i int) bool { return i%4 == 1 })
	for _, id := range visible {
		f.grant(caller, authz.RoleViewer, "namespaces/acme/secrets/"+id)
	}
	for _, page := range []secrets.Page{{}, {Size: 1}, {Size: 3}, {OrderBy: "name", Size: 2}, {OrderBy: "create_time", Size: 3}, {Filter: `labels.third = yes OR NOT labels.third = yes`}} {
		got, _ := f.pages(caller, page)
		if diff := cmp.Diff(visible, got); diff != "" {
			t.Errorf("page %+v (-want +got):\n%s", page, diff)
		}
	}
	// No filter tells anything about the others.
	if got, _ := f.pages(caller, secrets.Page{Filter: `name:"s000"`}); len(got) != 0 {
		t.Errorf("a filter finds %v", got)
	}
	deleted := f.drop("namespaces/acme/secrets/" + visible[0])
	f.drop("namespaces/acme/secrets/s000")
	if got, _ := f.pages(caller, secrets.Page{ShowDeleted: true}); !slices.Equal(got, append(slices.Clone(visible[1:]), deleted[strings.LastIndex(deleted, "/")+1:])) {
		t.Errorf("with deleted ones: %v", got)
	}
	// Without any right at or below the parent, the list is denied.
	_, _, err := f.ListSecrets(f.ctx(), caller, "namespaces/team", secrets.Page{})
	f.check(err, gate.ErrDenied)
	_, _, err = f.ListProjections(f.ctx(), caller, "namespaces/acme", secrets.Page{})
	f.check(err, gate.ErrDenied)
	// With one below, it is allowed and leaves out the rest.
	_, _, err = f.ListSecrets(f.ctx(), caller, "namespaces/instance", secrets.Page{})
	f.check(err, nil)
}

func TestListNamespaces(t *testing.T) {
	f := newFixture(t)
	caller := f.with(authz.RoleViewer, "namespaces/team")
	names := func(caller authn.Caller, parent string, page secrets.Page) string {
		t.Helper()
		list, _, err := f.ListNamespaces(f.ctx(), caller, parent, page)
		if errors.Is(err, gate.ErrDenied) {
			return "denied"
		}
		f.must(err)
		var ids []string
		for _, n := range list {
			ids = append(ids, strings.TrimPrefix(n.Name, "namespaces/"))
		}
		return strings.Join(ids, " ")
	}
	tests := []struct {
		caller authn.Caller
		parent string
		filter string
		want   string
	}{
		{f.root, "", "", "acme instance other team"},
		{f.root, "namespaces/acme", "", "acme team"},
		{f.root, "", `parent = "namespaces/instance"`, "acme other"},
		{caller, "", "", "team"},
		{caller, "namespaces/acme", "", "team"},
		{caller, "namespaces/team", "", "team"},
		{caller, "namespaces/other", "", "denied"},
		{user("nobody"), "", "", "denied"},
	}
	for _, test := range tests {
		if got := names(test.caller, test.parent, secrets.Page{Filter: test.filter}); got != test.want {
			t.Errorf("%s lists %q, filter %q: %s, want %s", test.caller.Name, test.parent, test.filter, got, test.want)
		}
	}
}

// Pages of versions go from the newest to the oldest, whatever the clock showed.
func TestListSecretVersions_pages(t *testing.T) {
	f := newFixture(t)
	f.secret(db)
	for i := range 25 {
		f.pass(-time.Second)
		f.stage(db, "k", fmt.Sprint(i))
	}
	var got []string
	for page := (secrets.Page{Size: 10}); ; {
		list, next, err := f.ListSecretVersions(f.ctx(), f.root, db, page)
		f.must(err)
		for _, v := range list {
			got = append(got, v.Name)
		}
		if page.Token = next; next == "" {
			break
		}
		f.stage(db, "k", "meanwhile")
	}
	var want []string
	for n := 25; n > 0; n-- {
		want = append(want, at(db, n))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
}
