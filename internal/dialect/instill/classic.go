package instill

import (
	"context"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	classicv1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/pipeline/v1beta"
	vdpv1beta "github.com/coffer-dev/coffer/gen/go/instill/vdp/pipeline/v1beta"
)

// classicServer and vdpServer are the same under two names.
type classicServer struct {
	classicv1beta.UnsafePipelinePublicServiceServer
	classic
}

type vdpServer struct {
	vdpv1beta.UnsafePipelinePublicServiceServer
	classic
}

// classic is the service as it was until 2026. The methods of users and of organizations are those of namespaces: a
// namespace answers to all three, and is called in answers what it stands for.
type classic struct{ store }

func fromClassic(s *classicv1beta.Secret) sent {
	return sent{id: s.GetId(), description: s.GetDescription(), value: s.GetValue(), fields: s.ProtoReflect().Descriptor().Fields()}
}

func toClassic(s stored) *classicv1beta.Secret {
	return &classicv1beta.Secret{
		Name: s.owner + "/" + s.namespace + "/secrets/" + s.id, Uid: uid(s.UID), Id: s.id,
		CreateTime: stamp(s.CreateTime), UpdateTime: stamp(s.UpdateTime), Description: s.Description,
	}
}

// idsIn are the IDs in the name of a secret, or in that of its owner; empty if it is not such a name.
func idsIn(name string, collections ...string) (namespace, id string) {
	segments := strings.Split(name, "/")
	if len(segments) != 2*len(collections) {
		return "", ""
	}
	for i, collection := range collections {
		if segments[2*i] != collection {
			return "", ""
		}
	}
	if len(segments) == 2 {
		return segments[1], ""
	}
	return segments[1], segments[3]
}

func (c classic) createIn(ctx context.Context, namespace string, sent *classicv1beta.Secret) (*classicv1beta.Secret, error) {
	s, err := c.create(ctx, namespace, fromClassic(sent))
	if err != nil {
		return nil, err
	}
	return toClassic(s), nil
}

func (c classic) listIn(ctx context.Context, namespace string, req listed) (*classicv1beta.ListNamespaceSecretsResponse, error) {
	all, found, err := c.list(ctx, namespace, req)
	if err != nil {
		return nil, err
	}
	page := &classicv1beta.ListNamespaceSecretsResponse{NextPageToken: found.Next, TotalSize: int32(found.Total)}
	for _, s := range all {
		page.Secrets = append(page.Secrets, toClassic(s))
	}
	return page, nil
}

func (c classic) getIn(ctx context.Context, namespace, id string) (*classicv1beta.Secret, error) {
	s, err := c.get(ctx, namespace, id)
	if err != nil {
		return nil, err
	}
	return toClassic(s), nil
}

func (c classic) updateIn(ctx context.Context, namespace, id string, sent *classicv1beta.Secret, mask *fieldmaskpb.FieldMask) (*classicv1beta.Secret, error) {
	s, err := c.update(ctx, namespace, id, fromClassic(sent), mask.GetPaths())
	if err != nil {
		return nil, err
	}
	return toClassic(s), nil
}

func (c classic) Liveness(context.Context, *classicv1beta.LivenessRequest) (*classicv1beta.LivenessResponse, error) {
	return &classicv1beta.LivenessResponse{HealthCheckResponse: alive()}, nil
}

func (c classic) Readiness(context.Context, *classicv1beta.ReadinessRequest) (*classicv1beta.ReadinessResponse, error) {
	return &classicv1beta.ReadinessResponse{HealthCheckResponse: c.readiness()}, nil
}

func (c classic) CreateNamespaceSecret(ctx context.Context, req *classicv1beta.CreateNamespaceSecretRequest) (*classicv1beta.CreateNamespaceSecretResponse, error) {
	s, err := c.createIn(ctx, req.GetNamespaceId(), req.GetSecret())
	return &classicv1beta.CreateNamespaceSecretResponse{Secret: s}, err
}

func (c classic) ListNamespaceSecrets(ctx context.Context, req *classicv1beta.ListNamespaceSecretsRequest) (*classicv1beta.ListNamespaceSecretsResponse, error) {
	return c.listIn(ctx, req.GetNamespaceId(), req)
}

func (c classic) GetNamespaceSecret(ctx context.Context, req *classicv1beta.GetNamespaceSecretRequest) (*classicv1beta.GetNamespaceSecretResponse, error) {
	s, err := c.getIn(ctx, req.GetNamespaceId(), req.GetSecretId())
	return &classicv1beta.GetNamespaceSecretResponse{Secret: s}, err
}

func (c classic) UpdateNamespaceSecret(ctx context.Context, req *classicv1beta.UpdateNamespaceSecretRequest) (*classicv1beta.UpdateNamespaceSecretResponse, error) {
	s, err := c.updateIn(ctx, req.GetNamespaceId(), req.GetSecretId(), req.GetSecret(), req.GetUpdateMask())
	return &classicv1beta.UpdateNamespaceSecretResponse{Secret: s}, err
}

func (c classic) DeleteNamespaceSecret(ctx context.Context, req *classicv1beta.DeleteNamespaceSecretRequest) (*classicv1beta.DeleteNamespaceSecretResponse, error) {
	return &classicv1beta.DeleteNamespaceSecretResponse{}, c.remove(ctx, req.GetNamespaceId(), req.GetSecretId())
}
