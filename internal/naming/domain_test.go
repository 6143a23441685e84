package naming_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/naming"
)

var namespaceID = regexp.MustCompile(`^[a-z0-9_][-_a-z0-9]{0,62}$`)

func TestDomain(t *testing.T) {
	for name, want := range map[string]string{
		"secret-domain": "secret-domain", "my_domain": "my_domain", "_a-_b_": "_a-_b_", "a--b": "a--b", "0": "0",
		"Sales": "__sales", "sales.eu": "sales__2e-eu", "data lake": "data__20-lake", "a__b": "a__5f-_b", "a_B": "a__5f-__b",
		"größe": "gr__0f6-__0df-e", "instance": "__69-nstance", "Instance": "__instance", "instances": "instances",
		"-a": "__2d-a", "_": "_", "__": "__5f-_", "__69-nstance": "__5f-_69-nstance", "域": "__57df-", "😀": "__1f600-",
		strings.Repeat("a", 63): strings.Repeat("a", 63),
	} {
		if got, err := naming.Domain(name); got != want || err != nil {
			t.Errorf("Domain(%q) = %q, %v, want %q", name, got, err, want)
		}
		if got := naming.DomainOf(want); got != name {
			t.Errorf("DomainOf(%q) = %q, want %q", want, got, name)
		}
	}
}

func TestDomain_refused(t *testing.T) {
	for name, want := range map[string]string{
		"": "is no name of a domain", "\xff": "is no name of a domain", "a\n": "is no name of a domain: has a character that does not print",
		strings.Repeat("a", 64): "is no name of a domain: is too long: the ID of its namespace would have more than 63 characters",
		strings.Repeat("A", 22): "is no name of a domain: is too long: the ID of its namespace would have more than 63 characters",
	} {
		if got, err := naming.Domain(name); got != "" || !errors.Is(err, naming.ErrDomain) || err.Error() != want {
			t.Errorf("Domain(%q) = %q, %v, want %q", name, got, err, want)
		}
	}
}

// The ID of the root, and those that no name comes out as, are no domains.
func TestDomainOf_none(t *testing.T) {
	for _, id := range []string{"", naming.Instance, "__", "a__", "a___b", "__61-", "__0a-", "__02e-", "__2e", "__2e-__9", "__110000-", "__0d800-", "__0-", "__99999999999-", "__é", "A"} {
		if got := naming.DomainOf(id); got != "" {
			t.Errorf("DomainOf(%q) = %q, want none", id, got)
		}
	}
}

// Every name has an ID of its own, from which it is read back.
func TestDomain_roundTrip(t *testing.T) {
	pieces := rapid.OneOf(rapid.StringMatching(`[-_a-z0-9A-Z. ]{0,12}`), rapid.StringN(0, 8, -1), rapid.SampledFrom([]string{"__", "_", "instance", "__2e-"}))
	names := rapid.Map(rapid.SliceOfN(pieces, 1, 3), func(s []string) string { return strings.Join(s, "") })
	rapid.Check(t, func(t *rapid.T) {
		a, b := names.Draw(t, "a"), names.Draw(t, "b")
		first, err := naming.Domain(a)
		if err != nil {
			return
		}
		check(t, a, first)
		if second, err := naming.Domain(b); err == nil && (first == second) != (a == b) {
			t.Fatalf("Domain(%q) = %q, Domain(%q) = %q", a, first, b, second)
		}
	})
}

type failer interface {
	Fatalf(format string, args ...any)
}

func check(t failer, name, id string) {
	if !namespaceID.MatchString(id) || id == naming.Instance {
		t.Fatalf("Domain(%q) = %q, which is no ID for it", name, id)
	}
	if got := naming.DomainOf(id); got != name {
		t.Fatalf("DomainOf(Domain(%q)) = DomainOf(%q) = %q", name, id, got)
	}
}

func FuzzDomain(f *testing.F) {
	for _, seed := range []string{"secret-domain", "Sales EU", "a__b_", "__2e-", "__sales", "instance", "größe", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := naming.Domain(text); err == nil {
			check(t, text, id)
		}
		if name := naming.DomainOf(text); name != "" {
			if id, err := naming.Domain(name); id != text || err != nil {
				t.Fatalf("Domain(DomainOf(%q)) = Domain(%q) = %q, %v", text, name, id, err)
			}
		}
	})
}
