package secrets_test

import (
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

// newest reads all pages and returns the IDs, and the totals that they told.
func (f *fixture) newest(caller authn.Caller, size int) (ids []string, totals []int) {
	f.t.Helper()
	page := secrets.Page{Size: size}
	for {
		found, err := f.NewestSecrets(f.ctx(), caller, "namespaces/acme", page)
		f.must(err)
		for _, s := range found.Secrets {
			ids = append(ids, s.Name[strings.LastIndex(s.Name, "/")+1:])
		}
		totals = append(totals, found.Total)
		if page.Token = found.Next; page.Token == "" {
			return ids, slices.Compact(totals)
		}
	}
}

func TestNewestSecrets(t *testing.T) {
	f := newFixture(t)
	all := f.shelf(23)
	slices.Reverse(all)
	for _, size := range []int{1, 7, 22, 23, 24} {
		ids, totals := f.newest(f.root, size)
		if diff := cmp.Diff(all, ids) + cmp.Diff([]int{23}, totals); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", size, diff)
		}
	}
	// What the caller may not see is left out, and not counted.
	few := f.with(authz.RoleViewer, "namespaces/acme/secrets/s003")
	f.grant(few, authz.RoleViewer, "namespaces/acme/secrets/s020")
	if ids, totals := f.newest(few, 1); !slices.Equal(ids, []string{"s020", "s003"}) || !slices.Equal(totals, []int{2}) {
		t.Errorf("to one who may see two: %v of %v", ids, totals)
	}
	_, err := f.NewestSecrets(f.ctx(), f.with(authz.RoleViewer, "namespaces/other"), "namespaces/acme", secrets.Page{Size: -1})
	f.check(err, gate.ErrDenied)
}

// Secrets that come and go between pages move no other.
func TestNewestSecrets_changes(t *testing.T) {
	f := newFixture(t)
	all := f.shelf(9)
	slices.Reverse(all)
	first, err := f.NewestSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{Size: 4})
	f.must(err)
	f.secret("namespaces/acme/secrets/newer", "k", "v")
	last := first.Secrets[3]
	for _, name := range []string{last.Name, "namespaces/acme/secrets/" + all[5]} {
		_, err := f.DeleteSecret(f.ctx(), f.root, name, "", false, false)
		f.must(err)
	}
	second, err := f.NewestSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{Size: 4, Token: first.Next})
	f.must(err)
	var ids []string
	for _, s := range second.Secrets {
		ids = append(ids, s.Name[strings.LastIndex(s.Name, "/")+1:])
	}
	if want := []string{all[4], all[6], all[7], all[8]}; !slices.Equal(ids, want) || second.Next != "" || second.Total != 8 {
		t.Errorf("the second page is %v of %d, want %v of 8", ids, second.Total, want)
	}
}

// Those of the same time come in an order, too.
func TestNewestSecrets_atOnce(t *testing.T) {
	f := newFixture(t)
	for i := range 12 {
		f.secret(fmt.Sprintf("namespaces/acme/secrets/s%d", i), "k", "v")
	}
	ids, _ := f.newest(f.root, 5)
	if len(ids) != 12 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 12 {
		t.Errorf("pages of what was created at once: %v", ids)
	}
}

func TestNewestSecrets_token(t *testing.T) {
	f := newFixture(t)
	f.shelf(3)
	first, err := f.NewestSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{Size: 1})
	f.must(err)
	viewer := f.with(authz.RoleViewer, "namespaces/acme")
	for what, ask := range map[string]func() error{
		"of another caller": func() error {
			_, err := f.NewestSecrets(f.ctx(), viewer, "namespaces/acme", secrets.Page{Token: first.Next})
			return err
		},
		"of another namespace": func() error {
			_, err := f.NewestSecrets(f.ctx(), f.root, "namespaces/other", secrets.Page{Token: first.Next})
			return err
		},
		"of another list": func() error {
			_, _, err := f.ListSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{Token: first.Next})
			return err
		},
	} {
		if err := ask(); err == nil || !strings.Contains(err.Error(), "page_token") {
			t.Errorf("a token %s: %v", what, err)
		}
	}
}

// What is remembered of a list changes no answer: neither of what was written since, nor of what is not for the caller.
func TestNewestSecrets_remembered(t *testing.T) {
	f := newFixture(t)
	viewer := f.with(authz.RoleViewer, "namespaces/acme")
	want := func(total int, first string) {
		t.Helper()
		found, err := f.NewestSecrets(f.ctx(), viewer, "namespaces/acme", secrets.Page{Size: 1})
		f.must(err)
		if name := found.Secrets[0].Name; found.Total != total || name != "namespaces/acme/secrets/"+first {
			t.Errorf("%s is the newest of %d, want %s of %d", name, found.Total, first, total)
		}
	}
	f.shelf(5)
	want(5, "s004")
	want(5, "s004")
	f.pass(time.Minute)
	f.secret("namespaces/acme/secrets/newer", "k", "v")
	want(6, "newer")
	_, err := f.DeleteSecret(f.ctx(), f.root, "namespaces/acme/secrets/s000", "", false, false)
	f.must(err)
	want(5, "newer")
	f.pass(time.Minute)
	f.secret("namespaces/acme/secrets/s000", "k", "v") // another of the same name
	want(6, "s000")
	_, err = f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{
		Name: "namespaces/acme/secrets/s000", Meta: secrets.Meta{Labels: map[string]string{"hidden": "yes"}},
	}})
	f.must(err)
	want(6, "s000")
	f.policy("namespaces/acme/policies/p", `forbid (principal, action == Action::"secret:get", resource) when { resource.hasTag("hidden") };`)
	want(5, "newer")
}
