package rpc_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

const parent = "namespaces/instance"

func access(id, version string) *cofferv1.AccessSecretVersionRequest {
	return &cofferv1.AccessSecretVersionRequest{Name: parent + "/secrets/" + id + "/versions/" + version}
}

func (f *fixture) create(ctx context.Context, t *testing.T, id string) *cofferv1.Secret {
	t.Helper()
	s, err := f.Secrets.CreateSecret(ctx, &cofferv1.CreateSecretRequest{
		Parent: parent, SecretId: id, Secret: &cofferv1.Secret{Payload: &cofferv1.Payload{
			Data: map[string]string{"user": "u", "password": "hunter2"}, BinaryData: map[string][]byte{"cert": {0, 1, 0xff}},
		}},
	})
	if err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	return s
}

func (f *fixture) keys(t *testing.T, prefix storage.Key) (keys []storage.Key) {
	t.Helper()
	if err := f.engine.View(t.Context(), func(r storage.Reader) error {
		records, err := r.Range(prefix, "", 100)
		for _, record := range records {
			keys = append(keys, record.Key)
		}
		return err
	}); err != nil {
		t.Fatalf("reading %q: %v", prefix, err)
	}
	return keys
}

// field checks that err is about a field.
func field(t *testing.T, err error, want string) {
	t.Helper()
	var invalid *secrets.InvalidError
	if !errors.As(err, &invalid) || invalid.Violations[0].Field != want {
		t.Errorf("error %v, want one about %s", err, want)
	}
}

func TestSecret_everyField(t *testing.T) {
	f, ctx := newFixture(t)
	sent := &cofferv1.Secret{
		Type: "key-value", Description: "d", Labels: map[string]string{"a": "b"}, Annotations: map[string]string{"c": "d"},
		AccessMode: cofferv1.Secret_READ_WRITE, Owner: "user:o", MaxVersions: 3, ExpireTime: timestamppb.New(start.Add(time.Hour)),
		Rotation: &cofferv1.Secret_Rotation{NextRotationTime: timestamppb.New(start.Add(2 * time.Hour)), Period: durationpb.New(3 * time.Hour)},
		Payload:  &cofferv1.Payload{Data: map[string]string{"k": "value"}},
	}
	got, err := f.Secrets.CreateSecret(ctx, &cofferv1.CreateSecretRequest{Parent: parent, SecretId: "db", Secret: sent})
	if err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	by := rpc.Caller(ctx).Name
	size := int32(5)
	want := proto.CloneOf(sent)
	want.Payload = nil
	want.Name, want.Uid, want.Etag, want.Revision = parent+"/secrets/db", got.GetUid(), got.GetEtag(), got.GetRevision()
	want.Keys = []*cofferv1.Secret_Key{{Name: "k", Size: &size}}
	want.ActiveVersion, want.LatestVersion, want.Source = 1, 1, "COFFER"
	want.CreateTime, want.UpdateTime, want.CreatedBy, want.UpdatedBy = timestamppb.New(start), timestamppb.New(start), by, by
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" || got.GetUid() == "" || got.GetEtag() == "" || got.GetRevision() == 0 {
		t.Errorf("CreateSecret (-want +got):\n%s", diff)
	}
	read, err := f.Secrets.GetSecret(ctx, &cofferv1.GetSecretRequest{Name: want.GetName()})
	if diff := cmp.Diff(want, read, protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("GetSecret: %v (-want +got):\n%s", err, diff)
	}
	// No field of the message is forgotten.
	elsewhere := map[string]bool{"payload": true, "delete_time": true, "purge_time": true, "last_access_time": true, "deleted_id": true}
	fields := got.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if name := string(fields.Get(i).Name()); !got.ProtoReflect().Has(fields.Get(i)) && !elsewhere[name] {
			t.Errorf("the field %s is never filled", name)
		}
	}
}

func TestPayload_throughTheDoor(t *testing.T) {
	f, ctx := newFixture(t)
	f.create(ctx, t, "db")
	got, err := f.Secrets.AccessSecretVersion(ctx, access("db", "latest"))
	want := &cofferv1.Payload{Data: map[string]string{"user": "u", "password": "hunter2"}, BinaryData: map[string][]byte{"cert": {0, 1, 0xff}}}
	if diff := cmp.Diff(want, got.GetPayload(), protocmp.Transform()); err != nil || diff != "" || got.GetName() != parent+"/secrets/db/versions/1" || got.GetRevision() == 0 {
		t.Errorf("AccessSecretVersion = %v, %v (-want +got):\n%s", got.GetName(), err, diff)
	}
	both := &cofferv1.Payload{Data: map[string]string{"k": "hunter2"}, BinaryData: map[string][]byte{"k": {1}}}
	_, err = f.Secrets.CreateSecret(ctx, &cofferv1.CreateSecretRequest{Parent: parent, SecretId: "x", Secret: &cofferv1.Secret{Payload: both}})
	field(t, err, "secret.payload")
	_, err = f.Secrets.AddSecretVersion(ctx, &cofferv1.AddSecretVersionRequest{Parent: parent + "/secrets/db", Payload: both})
	field(t, err, "payload")
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error %q carries the value", err)
	}
	_, err = f.Secrets.UpdateSecret(ctx, &cofferv1.UpdateSecretRequest{Secret: &cofferv1.Secret{Name: parent + "/secrets/db", Payload: want}})
	field(t, err, "secret.payload")
}

// What is wrong with the encoding of a request is told only after the decision.
func TestFaults_afterTheDecision(t *testing.T) {
	f, ctx := newFixture(t)
	f.create(ctx, t, "db")
	if _, err := f.Access.CreateServiceAccount(ctx, &cofferv1.CreateServiceAccountRequest{Parent: parent, ServiceAccountId: "etl"}); err != nil {
		t.Fatal(err)
	}
	bad := &timestamppb.Timestamp{Nanos: -1}
	both := &cofferv1.Payload{Data: map[string]string{"k": "v"}, BinaryData: map[string][]byte{"k": {1}}}
	name := parent + "/secrets/db"
	calls := map[string]func(context.Context) error{
		"secret.payload": func(ctx context.Context) error {
			_, err := f.Secrets.CreateSecret(ctx, &cofferv1.CreateSecretRequest{Parent: parent, SecretId: "x", Secret: &cofferv1.Secret{Payload: both}})
			return err
		},
		"payload": func(ctx context.Context) error {
			_, err := f.Secrets.AddSecretVersion(ctx, &cofferv1.AddSecretVersionRequest{Parent: name, Payload: both})
			return err
		},
		"secret.expire_time": func(ctx context.Context) error {
			_, err := f.Secrets.UpdateSecret(ctx, &cofferv1.UpdateSecretRequest{Secret: &cofferv1.Secret{Name: name, ExpireTime: bad}})
			return err
		},
		"token.expire_time": func(ctx context.Context) error {
			_, err := f.Access.CreateToken(ctx, &cofferv1.CreateTokenRequest{Parent: parent + "/serviceAccounts/etl", Token: &cofferv1.Token{ExpireTime: bad}})
			return err
		},
		"token.renewable_until": func(ctx context.Context) error {
			token := &cofferv1.Token{RenewableUntil: bad}
			_, err := f.Access.CreateToken(ctx, &cofferv1.CreateTokenRequest{Parent: parent + "/serviceAccounts/etl", Token: token})
			return err
		},
		"expire_time": func(ctx context.Context) error {
			_, err := f.Access.RenewToken(ctx, &cofferv1.RenewTokenRequest{Name: parent + "/serviceAccounts/bootstrap/tokens/first", ExpireTime: bad})
			return err
		},
		"unused_since": func(ctx context.Context) error {
			_, err := f.Secrets.ListSecrets(ctx, &cofferv1.ListSecretsRequest{Parent: parent, UnusedSince: bad})
			return err
		},
		"grant.expire_time": func(ctx context.Context) error {
			grant := &cofferv1.Grant{Principal: "user:a", Role: "viewer", ExpireTime: bad}
			_, err := f.Access.CreateGrant(ctx, &cofferv1.CreateGrantRequest{Parent: parent, Grant: grant})
			return err
		},
		"policy.tests[0].time": func(ctx context.Context) error {
			policy := &cofferv1.Policy{Text: "forbid (principal, action, resource);", Tests: []*cofferv1.PolicyTest{{Time: bad}}}
			_, err := f.Access.CreatePolicy(ctx, &cofferv1.CreatePolicyRequest{Parent: parent, PolicyId: "p", Policy: policy})
			return err
		},
		"start_time": func(ctx context.Context) error {
			_, err := f.Audit.ListAuditEvents(ctx, &cofferv1.ListAuditEventsRequest{StartTime: bad})
			return err
		},
		"page_size": func(ctx context.Context) error {
			_, err := f.Secrets.ListSecrets(ctx, &cofferv1.ListSecretsRequest{Parent: parent, PageSize: -1})
			return err
		},
		"projection.items[0].file.format": func(ctx context.Context) error {
			item := &cofferv1.Projection_Item{Secret: "db", Key: "user", File: &cofferv1.Projection_File{Path: "f", Format: 99}}
			_, err := f.Projections.CreateProjection(ctx, &cofferv1.CreateProjectionRequest{
				Parent: parent, ProjectionId: "p", Projection: &cofferv1.Projection{Items: []*cofferv1.Projection_Item{item}},
			})
			return err
		},
	}
	for name, call := range calls {
		field(t, call(ctx), name)
		if err := call(t.Context()); !errors.Is(err, gate.ErrDenied) {
			t.Errorf("%s by nobody: %v, want denied", name, err)
		}
	}
}

func TestProjection_roundTrip(t *testing.T) {
	f, ctx := newFixture(t)
	f.create(ctx, t, "db")
	prefix, none := "DB_", ""
	items := []*cofferv1.Projection_Item{
		{Secret: "db", Key: "password", Env: "PGPASSWORD"},
		{Secret: "db", AllKeys: true, EnvPrefix: &prefix, Optional: true},
		{Secret: "db", AllKeys: true, EnvPrefix: &none},
		{Secret: "db", Key: "cert", File: &cofferv1.Projection_File{Path: "cert.der", Format: cofferv1.Projection_RAW, Mode: 0o440}},
		{Secret: parent + "/secrets/db", AllKeys: true, File: &cofferv1.Projection_File{Path: "db.json", Format: cofferv1.Projection_JSON}},
	}
	p, err := f.Projections.CreateProjection(ctx, &cofferv1.CreateProjectionRequest{
		Parent: parent, ProjectionId: "etl", Projection: &cofferv1.Projection{Description: "d", Items: items},
	})
	if err != nil {
		t.Fatalf("CreateProjection: %v", err)
	}
	for _, item := range items {
		item.BoundSecret = parent + "/secrets/db"
	}
	if diff := cmp.Diff(items, p.GetItems(), protocmp.Transform()); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	// What was answered can be sent back as it is.
	again, err := f.Projections.UpdateProjection(ctx, &cofferv1.UpdateProjectionRequest{Projection: p, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"items"}}})
	if diff := cmp.Diff(items, again.GetItems(), protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("written back: %v (-want +got):\n%s", err, diff)
	}
	bundle, err := f.Projections.RenderProjection(ctx, &cofferv1.RenderProjectionRequest{Name: p.GetName()})
	if err != nil {
		t.Fatalf("RenderProjection: %v", err)
	}
	want := &cofferv1.RenderProjectionResponse{
		Env: map[string]string{
			"PGPASSWORD": "hunter2", "DB_USER": "u", "DB_PASSWORD": "hunter2", "DB_CERT": "AAH/", "USER": "u", "PASSWORD": "hunter2", "CERT": "AAH/",
		},
		Files: []*cofferv1.RenderProjectionResponse_RenderedFile{
			{Path: "cert.der", Mode: 0o440, Content: []byte{0, 1, 0xff}},
			{Path: "db.json", Mode: 0o400, Content: bundle.GetFiles()[1].GetContent()},
		},
		Revision: bundle.GetRevision(), Etag: bundle.GetEtag(),
	}
	if diff := cmp.Diff(want, bundle, protocmp.Transform()); diff != "" || !strings.Contains(string(bundle.GetFiles()[1].GetContent()), `"password":"hunter2"`) {
		t.Errorf("bundle (-want +got):\n%s", diff)
	}
	same, err := f.Projections.RenderProjection(ctx, &cofferv1.RenderProjectionRequest{Name: p.GetName(), IfNoneMatch: bundle.GetEtag()})
	if err != nil || !same.GetNotModified() || len(same.GetEnv())+len(same.GetFiles()) != 0 {
		t.Errorf("rendered again = %v, %v", same, err)
	}
}

// AddSecretVersion activates unless it is told not to.
func TestAddSecretVersion_activate(t *testing.T) {
	f, ctx := newFixture(t)
	f.create(ctx, t, "db")
	yes, no := true, false
	for i, activate := range []*bool{nil, &no, &yes} {
		v, err := f.Secrets.AddSecretVersion(ctx, &cofferv1.AddSecretVersionRequest{
			Parent: parent + "/secrets/db", Payload: &cofferv1.Payload{Data: map[string]string{"k": strings.Repeat("x", i)}}, Activate: activate,
		})
		if want := activate == nil || *activate; err != nil || v.GetActive() != want {
			t.Errorf("activate %v: %v, %v", activate, v, err)
		}
	}
}

func TestCaller(t *testing.T) {
	if c := rpc.Caller(t.Context()); c.Name != "" {
		t.Errorf("nobody is %+v", c)
	}
	f, ctx := newFixture(t)
	who, err := f.Access.WhoAmI(ctx, &cofferv1.WhoAmIRequest{})
	if err != nil || who.GetPrincipal() != "serviceAccount:namespaces/instance/serviceAccounts/bootstrap" || who.GetAuthnMethod() != "token" || who.GetExpireTime() == nil {
		t.Errorf("WhoAmI = %v, %v", who, err)
	}
	st, err := f.System.GetStatus(ctx, &cofferv1.GetStatusRequest{})
	if err != nil || !st.GetReady() || st.GetBootstrapWarning() == "" || st.GetStorage() != "bbolt" {
		t.Errorf("GetStatus = %v, %v", st, err)
	}
}
