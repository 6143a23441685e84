package instill

import (
	"cmp"
	"context"
	"strings"

	classicv1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/pipeline/v1beta"
	pipelinev1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/v1beta"
)

// pipelineServer is the service as it is since 2026.
type pipelineServer struct {
	pipelinev1beta.UnsafePipelinePublicServiceServer
	store
}

func toPipeline(s stored) *pipelinev1beta.Secret {
	return &pipelinev1beta.Secret{
		Name: secretName(s.namespace, s.id), Id: s.id, DisplayName: cmp.Or(s.Annotations[displayName], s.id), Slug: s.id,
		Description: s.Description, CreateTime: stamp(s.CreateTime), UpdateTime: stamp(s.UpdateTime),
	}
}

func fromPipeline(s *pipelinev1beta.Secret) sent {
	return sent{
		id: s.GetSlug(), description: s.GetDescription(), displayName: s.GetDisplayName(), value: s.GetValue(),
		fields: s.ProtoReflect().Descriptor().Fields(),
	}
}

// slugOf makes an ID of a name for people: My key is my-key.
func slugOf(name string) string {
	slug := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return '-'
	}, strings.ToLower(name))
	slug = strings.TrimLeft(slug, "-0123456789")
	return strings.Trim(slug[:min(len(slug), 32)], "-")
}

func (h *pipelineServer) Liveness(context.Context, *classicv1beta.LivenessRequest) (*classicv1beta.LivenessResponse, error) {
	return &classicv1beta.LivenessResponse{HealthCheckResponse: alive()}, nil
}

func (h *pipelineServer) Readiness(context.Context, *classicv1beta.ReadinessRequest) (*classicv1beta.ReadinessResponse, error) {
	return &classicv1beta.ReadinessResponse{HealthCheckResponse: h.readiness()}, nil
}

func (h *pipelineServer) CreateNamespaceSecret(ctx context.Context, req *pipelinev1beta.CreateNamespaceSecretRequest) (*pipelinev1beta.CreateNamespaceSecretResponse, error) {
	namespace, _ := idsIn(req.GetParent(), namespaces)
	in := fromPipeline(req.GetSecret())
	// Clients disagree on where the ID of a new secret is.
	in.id = cmp.Or(req.GetSecret().GetId(), in.id, slugOf(in.displayName))
	s, err := h.create(ctx, namespace, in)
	if err != nil {
		return nil, err
	}
	return &pipelinev1beta.CreateNamespaceSecretResponse{Secret: toPipeline(s)}, nil
}

func (h *pipelineServer) ListNamespaceSecrets(ctx context.Context, req *pipelinev1beta.ListNamespaceSecretsRequest) (*pipelinev1beta.ListNamespaceSecretsResponse, error) {
	namespace, _ := idsIn(req.GetParent(), namespaces)
	all, found, err := h.list(ctx, namespace, req)
	if err != nil {
		return nil, err
	}
	page := &pipelinev1beta.ListNamespaceSecretsResponse{NextPageToken: found.Next, TotalSize: int32(found.Total)}
	for _, s := range all {
		page.Secrets = append(page.Secrets, toPipeline(s))
	}
	return page, nil
}

func (h *pipelineServer) GetNamespaceSecret(ctx context.Context, req *pipelinev1beta.GetNamespaceSecretRequest) (*pipelinev1beta.GetNamespaceSecretResponse, error) {
	namespace, id := idsIn(req.GetName(), namespaces, secretsOf)
	s, err := h.get(ctx, namespace, id)
	if err != nil {
		return nil, err
	}
	return &pipelinev1beta.GetNamespaceSecretResponse{Secret: toPipeline(s)}, nil
}

func (h *pipelineServer) UpdateNamespaceSecret(ctx context.Context, req *pipelinev1beta.UpdateNamespaceSecretRequest) (*pipelinev1beta.UpdateNamespaceSecretResponse, error) {
	namespace, id := idsIn(req.GetSecret().GetName(), namespaces, secretsOf)
	s, err := h.update(ctx, namespace, id, fromPipeline(req.GetSecret()), req.GetUpdateMask().GetPaths())
	if err != nil {
		return nil, err
	}
	return &pipelinev1beta.UpdateNamespaceSecretResponse{Secret: toPipeline(s)}, nil
}

func (h *pipelineServer) DeleteNamespaceSecret(ctx context.Context, req *pipelinev1beta.DeleteNamespaceSecretRequest) (*pipelinev1beta.DeleteNamespaceSecretResponse, error) {
	namespace, id := idsIn(req.GetName(), namespaces, secretsOf)
	return &pipelinev1beta.DeleteNamespaceSecretResponse{}, h.remove(ctx, namespace, id)
}
