package secrets_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// search returns what all pages of a search find, without the collections in the names, and how many pages there were.
func (f *fixture) search(caller authn.Caller, parent, query string, page secrets.Page) (found []string, pages int) {
	f.t.Helper()
	for {
		list, next, err := f.SearchSecrets(f.ctx(), caller, parent, query, page)
		f.must(err)
		for _, s := range list {
			found = append(found, strings.NewReplacer("namespaces/", "", "/secrets", "", s.UID, s.DeletedID).Replace(s.Name))
		}
		pages++
		if next == "" {
			return found, pages
		}
		page.Token = next
	}
}

// library is what the tests of searches search.
func (f *fixture) library() {
	f.t.Helper()
	for _, s := range []struct {
		parent, id  string
		description string
		kind        string
		labels      map[string]string
		keys        []string
	}{
		{parent: "acme", id: "orders-DB", description: "The ORDERS database, Zürich", kind: "postgres", labels: map[string]string{"team": "Orders"}, keys: []string{"user", "v", "password", "p"}},
		{parent: "acme", id: "mail", description: "Straße 1", keys: []string{"API_KEY", "x"}},
		{parent: "team", id: "orders-db", description: "database of the team", kind: "mysql", keys: []string{"user", "u", "password", "x"}},
		{parent: "team", id: "plain"},
		{parent: "instance", id: "top", labels: map[string]string{"stage": "prod"}},
		{parent: "other", id: "orders", description: "of others"},
	} {
		_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/" + s.parent, ID: s.id, Payload: payload(s.keys...), Secret: secrets.Secret{
			Type: s.kind, Meta: secrets.Meta{Description: s.description, Labels: s.labels},
		}})
		f.must(err)
	}
}

func TestSearchSecrets(t *testing.T) {
	f := newFixture(t)
	f.library()
	all := []string{"acme/mail", "acme/orders-DB", "team/orders-db", "team/plain"}
	tests := []struct {
		name, query string
		page        secrets.Page
		want        []string
	}{
		{"nothing asked", "", secrets.Page{}, all},
		{"only spaces", "  \t ", secrets.Page{}, all},
		{"an empty phrase", `""`, secrets.Page{}, all},
		{"an ID, whatever its case", "ORDERS-db", secrets.Page{}, []string{"acme/orders-DB", "team/orders-db"}},
		{"every word counts", "database zürich", secrets.Page{}, []string{"acme/orders-DB"}},
		{"words from different places", "postgres password", secrets.Page{}, []string{"acme/orders-DB"}},
		{"folded, not only lowered", "STRASSE", secrets.Page{}, []string{"acme/mail"}},
		{"a phrase", `"of the team"`, secrets.Page{}, []string{"team/orders-db"}},
		{"a phrase that is none", `"the of team"`, secrets.Page{}, nil},
		{"a label's key", "TEAM postgres", secrets.Page{}, []string{"acme/orders-DB"}},
		{"a label", "team=orders", secrets.Page{}, []string{"acme/orders-DB"}},
		{"a key", "api_key", secrets.Page{}, []string{"acme/mail"}},
		{"a value is never searched", "x1y2z3", secrets.Page{}, nil},
		{"an owner", strings.ToUpper(f.root.Name), secrets.Page{}, all},
		{"a whole name", "namespaces/team/secrets/plain", secrets.Page{}, []string{"team/plain"}},
		{"what is in every name", "secrets", secrets.Page{}, nil},
		{"with a filter", "orders", secrets.Page{Filter: "type = mysql"}, []string{"team/orders-db"}},
		{"page by page", "", secrets.Page{Size: 1}, all},
	}
	f.add("namespaces/acme/secrets/mail", "API_KEY", "x1y2z3")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, _ := f.search(f.root, "namespaces/acme", test.query, test.page)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("search for %q (-want +got):\n%s", test.query, diff)
			}
		})
	}
	t.Run("from the root", func(t *testing.T) {
		got, pages := f.search(f.root, "namespaces/instance", "", secrets.Page{Size: 2})
		if diff := cmp.Diff([]string{"acme/mail", "acme/orders-DB", "instance/top", "other/orders", "team/orders-db", "team/plain"}, got); diff != "" || pages != 3 {
			t.Errorf("%d pages (-want +got):\n%s", pages, diff)
		}
	})
}

func TestSearchSecrets_refused(t *testing.T) {
	f := newFixture(t)
	f.library()
	for _, query := range []string{`"open`, `a "b" "`, strings.Repeat("a", 1025), "\xff"} {
		_, _, err := f.SearchSecrets(f.ctx(), f.root, "namespaces/acme", query, secrets.Page{})
		f.invalid(err, "query")
		_, _, err = f.SearchSecrets(f.ctx(), user("nobody"), "namespaces/acme", query, secrets.Page{})
		f.check(err, gate.ErrDenied)
	}
	_, _, err := f.SearchSecrets(f.ctx(), f.root, "namespaces/acme", strings.Repeat("a", 1024), secrets.Page{})
	f.check(err, nil)
	words := "a b c d e f g h i j k l m n o p"
	_, _, err = f.SearchSecrets(f.ctx(), f.root, "namespaces/acme", strings.Repeat(words+" ", 20), secrets.Page{})
	f.check(err, nil)
	_, _, err = f.SearchSecrets(f.ctx(), f.root, "namespaces/acme", words+" q", secrets.Page{})
	f.invalid(err, "query")
	_, token, err := f.SearchSecrets(f.ctx(), f.root, "namespaces/acme", "orders", secrets.Page{Size: 1})
	f.must(err)
	for _, other := range []struct{ parent, query string }{{"namespaces/acme", "order"}, {"namespaces/instance", "orders"}} {
		_, _, err = f.SearchSecrets(f.ctx(), f.root, other.parent, other.query, secrets.Page{Size: 1, Token: token})
		f.invalid(err, "page_token")
	}
}

// Only what the caller may list and get is found, sizes are for those who may read, and an isolated namespace below is
// out of sight.
func TestSearchSecrets_onlyWhatIsVisible(t *testing.T) {
	f := newFixture(t)
	f.library()
	one := f.with(authz.RoleViewer, "namespaces/team/secrets/plain")
	team := f.with(authz.RoleViewer, "namespaces/team")
	above := f.with(authz.RoleOperator, "namespaces/instance")
	for _, test := range []struct {
		caller authn.Caller
		want   []string
	}{
		{one, []string{"team/plain"}},
		{team, []string{"team/orders-db", "team/plain"}},
		{above, []string{"acme/mail", "acme/orders-DB", "team/orders-db", "team/plain"}},
	} {
		if got, _ := f.search(test.caller, "namespaces/acme", "", secrets.Page{}); cmp.Diff(test.want, got) != "" {
			t.Errorf("%s finds %q, want %q", test.caller.Name, got, test.want)
		}
	}
	list, _, err := f.SearchSecrets(f.ctx(), team, "namespaces/team", "orders", secrets.Page{})
	f.must(err)
	if len(list) != 1 || len(list[0].Keys) != 2 || list[0].Keys[0].Size >= 0 {
		t.Errorf("a viewer finds %+v, want one without the sizes of its keys", list)
	}
	_, _, err = f.SearchSecrets(f.ctx(), team, "namespaces/other", "", secrets.Page{})
	f.check(err, gate.ErrDenied)

	f.policy("namespaces/acme/policies/all", `permit (principal, action in [Action::"secret:list", Action::"secret:get"], resource);`)
	if got, _ := f.search(user("anybody"), "namespaces/acme", "", secrets.Page{}); len(got) != 4 {
		t.Errorf("by a policy that permits everybody, %q is found", got)
	}
	f.must(erred(f.DeletePolicy(f.ctx(), f.root, "namespaces/acme/policies/all", "", false)))

	f.grant(team, authz.RoleNamespaceAdmin, "namespaces/team")
	_, err = f.UpdateNamespace(f.ctx(), team, secrets.Namespace{Name: "namespaces/team", Isolated: true}, []string{"isolated"}, false)
	f.must(err)
	if got, _ := f.search(above, "namespaces/acme", "", secrets.Page{}); cmp.Diff([]string{"acme/mail", "acme/orders-DB"}, got) != "" {
		t.Errorf("above an isolated namespace %q is found", got)
	}
}

func TestSearchSecrets_bins(t *testing.T) {
	f := newFixture(t)
	f.library()
	f.drop("namespaces/acme/secrets/orders-DB")
	f.drop("namespaces/team/secrets/orders-db")
	f.namespace("gone", "acme")
	for _, test := range []struct {
		query string
		bins  bool
		want  []string
	}{
		{"", false, []string{"acme/mail", "team/plain"}},
		{"", true, []string{"acme/mail", "acme/deletedSecrets/orders-DB", "team/plain", "team/deletedSecrets/orders-db"}},
		{"orders-DB postgres", true, []string{"acme/deletedSecrets/orders-DB"}},
	} {
		for size := range 3 {
			if got, _ := f.search(f.root, "namespaces/acme", test.query, secrets.Page{Size: size, ShowDeleted: test.bins}); cmp.Diff(test.want, got) != "" {
				t.Errorf("%q, bins %v, finds %q, want %q", test.query, test.bins, got, test.want)
			}
		}
	}
	f.namespace("gone2", "gone")
	for _, id := range []string{"gone2", "gone"} {
		f.dropNamespace("namespaces/" + id)
	}
	if got, _ := f.search(f.root, "namespaces/acme", "", secrets.Page{}); len(got) != 2 {
		t.Errorf("with deleted namespaces below, found %q", got)
	}
}

// Namespaces that come and go between two pages neither repeat nor hide what is in the others.
func TestSearchSecrets_namespacesComeAndGo(t *testing.T) {
	f := newFixture(t)
	var want []string
	for i := range 8 {
		id := fmt.Sprintf("n%02d", 2*i)
		f.namespace(id, "acme")
		for j := range 3 {
			f.secret(fmt.Sprintf("namespaces/%s/secrets/s%d", id, j), "k", "v")
			want = append(want, fmt.Sprintf("%s/s%d", id, j))
		}
	}
	var got []string
	page := secrets.Page{Size: 2}
	for i := 0; ; i++ {
		list, next, err := f.SearchSecrets(f.ctx(), f.root, "namespaces/acme", "s", page)
		f.must(err)
		for _, s := range list {
			got = append(got, strings.NewReplacer("namespaces/", "", "/secrets", "").Replace(s.Name))
		}
		if page.Token = next; next == "" {
			break
		}
		f.namespace(fmt.Sprintf("empty%d", i), "acme") // before all others
		f.namespace(fmt.Sprintf("z%d", i), "acme")
		if i > 0 {
			f.dropNamespace(fmt.Sprintf("namespaces/empty%d", i-1))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// One that goes while a page ended in it hides nothing of the next.
func TestSearchSecrets_namespaceGoes(t *testing.T) {
	f := newFixture(t)
	var want, got []string
	for i := range 10 {
		ns := f.namespace(fmt.Sprint("n", i), "acme").Name
		for j := range 3 {
			f.secret(fmt.Sprintf("%s/secrets/s%d", ns, j), "k", "v")
		}
		want = append(want, ns+"/secrets/s0", ns+"/secrets/s1")
	}
	for page := (secrets.Page{Size: 2}); ; {
		list, next, err := f.SearchSecrets(f.ctx(), f.root, "namespaces/acme", "", page)
		f.must(err)
		for _, s := range list {
			got = append(got, s.Name)
		}
		if page.Token = next; next == "" {
			break
		}
		f.dropTree(strings.Join(strings.Split(got[len(got)-1], "/")[:2], "/"))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A page of a search ends somewhere, however many namespaces there are that hold nothing.
func TestSearchSecrets_boundedPages(t *testing.T) {
	f := newFixture(t)
	var fns []func()
	for i := range 5000 {
		fns = append(fns, func() { f.namespace(fmt.Sprintf("n%04d", i), "acme") })
	}
	together(fns...)
	f.secret("namespaces/n4999/secrets/last", "k", "v")
	got, pages := f.search(f.root, "namespaces/acme", "last", secrets.Page{})
	if diff := cmp.Diff([]string{"n4999/last"}, got); diff != "" || pages != 2 {
		t.Errorf("%d pages, want 2; (-want +got):\n%s", pages, diff)
	}
	// That the caller may see nothing of one has to be decided, too.
	got, pages = f.search(f.with(authz.RoleViewer, "namespaces/n4999"), "namespaces/acme", "last", secrets.Page{})
	if diff := cmp.Diff([]string{"n4999/last"}, got); diff != "" || pages != 2 {
		t.Errorf("%d pages, want 2; (-want +got):\n%s", pages, diff)
	}
}

// What is long to search ends a page earlier, and all is found.
func TestSearchSecrets_longTexts(t *testing.T) {
	f := newFixture(t)
	var keys, want []string
	for i := range 250 {
		keys = append(keys, fmt.Sprintf("a%03d%s", i, strings.Repeat("x", 240)), "")
	}
	for i := range 100 {
		f.secret(fmt.Sprintf("namespaces/acme/secrets/s%02d", i), keys...)
		want = append(want, fmt.Sprintf("acme/s%02d", i))
	}
	for query, short := range map[string]bool{"a249": true, "": false} {
		got, pages := f.search(f.root, "namespaces/acme", query, secrets.Page{Size: 1000})
		if diff := cmp.Diff(want, got); diff != "" || pages > 1 != short {
			t.Errorf("%q: %d pages (-want +got):\n%s", query, pages, diff)
		}
	}
}

// dropNamespace deletes an empty namespace.
func (f *fixture) dropNamespace(name string) {
	f.t.Helper()
	_, err := f.DeleteNamespace(f.ctx(), f.root, name, "", false)
	f.must(err)
}
