package secrets_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/secrets"
)

var patterns = [][]string{
	{"namespaces"},
	{"namespaces", "secrets"},
	{"namespaces", "secrets", "versions"},
	{"namespaces", "deletedSecrets"},
	{"namespaces", "projections"},
	{"namespaces", "serviceAccounts"},
	{"namespaces", "serviceAccounts", "tokens"},
	{"namespaces", "grants"},
}

func TestSplit(t *testing.T) {
	long := strings.Repeat("a", 128)
	tests := []struct {
		name    string
		pattern []string
		ids     []string
		ok      bool
	}{
		{"namespaces/acme", patterns[0], []string{"acme"}, true},
		{"namespaces/acme/secrets/Orders.DB_1-x", patterns[1], []string{"acme", "Orders.DB_1-x"}, true},
		{"namespaces/_/secrets/_", patterns[1], []string{"_", "_"}, true},
		{"namespaces/acme/secrets/" + long, patterns[1], []string{"acme", long}, true},
		{"namespaces/acme/secrets/db/versions/12", patterns[2], []string{"acme", "db", "12"}, true},
		{"namespaces/acme/secrets/db/versions/latest", patterns[2], []string{"acme", "db", "latest"}, true},
		{"namespaces/acme/secrets/secrets", patterns[1], []string{"acme", "secrets"}, true},
		// As far as it is right, for the decision.
		{"namespaces/acme/secrets/db/versions/012", patterns[2], []string{"acme", "db"}, false},
		{"namespaces/acme/secrets/" + long + "a", patterns[1], []string{"acme"}, false},
		{"namespaces/acme/secrets/..", patterns[1], []string{"acme"}, false},
		{"namespaces/acme/secrets/.", patterns[1], []string{"acme"}, false},
		{"namespaces/acme/secrets/%2e%2e", patterns[1], []string{"acme"}, false},
		{"namespaces/acme/secrets/db\n", patterns[1], []string{"acme"}, false},
		{"namespaces/acme/secrets/db/", patterns[1], []string{"acme", "db"}, false},
		{"namespaces/acme/secrets/db/versions/1", patterns[1], []string{"acme", "db"}, false},
		{"namespaces/acme/projections/db", patterns[1], []string{"acme"}, false},
		{"namespaces/acme//secrets/db", patterns[1], []string{"acme"}, false},
		{"namespaces/acme", patterns[1], []string{"acme"}, false},
		{"namespaces/Acme/secrets/db", patterns[1], nil, false},
		{"/namespaces/acme", patterns[0], nil, false},
		{"namespace/acme", patterns[0], nil, false},
		{"namespaces", patterns[0], nil, false},
		{"", patterns[0], nil, false},
		{"namespaces/acme/" + strings.Repeat("x", 1024), patterns[0], nil, false},
	}
	for _, test := range tests {
		ids, ok := secrets.Split(test.name, test.pattern...)
		if !slices.Equal(ids, test.ids) || ok != test.ok {
			t.Errorf("Split(%q, %v) = %q, %v; want %q, %v", test.name, test.pattern, ids, ok, test.ids, test.ok)
		}
	}
}

// FuzzName checks that a name which is accepted is spelt in its one way, by the rules of the contract, and that nothing
// is normalised on the way.
func FuzzName(f *testing.F) {
	for _, name := range []string{
		"namespaces/acme", "namespaces/acme/secrets/orders-db", "namespaces/acme/secrets/orders-db/versions/1",
		"namespaces/acme/secrets/x/versions/active", "namespaces/a/deletedSecrets/abc", "namespaces/a/serviceAccounts/etl/tokens/t1",
		"namespaces/acme/secrets/..", "namespaces/acme/secrets/%2e", "namespaces/ACME/secrets/é", "namespaces/a\x00/secrets/b",
		"namespaces//secrets/", "namespaces/a/secrets/b/versions/00", "namespaces/a/secrets/b/versions/9223372036854775808", "",
	} {
		f.Add(name)
	}
	namespace := regexp.MustCompile(`\A[a-z0-9_][-_a-z0-9]{0,62}\z`)
	resource := regexp.MustCompile(`\A[A-Za-z0-9_][-._A-Za-z0-9]{0,127}\z`)
	f.Fuzz(func(t *testing.T, name string) {
		accepted := 0
		for _, pattern := range patterns {
			ids, ok := secrets.Split(name, pattern...)
			if len(ids) > len(pattern) || ok && len(ids) != len(pattern) {
				t.Fatalf("Split(%q, %v) = %q, %v", name, pattern, ids, ok)
			}
			var segments []string
			for i, id := range ids {
				segments = append(segments, pattern[i], id)
				switch pattern[i] {
				case "namespaces":
					if !namespace.MatchString(id) {
						t.Errorf("namespace ID %q was accepted", id)
					}
				case "versions":
					n, err := strconv.ParseInt(id, 10, 64)
					if id != "active" && id != "latest" && (err != nil || n < 1 || strconv.FormatInt(n, 10) != id) {
						t.Errorf("version %q was accepted", id)
					}
				default:
					if !resource.MatchString(id) || id == "." || id == ".." {
						t.Errorf("ID %q was accepted", id)
					}
				}
			}
			joined := secrets.Join(segments...)
			if !strings.HasPrefix(name, joined) || ok && joined != name {
				t.Errorf("Split(%q, %v) = %q, which joins to %q", name, pattern, ids, joined)
			}
			if ok {
				accepted++
			}
		}
		if accepted > 1 {
			t.Errorf("%q is a name of %d kinds", name, accepted)
		}
	})
}

// FuzzRules checks the tables of the rules against what they say of themselves as regular expressions.
func FuzzRules(f *testing.F) {
	for _, text := range []string{"", "a", "A", "_", "-", ".", "..", "a b", "a\n", "é", "a/b", strings.Repeat("a", 63), strings.Repeat("b", 64), strings.Repeat("c", 129), strings.Repeat("d", 254)} {
		f.Add(text)
	}
	var texts []*regexp.Regexp
	for _, rule := range secrets.Rules {
		texts = append(texts, regexp.MustCompile(rule.String()))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i, rule := range secrets.Rules {
			if got, want := rule.MatchString(text), texts[i].MatchString(text); got != want {
				t.Errorf("%q matches %s: %v, as a regular expression %v", text, rule, got, want)
			}
		}
	})
}
