package naming_test

import (
	"testing"

	"github.com/coffer-dev/coffer/internal/naming"
)

func TestDataOS(t *testing.T) {
	var none naming.DataOS
	some := naming.DataOS{Instance: "root", Workspaces: map[string]string{"public": "shared"}, Tenants: map[string]string{"acme": "acme-prod"}}
	for _, c := range []struct{ what, got, want string }{
		{"the instance", none.InstanceNamespace(), "instance"},
		{"a workspace", none.Workspace("public"), "public"},
		{"a tenant", none.Tenant("acme"), "acme"},
		{"an instance elsewhere", some.InstanceNamespace(), "root"},
		{"a workspace elsewhere", some.Workspace("public"), "shared"},
		{"another workspace", some.Workspace("acme"), "acme"},
		{"a tenant elsewhere", some.Tenant("acme"), "acme-prod"},
		{"another tenant", some.Tenant("public"), "public"},
		{"a projection", naming.WorkloadID("depot", "ordersdb"), "depot.ordersdb"},
	} {
		if c.got != c.want {
			t.Errorf("the namespace or ID of %s is %q, want %q", c.what, c.got, c.want)
		}
	}
	for _, d := range []naming.DataOS{none, some} {
		if err := d.Check(); err != nil {
			t.Errorf("Check(%v) = %v", d, err)
		}
	}
}

func TestDataOSCheck_refuses(t *testing.T) {
	const rule = "^[a-z0-9_][-_a-z0-9]{0,62}$"
	for want, d := range map[string]naming.DataOS{
		`instance: "A" is not the ID of a namespace: it has to match ` + rule:         {Instance: "A"},
		`workspaces.public: "" is not the ID of a namespace: it has to match ` + rule: {Workspaces: map[string]string{"public": ""}},
		`tenants.acme: "a.b" is not the ID of a namespace: it has to match ` + rule:   {Tenants: map[string]string{"acme": "a.b"}},
		`tenants: a name is empty`: {Tenants: map[string]string{"": "a"}},
	} {
		if err := d.Check(); err == nil || err.Error() != want {
			t.Errorf("Check(%v) = %v, want %q", d, err, want)
		}
	}
}
