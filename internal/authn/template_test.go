package authn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
)

func TestParseTemplate(t *testing.T) {
	tests := []struct {
		text         string
		placeholders []string // nil: none
		bad          bool
	}{
		{"user:{sub}", []string{"sub"}, false},
		{"user:corp/{sub}", []string{"sub"}, false},
		{"user:ci", nil, false},
		{"user:u-{sub}@x", []string{"sub"}, false},
		{"user:{/a/b}", []string{"/a/b"}, false},
		{"user:{https://example/claim}", []string{"https://example/claim"}, false},
		{"serviceAccount:namespaces/{a}/serviceAccounts/k8s-{b}", []string{"a", "b"}, false},
		{"serviceAccount:namespaces/acme/serviceAccounts/etl", nil, false},
		{"", nil, true},
		{"{sub}", nil, true},
		{"user", nil, true},
		{"user:", nil, true},
		{"User:{sub}", nil, true},
		{"group:{sub}", nil, true},
		{"{kind}:{sub}", nil, true},
		{"user:{a}{b}", nil, true},
		{"user:{a}-{b}", nil, true},
		{"user:{a}/{b}", nil, true},
		{"user:a/b/{c}", nil, true},
		{"user:/{sub}", nil, true},
		{"user:{sub}/", nil, true},
		{"user:../{sub}", nil, true},
		{"user:*/{sub}", nil, true},
		{"user:*", nil, true},
		{"user:.", nil, true},
		{"user:a\n{sub}", nil, true},
		{"user:{sub", nil, true},
		{"user:sub}", nil, true},
		{"user:{}", nil, true},
		{"user:{{sub}}", nil, true},
		{"user:{a{b}", nil, true},
		{"serviceAccount:{sub}", nil, true},
		{"serviceAccount:namespaces/{a}/serviceAccounts", nil, true},
		{"serviceAccount:namespaces/{a}/serviceAccounts/{b}/tokens/x", nil, true},
		{"serviceAccount:{a}/b/serviceAccounts/c", nil, true},
		{"serviceAccount:namespaces/a/{b}/c", nil, true},
		{"serviceAccount:namespaces//serviceAccounts/{b}", nil, true},
		{"user:" + strings.Repeat("a", 600), nil, true},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			template, err := authn.ParseTemplate(test.text)
			if test.bad {
				if !errors.Is(err, authn.ErrTemplate) {
					t.Errorf("ParseTemplate: %v, want ErrTemplate", err)
				}
				return
			}
			if err != nil {
				t.Fatalf("ParseTemplate: %v", err)
			}
			if diff := cmp.Diff(test.placeholders, template.Placeholders()); diff != "" {
				t.Errorf("Placeholders (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTemplate_Principal(t *testing.T) {
	accounts := func(name string) (authn.Principal, bool) { return etl, name == "namespaces/acme/serviceAccounts/etl" }
	tests := []struct {
		name, text string
		values     map[string]string
		accounts   authn.Accounts
		want       string // empty: refused
	}{
		{"user", "user:{sub}", map[string]string{"sub": "alice"}, nil, "user:alice"},
		{"prefix", "user:corp/{sub}", map[string]string{"sub": "alice"}, nil, "user:corp/alice"},
		{"text around it", "user:u-{sub}@x", map[string]string{"sub": "alice"}, nil, "user:u-alice@x"},
		{"missing", "user:u-{sub}", nil, nil, ""},
		{"empty", "user:u-{sub}", map[string]string{"sub": ""}, nil, ""},
		{"slash", "user:{sub}", map[string]string{"sub": "corp/alice"}, nil, ""},
		{"dots out of two dots", "user:.{sub}", map[string]string{"sub": "."}, nil, ""},
		{"too long with what is around it", "user:u-{sub}", map[string]string{"sub": strings.Repeat("a", 255)}, nil, ""},
		{"account", "serviceAccount:namespaces/{a}/serviceAccounts/{b}", map[string]string{"a": "acme", "b": "etl"}, accounts, etl.Name},
		{"unknown account", "serviceAccount:namespaces/{a}/serviceAccounts/{b}", map[string]string{"a": "acme", "b": "x"}, accounts, ""},
		{"no accounts", "serviceAccount:namespaces/{a}/serviceAccounts/{b}", map[string]string{"a": "acme", "b": "etl"}, nil, ""},
		{"account under another name", "serviceAccount:namespaces/acme/serviceAccounts/x", nil, func(string) (authn.Principal, bool) { return etl, true }, ""},
		{"account without UID", etl.Name, nil, func(string) (authn.Principal, bool) { return authn.Principal{Name: etl.Name}, true }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			template, err := authn.ParseTemplate(test.text)
			if err != nil {
				t.Fatalf("ParseTemplate: %v", err)
			}
			got, err := template.Principal(func(name string) (string, bool) { v, ok := test.values[name]; return v, ok }, test.accounts)
			if got.Name != test.want || (test.want == "") != errors.Is(err, authn.ErrUnauthenticated) {
				t.Errorf("Principal = %q, %v, want %q", got.Name, err, test.want)
			}
		})
	}
}

// TestTemplate_root: nobody becomes an operator by the name of a namespace elsewhere, however it comes to be; the
// configuration may say so.
func TestTemplate_root(t *testing.T) {
	const bootstrap = "namespaces/instance/serviceAccounts/bootstrap"
	accounts := func(name string) (authn.Principal, bool) {
		return authn.Principal{Name: "serviceAccount:" + name, UID: "sa"}, name == bootstrap || name == "namespaces/k8s-instance/serviceAccounts/bootstrap"
	}
	tests := []struct {
		text, value string
		want        string // empty: refused
	}{
		{"serviceAccount:namespaces/{v}/serviceAccounts/bootstrap", "instance", ""},
		{"serviceAccount:namespaces/in{v}/serviceAccounts/bootstrap", "stance", ""},
		{"serviceAccount:namespaces/{v}ce/serviceAccounts/bootstrap", "instan", ""},
		{"serviceAccount:namespaces/instance/serviceAccounts/{v}", "bootstrap", "serviceAccount:" + bootstrap},
		{"serviceAccount:namespaces/k8s-{/v/w}/serviceAccounts/bootstrap", "instance", "serviceAccount:namespaces/k8s-instance/serviceAccounts/bootstrap"},
		{"user:instance/{v}", "instance", "user:instance/instance"},
	}
	for _, test := range tests {
		template, err := authn.ParseTemplate(test.text)
		if err != nil {
			t.Fatalf("ParseTemplate(%q): %v", test.text, err)
		}
		got, err := template.Principal(func(string) (string, bool) { return test.value, true }, accounts)
		if got.Name != test.want || (test.want == "") != errors.Is(err, authn.ErrUnauthenticated) {
			t.Errorf("Principal of %q with %q = %q, %v, want %q", test.text, test.value, got.Name, err, test.want)
		}
	}
}

// FuzzTemplate: whatever the template and the values, a name is of the template's form, and different values of one
// placeholder make different names.
func FuzzTemplate(f *testing.F) {
	f.Add("user:{sub}", "alice", "bob")
	f.Add("user:corp/u-{sub}", "a/b", "*")
	f.Add("serviceAccount:namespaces/{a}/serviceAccounts/{b}", "acme", "..")
	f.Add("user:{a}/{b}", "{", "}")
	f.Add("user:{\xff}", "\xff", "\u202e")
	f.Fuzz(func(t *testing.T, text, a, b string) {
		template, err := authn.ParseTemplate(text)
		if err != nil {
			if !errors.Is(err, authn.ErrTemplate) {
				t.Errorf("ParseTemplate(%q): %v", text, err)
			}
			return
		}
		name := func(value string) string {
			got, err := template.Name(func(string) (string, bool) { return value, true })
			if err != nil {
				return ""
			}
			if authn.CheckName(value) != nil && len(template.Placeholders()) > 0 {
				t.Errorf("Name of %q with %q = %q", text, value, got)
			}
			kind, bare, err := authn.SplitPrincipal(got)
			most := map[authn.Kind]int{authn.KindUser: 1, authn.KindServiceAccount: 3}[kind]
			if err != nil || kind != template.Kind() || strings.Count(bare, "/") > most || strings.Contains("/"+bare+"/", "/../") {
				t.Errorf("Name of %q with %q = %q, %v", text, value, got, err)
			}
			return got
		}
		if one, other := name(a), name(b); one != "" && one == other && a != b && len(template.Placeholders()) > 0 {
			t.Errorf("%q names %q for %q and for %q", text, one, a, b)
		}
	})
}
