package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// atWrite calls fn before the n-th write from now.
func (f *fixture) atWrite(n int, fn func()) {
	var writes atomic.Int64 // what runs in the background writes too
	f.engine.Set(storagetest.Faults{Update: func() error {
		if writes.Add(1) == int64(n) {
			f.engine.Set(storagetest.Faults{})
			fn()
		}
		return nil
	}})
}

// long creates db with as many versions, of every state, and everything else that a secret can have.
func (f *fixture) long(versions int) secrets.Secret {
	f.t.Helper()
	_, err := f.CreateSecret(f.ctx(), user("maker"), secrets.CreateSecret{Parent: "namespaces/acme", ID: "db"})
	f.check(err, gate.ErrDenied)
	maker := f.with(authz.RoleDeveloper, "namespaces/acme")
	_, err = f.CreateSecret(f.ctx(), maker, secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", Secret: secrets.Secret{
		Meta: secrets.Meta{Description: "orders", Labels: map[string]string{"a": "b"}, Annotations: map[string]string{"c": "d"}},
		Type: "key-value", AccessMode: secrets.AccessReadWrite, MaxVersions: 100, ExpireTime: start.Add(1000 * time.Hour),
		NextRotationTime: start.Add(100 * time.Hour), RotationPeriod: 2 * time.Hour,
	}})
	f.must(err)
	for i := range versions {
		f.pass(time.Second)
		_, err := f.AddSecretVersion(f.ctx(), maker, secrets.AddVersion{Secret: db, Payload: payload("k", fmt.Sprint("value ", i+1), "of", maker.Name)})
		f.must(err)
	}
	for i := 2; i < versions; i += 3 {
		_, err = f.DisableSecretVersion(f.ctx(), f.root, at(db, i), "", false)
		f.must(err)
		_, err = f.DestroySecretVersion(f.ctx(), f.root, at(db, i-1), "", false)
		f.must(err)
	}
	if versions > 3 {
		_, err = f.ActivateSecretVersion(f.ctx(), f.root, at(db, versions-2-(versions-2)%3), "", false)
		f.must(err)
	}
	f.pass(time.Hour)
	s, err := f.GetSecret(f.ctx(), f.root, db)
	f.must(err)
	return s
}

// chronicle tells all there is to know of the versions of a secret, newest first, without their names.
func (f *fixture) chronicle(secret string) []string {
	f.t.Helper()
	versions, _, err := f.ListSecretVersions(f.ctx(), f.root, secret, secrets.Page{Size: 1000})
	f.must(err)
	var lines []string
	for _, v := range versions {
		line := fmt.Sprint(strings.TrimPrefix(v.Name, secret), v.State, v.Active, v.CreateTime, v.CreatedBy, v.UpdateTime, v.UpdatedBy, v.DestroyTime, v.Keys)
		if access, err := f.AccessSecretVersion(f.ctx(), f.root, v.Name); err == nil {
			line += " " + string(access.Payload["k"].Value.Reveal()) + string(access.Payload["of"].Value.Reveal())
		} else {
			f.check(err, secrets.ErrVersionState)
		}
		lines = append(lines, line)
	}
	return lines
}

// sameBut are the fields that a secret gets anew where it goes.
var sameBut = cmpopts.IgnoreFields(secrets.Secret{}, "UID", "Name", "Etag", "Revision", "UpdateTime", "UpdatedBy")

func TestMoveSecret_elsewhere(t *testing.T) {
	for _, versions := range []int{0, 1, 10, 16, 17, 32, 50} {
		t.Run(fmt.Sprint(versions), func(t *testing.T) {
			f := newFixture(t)
			was := f.long(versions)
			history := f.chronicle(db)
			if versions > 0 {
				f.storeAccesses()
				was.LastAccessTime = f.lastAccess(db)
			}
			got := f.move(db, away)
			shown, err := f.GetSecret(f.ctx(), f.root, away)
			if diff := cmp.Diff(shown, got, cmpopts.IgnoreFields(secrets.Secret{}, "LastAccessTime")); err != nil || diff != "" {
				t.Errorf("MoveSecret: %v (-get +move):\n%s", err, diff)
			}
			if diff := cmp.Diff(was, shown, sameBut); diff != "" {
				t.Errorf("moved (-before +after):\n%s", diff)
			}
			if shown.UID == was.UID || shown.Name != away || shown.UpdatedBy != f.root.Name || !shown.UpdateTime.Equal(f.now()) {
				t.Errorf("moved = %+v, want a new secret, changed now", shown)
			}
			if diff := cmp.Diff(history, f.chronicle(away)); diff != "" {
				t.Errorf("versions (-before +after):\n%s", diff)
			}
			f.check(only(f.GetSecret(f.ctx(), f.root, db)), secrets.ErrNotFound)
			old, err := f.GetSecret(f.ctx(), f.root, "namespaces/acme/deletedSecrets/"+was.UID)
			if err != nil || !old.DeleteTime.Equal(f.now()) || !old.PurgeTime.Equal(f.now().Add(30*24*time.Hour)) || old.DeletedID != "db" {
				t.Errorf("in the bin: %+v, %v", old, err)
			}
			// Both go on as secrets of their own.
			f.add(away, "k", "here")
			back, err := f.UndeleteSecret(f.ctx(), f.root, old.Name, "", false)
			f.must(err)
			if diff := cmp.Diff(history, f.chronicle(back.Name)); diff != "" {
				t.Errorf("versions of what is out of the bin (-before +after):\n%s", diff)
			}
			f.add(db, "k", "there")
			for name, want := range map[string]string{away: "here", db: "there"} {
				if got := f.value(name+"/versions/active", "k"); got != want {
					t.Errorf("%s delivers %q, want %q", name, got, want)
				}
			}
			f.swept("leftover/")
		})
	}
}

func TestCopySecret(t *testing.T) {
	for _, to := range []string{moved, away} {
		for _, versions := range []int{0, 1, 16, 17, 40} {
			t.Run(fmt.Sprint(to, versions), func(t *testing.T) {
				f := newFixture(t)
				was := f.long(versions)
				history := f.chronicle(db)
				reader := f.with(authz.RoleSecretReader, db)
				f.project(f.root, etl, env("db", "k", "K"))
				got, err := f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: to})
				f.must(err)
				if diff := cmp.Diff(was, got, sameBut, cmpopts.IgnoreFields(secrets.Secret{}, "CreateTime", "CreatedBy", "LastAccessTime")); diff != "" {
					t.Errorf("copied (-before +after):\n%s", diff)
				}
				if got.UID == was.UID || got.Name != to || got.CreatedBy != f.root.Name || !got.CreateTime.Equal(f.now()) {
					t.Errorf("copied = %+v, want a new secret, created now", got)
				}
				for _, name := range []string{db, to} {
					if diff := cmp.Diff(history, f.chronicle(name)); diff != "" {
						t.Errorf("versions of %s (-before +after):\n%s", name, diff)
					}
				}
				// Nothing that refers to the secret refers to the copy, which goes its own way.
				f.check(only(f.AccessSecretVersion(f.ctx(), reader, at(to, "active"))), gate.ErrDenied)
				f.add(to, "k", "copy")
				f.add(db, "k", "original")
				if got := f.rendered(etl)["K"]; got != "original" {
					t.Errorf("the projection delivers %q", got)
				}
				f.must(only(f.DeleteSecret(f.ctx(), f.root, to, "", false, false)))
				f.swept("leftover/")
			})
		}
	}
}

// A secret of which not two versions fit into a transaction goes all the same.
func TestMoveSecret_largest(t *testing.T) {
	f := newFixture(t)
	f.secret(db)
	wide := make([]string, 0, 512)
	for i := range 256 {
		wide = append(wide, fmt.Sprintf("%03d%s", i, strings.Repeat("x", 250)), strings.Repeat("v", 1790))
	}
	for i := range 4 {
		wide[1] = fmt.Sprint(i)
		f.add(db, wide...)
	}
	f.move(db, away)
	f.must(only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: away, Destination: db})))
	for i := range 4 {
		for _, name := range []string{away, db} {
			if got := f.value(at(name, i+1), wide[0]); got != fmt.Sprint(i) {
				t.Errorf("version %d of %s delivers %q", i+1, name, got)
			}
		}
	}
}

// Who may not set owners in a namespace makes nobody else one there.
func TestTransfer_owner(t *testing.T) {
	for _, copied := range []bool{false, true} {
		t.Run(fmt.Sprint(copied), func(t *testing.T) {
			f := newFixture(t)
			alice, bob := f.with(authz.RoleDeveloper, acme), f.with(authz.RoleDeveloper, acme)
			f.grant(bob, authz.RoleSecretReader, acme)
			f.grant(bob, authz.RoleDeveloper, other)
			send := func(to string) string {
				_, err := f.CreateSecret(f.ctx(), alice, secrets.CreateSecret{Parent: acme, ID: "db", Payload: payload("k", "v")})
				f.must(err)
				if copied {
					f.must(only(f.CopySecret(f.ctx(), bob, secrets.CopySecret{Name: db, Destination: to})))
					f.drop(db)
				} else {
					f.must(f.tryMove(bob, db, to))
				}
				s, err := f.GetSecret(f.ctx(), f.root, to)
				f.must(err)
				return s.Owner
			}
			if owner := send(away); owner != bob.Name {
				t.Errorf("the owner is %s, want %s", owner, bob.Name)
			}
			if e := f.events(bob)[0]; e.Action != "secret:create" {
				t.Errorf("the last that was recorded is %s", e.Action)
			}
			g := f.grant(user("reader"), authz.RoleSecretUser, away)
			f.check(erred(f.DeleteGrant(f.ctx(), alice, g, "", false)), gate.ErrDenied)
			// A policy of owners sees the one that it gets.
			f.policy(other+"/policies/p", `forbid (principal, action == Action::"secret:create", resource) when { resource has owner && resource.owner == "`+alice.OwnerID()+`" };`)
			send(other + "/secrets/second")
			f.must(erred(f.DeletePolicy(f.ctx(), f.root, other+"/policies/p", "", false)))

			f.grant(bob, authz.RoleNamespaceAdmin, other)
			if owner := send(other + "/secrets/third"); owner != alice.Name {
				t.Errorf("the owner is %s, want %s", owner, alice.Name)
			}
			if e := f.events(bob)[0]; e.Action != "secret:setOwner" || e.Resource != other+"/secrets/third" {
				t.Errorf("the last that was recorded is %s on %s", e.Action, e.Resource)
			}
			// Within the namespace it stays.
			if owner := send(moved); owner != alice.Name {
				t.Errorf("the owner is %s, want %s", owner, alice.Name)
			}
		})
	}
}

// The guard of a move elsewhere is that of a deletion, and so is what force does.
func TestMoveSecret_guard(t *testing.T) {
	for _, versions := range []int{1, 40} {
		t.Run(fmt.Sprint(versions), func(t *testing.T) {
			f := newFixture(t)
			made := f.long(versions)
			f.project(f.root, etl, env("db", "k", "K"))
			reader := f.with(authz.RoleSecretReader, db)
			req := secrets.MoveSecret{Name: db, Destination: away}
			for _, req.ValidateOnly = range []bool{true, false} {
				_, err := f.MoveSecret(f.ctx(), f.root, req)
				if inUse, ok := errors.AsType[*secrets.InUseError](err); !ok || !cmp.Equal(inUse.Projections, []string{etl}) {
					t.Errorf("MoveSecret = %v, want it in use", err)
				}
			}
			req.Force = true
			f.must(only(f.MoveSecret(f.ctx(), f.root, req)))
			_, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
			f.check(err, secrets.ErrDangling)
			f.check(only(f.AccessSecretVersion(f.ctx(), reader, at(away, 1))), gate.ErrDenied)
			f.must(only(f.UndeleteSecret(f.ctx(), f.root, "namespaces/acme/deletedSecrets/"+made.UID, "", false)))
			f.rendered(etl)
		})
	}
}

func TestTransfer_quota(t *testing.T) {
	for _, versions := range []int{2, 40} {
		for name, quota := range map[string]secrets.Usage{"secrets": {Secrets: 1}, "versions": {Versions: 2}, "bytes": {Bytes: 12}} {
			t.Run(fmt.Sprint(name, versions), func(t *testing.T) {
				f := newFixture(t)
				f.secret("namespaces/other/secrets/first", "k", "v")
				f.long(versions)
				f.move(db, "namespaces/team/secrets/db")
				f.limitOf("namespaces/other", quota)
				for range 2 {
					f.check(f.tryMove(f.root, "namespaces/team/secrets/db", away), secrets.ErrQuota)
					f.check(only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: "namespaces/team/secrets/db", Destination: away})), secrets.ErrQuota)
				}
				f.limitOf("namespaces/other", secrets.Usage{})
				f.move("namespaces/team/secrets/db", away)
				n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/other")
				f.must(err)
				if held := int64(1 + len(f.kept(away))); n.Usage.Secrets != 2 || n.Usage.Versions != held {
					t.Errorf("usage %+v, want 2 secrets and %d versions", n.Usage, held)
				}
			})
		}
	}
}

// limitOf sets the quota of a namespace.
func (f *fixture) limitOf(name string, quota secrets.Usage) {
	f.t.Helper()
	_, err := f.UpdateNamespace(f.ctx(), f.root, secrets.Namespace{Name: name, Quota: quota}, []string{"quota"}, false)
	f.must(err)
}

// kept are the versions of a secret that have a payload.
func (f *fixture) kept(secret string) (lines []string) {
	f.t.Helper()
	for _, line := range f.history(secret) {
		if !strings.Contains(line, "destroyed") {
			lines = append(lines, line)
		}
	}
	return lines
}

// While a secret moves nobody writes it, and everybody reads it.
func TestMoveSecret_writersWait(t *testing.T) {
	f := newFixture(t)
	f.long(40)
	f.project(f.root, etl, env("db", "k", "K"))
	writes := map[string]func() error{
		"add": func() error {
			return only(f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "x")}))
		},
		"update": func() error {
			return only(f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Description: "x"}}}))
		},
		"activate": func() error { return only(f.ActivateSecretVersion(f.ctx(), f.root, at(db, 40), "", false)) },
		"disable":  func() error { return only(f.DisableSecretVersion(f.ctx(), f.root, at(db, 40), "", false)) },
		"enable":   func() error { return only(f.EnableSecretVersion(f.ctx(), f.root, at(db, 2), "", false)) },
		"destroy":  func() error { return only(f.DestroySecretVersion(f.ctx(), f.root, at(db, 40), "", false)) },
		"delete":   func() error { return only(f.DeleteSecret(f.ctx(), f.root, db, "", true, false)) },
		"rename":   func() error { return f.tryMove(f.root, db, moved) },
		"move":     func() error { return f.tryMove(f.root, db, "namespaces/team/secrets/db") },
		"copy": func() error {
			return only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: moved}))
		},
	}
	f.atWrite(2, func() {
		for name, write := range writes {
			if err := write(); !errors.Is(err, secrets.ErrPrecondition) {
				t.Errorf("%s of what is being moved: %v", name, err)
			}
		}
		f.check(only(f.GetSecret(f.ctx(), f.root, db)), nil)
		f.check(only(f.GetSecret(f.ctx(), f.root, away)), secrets.ErrNotFound)
		f.rendered(etl)
		f.value(at(db, 40), "k")
	})
	f.must(only(f.MoveSecret(f.ctx(), f.root, secrets.MoveSecret{Name: db, Destination: away, Force: true})))
	f.value(at(away, 40), "k")
}

// A copy is of one time: whenever the secret changes meanwhile it is made anew, but not without end.
func TestCopySecret_changes(t *testing.T) {
	for changes := range 7 {
		t.Run(fmt.Sprint(changes), func(t *testing.T) {
			f := newFixture(t)
			f.long(40)
			changed := 0
			var change func()
			change = func() {
				changed++
				f.add(db, "k", fmt.Sprint("change ", changed))
				_, err := f.DestroySecretVersion(f.ctx(), f.root, at(db, 40+changed-2), "", false)
				f.must(err)
				if changed < changes {
					f.onCopy(change)
				}
			}
			if changes > 0 {
				f.onCopy(change)
			}
			_, err := f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: away})
			f.engine.Set(storagetest.Faults{})
			if changes < 5 {
				f.check(err, nil)
				if diff := cmp.Diff(f.chronicle(db), f.chronicle(away)); diff != "" || changed != changes {
					t.Errorf("after %d changes (-secret +copy):\n%s", changed, diff)
				}
			} else {
				f.check(err, secrets.ErrChanged)
				f.check(only(f.GetSecret(f.ctx(), f.root, away)), secrets.ErrNotFound)
			}
			f.swept("leftover/")
		})
	}
}

// onCopy calls fn once, between two steps of the copy that is made next: when there is a mark of one.
func (f *fixture) onCopy(fn func()) {
	var begun atomic.Bool
	f.engine.Set(storagetest.Faults{Update: func() error {
		if !begun.Swap(true) {
			return nil // what makes the mark, or still erases what was copied before
		}
		if len(f.keysWith("leftover/transfer/")) > 0 {
			f.engine.Set(storagetest.Faults{})
			fn()
		}
		return nil
	}})
}

// Once it has begun, a move goes on without its caller.
func TestTransfer_callerLeaves(t *testing.T) {
	for _, copied := range []bool{false, true} {
		for leaving := 1; leaving <= 3; leaving++ {
			t.Run(fmt.Sprint(copied, leaving), func(t *testing.T) {
				f := newFixture(t)
				f.long(40)
				history := f.chronicle(db)
				ctx, leave := context.WithCancel(f.ctx())
				f.atWrite(leaving, leave)
				var err error
				if copied {
					_, err = f.CopySecret(ctx, f.root, secrets.CopySecret{Name: db, Destination: away})
				} else {
					_, err = f.MoveSecret(ctx, f.root, secrets.MoveSecret{Name: db, Destination: away})
				}
				if leaving == 1 {
					f.check(err, context.Canceled)
					f.check(only(f.GetSecret(f.ctx(), f.root, away)), secrets.ErrNotFound)
					return
				}
				f.check(err, nil)
				if diff := cmp.Diff(history, f.chronicle(away)); diff != "" {
					t.Errorf("versions (-before +after):\n%s", diff)
				}
			})
		}
	}
}
