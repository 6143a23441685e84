package dataos_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/dialect/dataos"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/secrets"
)

var resourceID = regexp.MustCompile(`^[A-Za-z0-9_][-._A-Za-z0-9]{0,127}$`)

// Whatever an ID is, its first reading is the name that it spells, the others are names of secrets and no two the same,
// and what is no name is a fault.
func FuzzID(f *testing.F) {
	for _, id := range []string{"github_np_r", "orders-db", "acme:orders_rw", "_r", "a_rw_r", "", ":", "a:b:c", "-x", "é", strings.Repeat("a", 200)} {
		f.Add(id)
	}
	names := dataos.NamesOf{DataOS: naming.DataOS{Tenants: map[string]string{"ACME": "acme"}}}
	f.Fuzz(func(t *testing.T, id string) {
		got := names.Named(id)
		name := id
		if _, rest, ok := strings.Cut(id, ":"); ok {
			name = rest
		} else if got.Namespace != "" {
			t.Errorf("%q is looked for in %q alone", id, got.Namespace)
		}
		if len(got.Readings) == 0 || len(got.Readings) > 4 || got.Readings[0].Secret != name || got.Readings[0].Modes != nil {
			t.Fatalf("%q has the readings %v", id, got.Readings)
		}
		if got.Fault == nil && !resourceID.MatchString(name) {
			t.Errorf("%q is taken for a name", id)
		}
		seen := map[string]bool{}
		for i, r := range got.Readings {
			if seen[r.Secret] || i > 0 && !resourceID.MatchString(r.Secret) {
				t.Errorf("%q has the readings %v", id, got.Readings)
			}
			seen[r.Secret] = true
		}
		if got.Fault != nil {
			return
		}
		for _, mode := range []secrets.AccessMode{secrets.AccessUnspecified, secrets.AccessRead, secrets.AccessReadWrite} {
			for _, namespace := range []string{"instance", "acme"} {
				checkID(t, names, namespace, name, mode)
			}
		}
	})
}

// checkID checks that the ID of a secret means it.
func checkID(t *testing.T, names dataos.NamesOf, namespace, name string, mode secrets.AccessMode) {
	t.Helper()
	id := names.ID(namespace, name, mode)
	back := names.Named(id)
	if back.Fault != nil || namespace == "acme" && back.Namespace != "acme" {
		t.Errorf("the ID of %q in %s is %q, which asks for %+v", name, namespace, id, back)
	}
	means := slices.ContainsFunc(back.Readings, func(r secrets.Reading) bool {
		return r.Secret == name && (r.Modes == nil || slices.Contains(r.Modes, mode))
	})
	if !means {
		t.Errorf("the ID of %q of mode %v is %q, which means %v", name, mode, id, back.Readings)
	}
}

// What an address was read as, written again, is read the same.
func FuzzAddress(f *testing.F) {
	for _, address := range []string{
		"dataos://icebase", "dataos://icebase:retail", "dataos://icebase:retail/city", "dataos://icebase:retail/city?acl=rw",
		"dataos://icebase:retail/a/b.csv?purpose=scan&x=1", "dataos://", "dataos://a:b/?acl=", "dataos://a?acl=r&acl=rw", "dataos://a?purpose=rw&acl=rw",
		"dataos://a/b", "https://a", "dataos://a:b/c#d", "dataos://a:b/%zz?%zz",
	} {
		f.Add(address)
	}
	depot, collection := regexp.MustCompile(`^[a-zA-Z0-9-]+$`), regexp.MustCompile(`^[a-zA-Z0-9_]*$`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := dataos.ParseAddress(text)
		if err != nil {
			return
		}
		if !depot.MatchString(got[0]) || !collection.MatchString(got[1]) || !slices.Contains([]string{"r", "rw", "scan", "query"}, got[3]) {
			t.Fatalf("%q is read as %q", text, got)
		}
		again := "dataos://" + got[0]
		if got[1] != "" {
			again += ":" + got[1]
		}
		if got[2] != "" {
			again += "/" + got[2]
		}
		again += "?purpose=" + got[3]
		if back, err := dataos.ParseAddress(again); err != nil || back != got {
			t.Errorf("%q is read as %q, and that, written %q, as %q, %v", text, got, again, back, err)
		}
	})
}

func TestAddress(t *testing.T) {
	for text, want := range map[string]string{
		"dataos://icebase":                            "icebase   r",
		"dataos://icebase:retail":                     "icebase retail  r",
		"dataos://icebase:retail/city":                "icebase retail city r",
		"dataos://Ice-base01:retail_2/a/b.csv?acl=rw": "Ice-base01 retail_2 a/b.csv rw",
		"dataos://icebase?purpose=scan":               "icebase   scan",
		"dataos://icebase:retail/city?x=1&purpose=rw": "icebase retail city rw",
		"dataos://icebase?acl=":                       "icebase   r",
	} {
		got, err := dataos.ParseAddress(text)
		if fmt.Sprintf("%s %s %s %s", got[0], got[1], got[2], got[3]) != want || err != nil {
			t.Errorf("%s is read as %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "icebase", "dataos://", "dataos:///x", "dataos://ice_base", "dataos://a:/b", "dataos://a:b c/d", "dataos://a/b", "DATAOS://a",
		"dataos://a?acl=w", "dataos://a?acl=r&acl=r", "dataos://a?acl=r&purpose=scan", "dataos://a#b", "dataos://a:b/c\n", "dataos://a:b/" + strings.Repeat("c", 2048),
	} {
		if got, err := dataos.ParseAddress(text); err == nil {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

func TestStatusID(t *testing.T) {
	names := dataos.NamesOf{DataOS: naming.DataOS{Instance: "root", Workspaces: map[string]string{"public": "pub"}, Tenants: map[string]string{"ACME": "acme"}}}
	for id, want := range map[string]string{
		"instance-secret:v1:db-r":  "namespaces/root/secrets/db-r",
		"secret:v1:db:team":        "namespaces/team/secrets/db",
		"secret:v1beta1:db:public": "namespaces/pub/secrets/db",
		"secret:v1:db":             "namespaces/pub/secrets/db",
		"secret:v2alpha:db:ACME":   "namespaces/acme/secrets/db",
	} {
		if got, err := names.Status(id); got != want || err != nil {
			t.Errorf("%s is %s, %v; want %s", id, got, err, want)
		}
	}
	for _, id := range []string{"", "db", "secret:v1", "secret:1:db:team", "secret:v2alpha:db", "secret:v1:a/b:team", "secret:v1:db:team:x", "instance-secret:v1:db:team", "depot:v2alpha:db"} {
		if got, err := names.Status(id); err == nil {
			t.Errorf("%q is %s", id, got)
		}
	}
}
