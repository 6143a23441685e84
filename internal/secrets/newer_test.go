package secrets_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

// What a newer version wrote and this one does not understand fails closed, is logged, and keeps nobody from all else:
// permits, grants and roles do not count, and what is forbidden is forbidden to all.
func TestOpen_whatIsNotUnderstood(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.secret("namespaces/other/secrets/s", "k", "v")
	n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/acme")
	f.must(err)
	reader, odd := f.with(authz.RoleSecretReader, "namespaces/acme"), user("odd")
	f.role(reading, "secret:access")
	for _, role := range []string{reading, "secret-reader"} {
		_, err := f.give(f.root, "namespaces/acme", secrets.Grant{Principal: odd.Name, Role: role})
		f.must(err)
	}
	list, _, err := f.ListGrants(f.ctx(), f.root, "namespaces/acme", secrets.Page{Filter: `principal = "user:odd"`})
	f.must(err)
	f.policy(rules, looking)
	f.check(f.access(odd), nil)

	_, err = f.store.Update(f.ctx(), func(tx *sealed.Tx) error {
		change := func(kind sealed.Kind, k storage.Key, r proto.Message, change func()) {
			_, err := tx.Get(kind, n.UID, k, r)
			f.must(err)
			change()
			f.must(tx.Put(kind, n.UID, k, r))
		}
		role, policy := &storev1.Role{}, &storev1.Policy{}
		change("coffer/role/v1", storage.Key("access/role/"+n.UID+"/reading"), role, func() { role.Actions = append(role.Actions, "secret:fly") })
		change("coffer/policy/v1", storage.Key("access/policy/"+n.UID+"/rules"), policy, func() {
			policy.Text = `permit (principal, action == Action::"secret:get", resource) when { resource.wings };
				forbid (principal, action == Action::"secret:list", resource) when { resource.wings };`
		})
		for _, g := range list {
			grant := &storev1.Grant{}
			_, id := cut(g.Name)
			change("coffer/grant/v1", storage.Key("access/grant/"+n.UID+"/"+id), grant, func() {
				if g.Role == "secret-reader" {
					grant.Condition = "resource.wings"
				}
			})
		}
		return nil
	})
	f.must(err)
	var log bytes.Buffer
	f.config.Logger = slog.New(slog.NewTextHandler(&log, nil))
	again := f.reopen()
	f.check(only(again.AccessSecretVersion(f.ctx(), odd, at(db, 1))), gate.ErrDenied)
	f.check(only(again.AccessSecretVersion(f.ctx(), reader, at(db, 1))), nil)
	f.check(only(again.GetSecret(f.ctx(), odd, db)), gate.ErrDenied)
	secretList, _, err := again.ListSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{})
	if err == nil && len(secretList) > 0 {
		t.Errorf("listed %v though nobody knows what is forbidden", secretList)
	}
	f.check(only2(again.ListSecrets(f.ctx(), f.root, "namespaces/other", secrets.Page{})), nil)
	for _, key := range []string{"access/role/", "access/policy/", "access/grant/"} {
		if !strings.Contains(log.String(), key) {
			t.Errorf("the log tells nothing of %s:\n%s", key, log.String())
		}
	}
	f.check(erred(f.DeletePolicy(f.ctx(), f.root, rules, "", false)), nil)
}
