package instill_test

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	healthcheckv1beta "github.com/coffer-dev/coffer/gen/go/instill/common/healthcheck/v1beta"
	mgmtv1beta "github.com/coffer-dev/coffer/gen/go/instill/core/mgmt/v1beta"
	classicv1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/pipeline/v1beta"
	pipelinev1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/v1beta"
	vdpv1beta "github.com/coffer-dev/coffer/gen/go/instill/vdp/pipeline/v1beta"
	"github.com/coffer-dev/coffer/internal/dialect/instill"
)

var _ vdpv1beta.PipelinePublicServiceClient = classicv1beta.PipelinePublicServiceClient(nil) // the same methods

// is fails unless an error has a code and a message.
func is(t *testing.T, what string, err error, code codes.Code, message string) {
	t.Helper()
	if got := status.Convert(err); got.Code() != code || got.Message() != message {
		t.Errorf("%s: %v, want %v %q", what, err, code, message)
	}
}

func serving(t *testing.T, what string, answer interface {
	GetHealthCheckResponse() *healthcheckv1beta.HealthCheckResponse
}, err error,
) {
	t.Helper()
	if got := answer.GetHealthCheckResponse().GetStatus(); err != nil || got != healthcheckv1beta.HealthCheckResponse_SERVING_STATUS_SERVING {
		t.Errorf("%s: %v, %v", what, got, err)
	}
}

// Both names of the classic service, on both listeners, do the same.
func TestGRPC_classic(t *testing.T) {
	s, token := start(t)
	for name, conn := range map[string]*grpc.ClientConn{"gRPC": s.Conn(token), "the HTTP address": s.HTTPConn(token)} {
		for service, c := range map[string]classicv1beta.PipelinePublicServiceClient{
			"pipeline.pipeline.v1beta": classicv1beta.NewPipelinePublicServiceClient(conn), "vdp.pipeline.v1beta": vdpv1beta.NewPipelinePublicServiceClient(conn),
		} {
			t.Run(service+" by "+name, func(t *testing.T) { classicStory(t, c) })
		}
	}
}

func classicStory(t *testing.T, c classicv1beta.PipelinePublicServiceClient) {
	ctx := t.Context()
	ready, err := c.Readiness(ctx, &classicv1beta.ReadinessRequest{})
	serving(t, "Readiness", ready, err)
	alive, err := c.Liveness(ctx, &classicv1beta.LivenessRequest{})
	serving(t, "Liveness", alive, err)

	first := &classicv1beta.Secret{Id: "key", Name: "whatever", Description: "first", Value: new("v")}
	created, err := c.CreateNamespaceSecret(ctx, &classicv1beta.CreateNamespaceSecretRequest{NamespaceId: "acme", Secret: first})
	if err != nil {
		t.Fatal(err)
	}
	got := created.GetSecret()
	if got.GetName() != "users/acme/secrets/key" || got.GetId() != "key" || got.GetDescription() != "first" || got.Value != nil || len(got.GetUid()) != 36 {
		t.Errorf("created %v", got)
	}
	_, err = c.CreateNamespaceSecret(ctx, &classicv1beta.CreateNamespaceSecretRequest{NamespaceId: "acme", Secret: first})
	is(t, "creating it again", err, codes.AlreadyExists, "Resource already exists.")
	// As the SDK does, without a mask: what is empty stays.
	updated, err := c.UpdateNamespaceSecret(ctx, &classicv1beta.UpdateNamespaceSecretRequest{
		NamespaceId: "acme", SecretId: "key", Secret: &classicv1beta.Secret{Description: "second", Value: new("")},
	})
	if err != nil || updated.GetSecret().GetDescription() != "second" || updated.GetSecret().GetUid() != got.GetUid() {
		t.Errorf("updated %v, %v", updated, err)
	}
	_, err = c.UpdateNamespaceSecret(ctx, &classicv1beta.UpdateNamespaceSecretRequest{
		NamespaceId: "acme", SecretId: "key", Secret: &classicv1beta.Secret{}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name"}},
	})
	is(t, "updating the name", err, codes.InvalidArgument, "can not contain output only fields")
	list, err := c.ListNamespaceSecrets(ctx, &classicv1beta.ListNamespaceSecretsRequest{NamespaceId: "acme"})
	if err != nil || list.GetTotalSize() != 1 || len(list.GetSecrets()) != 1 || !proto.Equal(list.GetSecrets()[0], updated.GetSecret()) {
		t.Errorf("listed %v, %v", list, err)
	}
	const user, organization = "users/acme/secrets/key", "organizations/acme/secrets/key"
	byUser, err1 := c.GetUserSecret(ctx, &classicv1beta.GetUserSecretRequest{Name: user})                                 //nolint:staticcheck // deprecated, and served
	byOrganization, err2 := c.GetOrganizationSecret(ctx, &classicv1beta.GetOrganizationSecretRequest{Name: organization}) //nolint:staticcheck // deprecated, and served
	if err := errors.Join(err1, err2); err != nil || !proto.Equal(byUser.GetSecret(), updated.GetSecret()) || !proto.Equal(byOrganization.GetSecret(), updated.GetSecret()) {
		t.Errorf("got %v and %v, %v", byUser, byOrganization, err)
	}
	_, err = c.GetUserSecret(ctx, &classicv1beta.GetUserSecretRequest{Name: "users/acme/secrets/key/versions/1"}) //nolint:staticcheck // deprecated, and served
	is(t, "what is no name", err, codes.PermissionDenied, "unauthorized")
	if _, err := c.DeleteNamespaceSecret(ctx, &classicv1beta.DeleteNamespaceSecretRequest{NamespaceId: "acme", SecretId: "key"}); err != nil {
		t.Error(err)
	}
	_, err = c.GetNamespaceSecret(ctx, &classicv1beta.GetNamespaceSecretRequest{NamespaceId: "acme", SecretId: "key"})
	is(t, "what was deleted", err, codes.NotFound, "not found")
}

// The messages since 2026 have names where the classic ones have IDs.
func TestGRPC_pipeline(t *testing.T) {
	s, token := start(t)
	c := pipelinev1beta.NewPipelinePublicServiceClient(s.HTTPConn(token))
	ctx := t.Context()
	ready, err := c.Readiness(ctx, &classicv1beta.ReadinessRequest{})
	serving(t, "Readiness", ready, err)
	alive, err := c.Liveness(ctx, &classicv1beta.LivenessRequest{})
	serving(t, "Liveness", alive, err)

	create := func(sent *pipelinev1beta.Secret) (*pipelinev1beta.Secret, error) {
		created, err := c.CreateNamespaceSecret(ctx, &pipelinev1beta.CreateNamespaceSecretRequest{Parent: "namespaces/acme", Secret: sent})
		return created.GetSecret(), err
	}
	for want, sent := range map[string]*pipelinev1beta.Secret{
		"by-id":                            {Id: "by-id", Slug: "not-this", DisplayName: "Nor this"},
		"by-slug":                          {Slug: "by-slug", DisplayName: "A name for people"},
		"my-open-ai-key_2":                 {DisplayName: "42 My Open/AI key_2 "},
		"a-name-that-is-longer-than-an-id": {DisplayName: "A name that is longer than an ID can be"},
	} {
		display := sent.GetDisplayName()
		sent.Value = new("v")
		got, err := create(sent)
		if err != nil || got.GetName() != "namespaces/acme/secrets/"+want || got.GetId() != want || got.GetSlug() != want || got.GetDisplayName() != display ||
			got.Value != nil || got.GetCreateTime() == nil {
			t.Errorf("created %v, %v, want %s", got, err, want)
		}
	}
	_, err = create(&pipelinev1beta.Secret{DisplayName: "4711", Value: new("v")})
	is(t, "a name of which there is no ID to make", err, codes.InvalidArgument, "required fields missing")

	const name = "namespaces/acme/secrets/by-slug"
	update := func(sent *pipelinev1beta.Secret, mask ...string) (*pipelinev1beta.Secret, error) {
		sent.Name = name
		updated, err := c.UpdateNamespaceSecret(ctx, &pipelinev1beta.UpdateNamespaceSecretRequest{Secret: sent, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask}})
		return updated.GetSecret(), err
	}
	for _, step := range []struct {
		sent              *pipelinev1beta.Secret
		mask              []string
		display, describe string
	}{
		{&pipelinev1beta.Secret{Description: "d"}, nil, "A name for people", "d"},
		{&pipelinev1beta.Secret{DisplayName: "Another"}, nil, "Another", "d"},
		{&pipelinev1beta.Secret{Value: new("w"), Slug: "by-slug"}, nil, "Another", "d"},
		{&pipelinev1beta.Secret{}, []string{"description"}, "Another", ""},
		{&pipelinev1beta.Secret{}, []string{"display_name", "slug"}, "by-slug", ""},
	} {
		got, err := update(step.sent, step.mask...)
		if err != nil || got.GetDisplayName() != step.display || got.GetDescription() != step.describe {
			t.Errorf("updated %v by %v: %v, %v", step.sent, step.mask, got, err)
		}
	}
	_, err = update(&pipelinev1beta.Secret{Slug: "another"})
	is(t, "another slug", err, codes.InvalidArgument, "update immutable fields error")
	_, err = update(&pipelinev1beta.Secret{}, "aliases")
	is(t, "aliases", err, codes.InvalidArgument, "can not contain output only fields")

	list, err := c.ListNamespaceSecrets(ctx, &pipelinev1beta.ListNamespaceSecretsRequest{Parent: "namespaces/acme", PageSize: proto.Int32(3)})
	if err != nil || list.GetTotalSize() != 4 || len(list.GetSecrets()) != 3 || list.GetNextPageToken() == "" {
		t.Errorf("listed %v, %v", list, err)
	}
	if _, err := c.DeleteNamespaceSecret(ctx, &pipelinev1beta.DeleteNamespaceSecretRequest{Name: name}); err != nil {
		t.Error(err)
	}
	_, err = c.GetNamespaceSecret(ctx, &pipelinev1beta.GetNamespaceSecretRequest{Name: name})
	is(t, "what was deleted", err, codes.NotFound, "not found")
}

func TestGRPC_management(t *testing.T) {
	s, token := start(t)
	c := mgmtv1beta.NewMgmtPublicServiceClient(s.HTTPConn(token))
	ready, err := c.Readiness(t.Context(), &mgmtv1beta.ReadinessRequest{})
	serving(t, "Readiness", ready, err)
	user, err := c.GetUser(t.Context(), &mgmtv1beta.GetUserRequest{UserId: "acme"})
	if err != nil || user.GetUser().GetName() != "users/acme" || len(user.GetUser().GetUid()) != 36 {
		t.Errorf("GetUser: %v, %v", user, err)
	}
}

// Over gRPC too, why a state does not allow something is told, and nothing that Instill's clients do not know.
func TestGRPC_details(t *testing.T) {
	s, token := start(t)
	c := classicv1beta.NewPipelinePublicServiceClient(s.Conn(token))
	_, err := c.CreateNamespaceSecret(t.Context(), &classicv1beta.CreateNamespaceSecretRequest{NamespaceId: "acme", Secret: &classicv1beta.Secret{Id: "key", Value: new("v")}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.GetNamespaceSecret(t.Context(), &classicv1beta.GetNamespaceSecretRequest{NamespaceId: "absent", SecretId: "key"})
	if details := status.Convert(err).Details(); len(details) > 0 {
		t.Errorf("details of a denial: %v", details)
	}
	s.REST(s.OperatorToken, "POST", "/v1/namespaces/acme/projections?projectionId=etl", `{"items": [{"secret": "key", "key": "value", "env": "K"}]}`)
	_, err = c.DeleteNamespaceSecret(t.Context(), &classicv1beta.DeleteNamespaceSecretRequest{NamespaceId: "acme", SecretId: "key"})
	details := status.Convert(err).Details()
	if failure, ok := details[0].(*errdetails.PreconditionFailure); len(details) != 1 || !ok || failure.GetViolations()[0].GetType() != "DELETE" {
		t.Errorf("details of a deletion: %v", details)
	}
}

// Errors that nobody expects say nothing of their cause.
func TestStatus(t *testing.T) {
	for what, err := range map[string]error{"unknown": errors.New("c4nary"), "panic": status.Error(codes.Unknown, "c4nary")} {
		if got, known := instill.Status(err, "R1"); known || got.Code() != codes.Unknown || got.Message() != "internal error; quote request R1" || len(got.Details()) > 0 {
			t.Errorf("%s: %v, known %t", what, got, known)
		}
	}
	if got, known := instill.Status(context.Canceled, ""); !known || got.Code() != codes.Canceled {
		t.Errorf("canceled: %v", got)
	}
}

// A server that is not ready says so, and still that it is alive.
func TestReadiness(t *testing.T) {
	services := instill.New(instill.Config{Ready: func() bool { return false }})
	ready, err := services.Classic.Readiness(t.Context(), nil)
	if got := ready.GetHealthCheckResponse().GetStatus(); err != nil || got != healthcheckv1beta.HealthCheckResponse_SERVING_STATUS_NOT_SERVING {
		t.Errorf("Readiness: %v, %v", got, err)
	}
	alive, err := services.Management.Liveness(t.Context(), nil)
	serving(t, "Liveness", alive, err)
}
