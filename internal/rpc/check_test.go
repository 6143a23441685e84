package rpc_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/rpc"
)

// What a token is minted with is told of it afterwards.
func TestToken_roundTrip(t *testing.T) {
	f, ctx := newFixture(t)
	sent := &cofferv1.Token{
		Description: "d", Labels: map[string]string{"a": "1"}, Annotations: map[string]string{"b": "2"}, SourceRanges: []string{"10.0.0.0/8"},
		UseLimit: 3, ExpireTime: timestamppb.New(start.Add(time.Hour)), RenewableUntil: timestamppb.New(start.Add(2 * time.Hour)),
	}
	minted, err := f.Access.CreateToken(ctx, &cofferv1.CreateTokenRequest{Parent: "users/alice", TokenId: "laptop", Token: sent})
	if err != nil {
		t.Fatal(err)
	}
	used := authn.Credentials{Bearer: minted.GetSecret(), Source: "10.0.0.1:1"}
	if _, err := f.domain.Authenticator().Authenticate(ctx, used); err != nil {
		t.Fatal(err)
	}
	renewed, err := f.Access.RenewToken(ctx, &cofferv1.RenewTokenRequest{Name: minted.GetName(), ExpireTime: sent.GetRenewableUntil(), Etag: minted.GetEtag()})
	if err != nil {
		t.Fatal(err)
	}
	const by = "serviceAccount:namespaces/instance/serviceAccounts/bootstrap"
	sent.Name, sent.CreatedBy, sent.UpdatedBy, sent.UseCount, sent.ExpireTime = "users/alice/tokens/laptop", by, by, 1, sent.GetRenewableUntil()
	sent.CreateTime, sent.UpdateTime = timestamppb.New(start), timestamppb.New(start)
	if diff := cmp.Diff(sent, renewed, protocmp.Transform(), protocmp.IgnoreFields(sent, "uid", "etag", "revision")); diff != "" {
		t.Errorf("(-sent +got):\n%s", diff)
	}
}

func TestWhoAmI_claims(t *testing.T) {
	f, ctx := newFixture(t)
	caller := authn.Caller{Method: "oidc", Principal: authn.Principal{Name: "user:alice", Groups: []string{"group:a"}, Claims: map[string]string{"department": "risk"}}}
	got, err := f.Access.WhoAmI(rpc.WithCaller(ctx, caller), nil)
	want := &cofferv1.WhoAmIResponse{Principal: "user:alice", AuthnMethod: "oidc", Groups: caller.Groups, Claims: caller.Claims}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestCheckAccess(t *testing.T) {
	f, ctx := newFixture(t)
	const name = "namespaces/instance/secrets/db"
	f.create(ctx, t, "db")
	end := timestamppb.New(start.Add(time.Hour))
	_, err := f.Access.CreateGrant(ctx, &cofferv1.CreateGrantRequest{Parent: "namespaces/instance", GrantId: "g", Grant: &cofferv1.Grant{
		Principal: "group:a", Role: "secret-reader", ExpireTime: end, Condition: `context has address && context.address.isIpv4()`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	reason := &cofferv1.Reason{
		Grant: "namespaces/instance/grants/g", Role: "secret-reader", Policy: "role:secret-reader", Principal: "group:a", Conditional: true, ExpireTime: end,
	}
	got, err := f.Access.CheckAccess(ctx, &cofferv1.CheckAccessRequest{
		Action: "secret:access", Resource: name, Principal: "user:x", Groups: []string{"group:a"}, SourceAddress: "192.0.2.1",
	})
	want := &cofferv1.CheckAccessResponse{Allowed: true, Reasons: []*cofferv1.Reason{reason}}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	page, err := f.Access.ListAccessors(ctx, &cofferv1.ListAccessorsRequest{Resource: name, Action: "secret:access", PageSize: 1})
	listed := &cofferv1.ListAccessorsResponse{
		Accessors: []*cofferv1.Accessor{{Principal: "group:a", Action: "secret:access", Reason: reason}}, NextPageToken: page.GetNextPageToken(),
	}
	if diff := cmp.Diff(listed, page, protocmp.Transform()); diff != "" || err != nil || page.GetNextPageToken() == "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
