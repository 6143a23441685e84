package rpc_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// same compares what was sent with what is answered, output-only fields aside.
func same(t *testing.T, sent, got proto.Message) {
	t.Helper()
	output := protocmp.IgnoreFields(got, "uid", "create_time", "update_time", "created_by", "updated_by", "etag", "revision")
	if diff := cmp.Diff(sent, got, protocmp.Transform(), output); diff != "" {
		t.Errorf("(-sent +got):\n%s", diff)
	}
}

func TestPolicy_roundTrip(t *testing.T) {
	f, ctx := newFixture(t)
	sent := &cofferv1.Policy{
		Name: parent + "/policies/p", Description: "d", Labels: map[string]string{"a": "1"}, Annotations: map[string]string{"b": "2"},
		Text: `forbid (principal in Group::"g", action == Action::"secret:access", resource);`,
		Tests: []*cofferv1.PolicyTest{
			{
				Title: "t", Principal: "user:a", Groups: []string{"group:g"}, Claims: map[string]string{"c": "3"}, Action: "secret:access",
				Resource: &cofferv1.PolicyTest_Resource{
					Kind: "Secret", Id: "db", Labels: map[string]string{"l": "4"}, Type: "postgres", AccessMode: "READ", Owner: "user:o",
				},
				Time: timestamppb.New(start.Add(time.Hour)), SourceAddress: "10.0.0.1", AuthnMethod: "oidc", Want: cofferv1.PolicyTest_FORBID,
			},
			{Principal: "user:b", Action: "namespace:get", Resource: &cofferv1.PolicyTest_Resource{Kind: "Namespace"}, Want: cofferv1.PolicyTest_NONE},
		},
	}
	created, err := f.Access.CreatePolicy(ctx, &cofferv1.CreatePolicyRequest{Parent: parent, PolicyId: "p", Policy: sent})
	if err != nil {
		t.Fatal(err)
	}
	same(t, sent, created)
	got, err := f.Access.GetPolicy(ctx, &cofferv1.GetPolicyRequest{Name: sent.GetName()})
	if diff := cmp.Diff(created, got, protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("GetPolicy: %v (-created +got):\n%s", err, diff)
	}
	list, err := f.Access.ListPolicies(ctx, &cofferv1.ListPoliciesRequest{Parent: parent, Filter: "labels.a = 1"})
	if diff := cmp.Diff([]*cofferv1.Policy{got}, list.GetPolicies(), protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("ListPolicies: %v (-want +got):\n%s", err, diff)
	}
	updated, err := f.Access.UpdatePolicy(ctx, &cofferv1.UpdatePolicyRequest{Policy: &cofferv1.Policy{Name: sent.GetName(), Description: "e", Etag: got.GetEtag()}})
	if err != nil {
		t.Fatal(err)
	}
	sent.Description = "e"
	same(t, sent, updated)
	if deleted, err := f.Access.DeletePolicy(ctx, &cofferv1.DeletePolicyRequest{Name: sent.GetName()}); err != nil || deleted.GetRevision() == 0 {
		t.Errorf("DeletePolicy = %v, %v", deleted, err)
	}
}

func TestRole_roundTrip(t *testing.T) {
	f, ctx := newFixture(t)
	sent := &cofferv1.Role{
		Name: parent + "/roles/r", Description: "d", Labels: map[string]string{"a": "1"}, Annotations: map[string]string{"b": "2"},
		Actions: []string{"secret:access", "secret:get"},
	}
	created, err := f.Access.CreateRole(ctx, &cofferv1.CreateRoleRequest{Parent: parent, RoleId: "r", Role: sent})
	if err != nil {
		t.Fatal(err)
	}
	same(t, sent, created)
	list, err := f.Access.ListRoles(ctx, &cofferv1.ListRolesRequest{Parent: parent})
	if diff := cmp.Diff([]*cofferv1.Role{created}, list.GetRoles(), protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("ListRoles: %v (-want +got):\n%s", err, diff)
	}
	sent.Actions = sent.Actions[:1]
	updated, err := f.Access.UpdateRole(ctx, &cofferv1.UpdateRoleRequest{Role: &cofferv1.Role{Name: sent.GetName(), Actions: sent.GetActions()}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, sent, updated)
	grant := &cofferv1.Grant{Principal: "user:a", Role: sent.GetName(), Condition: "true"}
	if g, err := f.Access.CreateGrant(ctx, &cofferv1.CreateGrantRequest{Parent: parent, Grant: grant}); err != nil || g.GetRole() != sent.GetName() || g.GetCondition() != "true" {
		t.Errorf("CreateGrant = %v, %v", g, err)
	}
	if deleted, err := f.Access.DeleteRole(ctx, &cofferv1.DeleteRoleRequest{Name: sent.GetName()}); err != nil || deleted.GetRevision() == 0 {
		t.Errorf("DeleteRole = %v, %v", deleted, err)
	}
	viewer, err := f.Access.GetRole(ctx, &cofferv1.GetRoleRequest{Name: "namespaces/-/roles/viewer"})
	if err != nil || !viewer.GetBuiltIn() {
		t.Errorf("GetRole = %v, %v", viewer, err)
	}
}

func TestNamespace_isolated(t *testing.T) {
	f, ctx := newFixture(t)
	if _, err := f.Namespaces.CreateNamespace(ctx, &cofferv1.CreateNamespaceRequest{NamespaceId: "acme"}); err != nil {
		t.Fatal(err)
	}
	grant := &cofferv1.Grant{Principal: "user:a", Role: "namespace-admin"}
	if _, err := f.Access.CreateGrant(ctx, &cofferv1.CreateGrantRequest{Parent: "namespaces/acme", Grant: grant}); err != nil {
		t.Fatal(err)
	}
	n, err := f.Namespaces.UpdateNamespace(ctx, &cofferv1.UpdateNamespaceRequest{Namespace: &cofferv1.Namespace{Name: "namespaces/acme", Isolated: true}})
	if err != nil || !n.GetIsolated() {
		t.Errorf("UpdateNamespace = %v, %v", n, err)
	}
}
