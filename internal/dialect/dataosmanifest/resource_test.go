package dataosmanifest_test

import (
	"testing"

	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
)

func TestParseIdentifier(t *testing.T) {
	want := dataosmanifest.Resource{Name: "ordersdb-r", Version: "v1", Type: "instance-secret"}
	for _, text := range []string{"ordersdb-r:v1:instance-secret", "ordersdb-r | v1      | instance-secret |", "ordersdb-r|v1|instance-secret||active||me"} {
		if got, err := dataosmanifest.ParseIdentifier(text); err != nil || got != want {
			t.Errorf("ParseIdentifier(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "a", "a:b", ":v1:secret", "a:b:c:d:e"} {
		if got, err := dataosmanifest.ParseIdentifier(text); err == nil {
			t.Errorf("ParseIdentifier(%q) = %v, want an error", text, got)
		}
		if got, err := dataosmanifest.ParseID(text); err == nil {
			t.Errorf("ParseID(%q) = %v, want an error", text, got)
		}
	}
	for _, id := range []string{"depot:v2alpha:sampleinstdepot", "service:v1:ping:sandbox"} {
		if got, err := dataosmanifest.ParseID(id); err != nil || got.ID() != id {
			t.Errorf("ParseID(%q) = %v, %v", id, got, err)
		}
	}
}

func TestPrincipal(t *testing.T) {
	for tag, want := range map[string]string{"roles:id:data-dev": "group:data-dev", "users:id:alice": "user:alice"} {
		got, ok := dataosmanifest.Principal(tag)
		if !ok || got != want || dataosmanifest.Tag(got) != tag {
			t.Errorf("Principal(%q) = %q, %t; Tag of it %q", tag, got, ok, dataosmanifest.Tag(got))
		}
	}
	if got, ok := dataosmanifest.Principal("roles:id:"); ok {
		t.Errorf("a role without a name is %q", got)
	}
	if got := dataosmanifest.Tag("serviceAccount:namespaces/a/serviceAccounts/b"); got != "" {
		t.Errorf("a service account has the tag %q", got)
	}
}
