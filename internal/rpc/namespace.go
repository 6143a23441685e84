package rpc

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

type namespaceServer struct {
	cofferv1.UnimplementedNamespaceServiceServer
	service *secrets.Service
}

func namespaceTo(n secrets.Namespace) *cofferv1.Namespace {
	return &cofferv1.Namespace{
		Name: n.Name, Uid: n.UID, Parent: n.Parent, Description: n.Description, Labels: n.Labels, Annotations: n.Annotations,
		CreateTime: stamp(n.CreateTime), UpdateTime: stamp(n.UpdateTime), DeleteTime: stamp(n.DeleteTime), PurgeTime: stamp(n.PurgeTime),
		CreatedBy: n.CreatedBy, UpdatedBy: n.UpdatedBy, Etag: n.Etag, Revision: int64(n.Revision), Isolated: n.Isolated,
		Quota: quotaTo(n.Quota), Usage: usageTo(n.Usage),
	}
}

// quotaTo leaves out a quota that bounds nothing.
func quotaTo(u secrets.Usage) *cofferv1.Quota {
	if u == (secrets.Usage{}) {
		return nil
	}
	return &cofferv1.Quota{Secrets: u.Secrets, Versions: u.Versions, Bytes: u.Bytes}
}

func usageTo(u secrets.Usage) *cofferv1.Usage {
	if u == (secrets.Usage{}) {
		return nil
	}
	return &cofferv1.Usage{Secrets: u.Secrets, Versions: u.Versions, Bytes: u.Bytes}
}

func quotaFrom(q *cofferv1.Quota) secrets.Usage {
	return secrets.Usage{Secrets: q.GetSecrets(), Versions: q.GetVersions(), Bytes: q.GetBytes()}
}

func namespaceFrom(n *cofferv1.Namespace) secrets.Namespace {
	return secrets.Namespace{Meta: metaFrom(n), Name: n.GetName(), Parent: n.GetParent(), Isolated: n.GetIsolated(), Quota: quotaFrom(n.GetQuota())}
}

func (h *namespaceServer) CreateNamespace(ctx context.Context, req *cofferv1.CreateNamespaceRequest) (*cofferv1.Namespace, error) {
	n, err := h.service.CreateNamespace(ctx, Caller(ctx), secrets.CreateNamespace{
		ID: req.GetNamespaceId(), Namespace: namespaceFrom(req.GetNamespace()), RequestID: req.GetRequestId(), ValidateOnly: req.GetValidateOnly(),
	})
	if err != nil {
		return nil, err
	}
	return namespaceTo(n), nil
}

func (h *namespaceServer) GetNamespace(ctx context.Context, req *cofferv1.GetNamespaceRequest) (*cofferv1.Namespace, error) {
	n, err := h.service.GetNamespace(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return namespaceTo(n), nil
}

func (h *namespaceServer) ListNamespaces(ctx context.Context, req *cofferv1.ListNamespacesRequest) (*cofferv1.ListNamespacesResponse, error) {
	items, next, err := h.service.ListNamespaces(ctx, Caller(ctx), req.GetParent(), pageOf(req))
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListNamespacesResponse{Namespaces: each(items, namespaceTo), NextPageToken: next}, nil
}

func (h *namespaceServer) UpdateNamespace(ctx context.Context, req *cofferv1.UpdateNamespaceRequest) (*cofferv1.Namespace, error) {
	n, err := h.service.UpdateNamespace(ctx, Caller(ctx), namespaceFrom(req.GetNamespace()), req.GetUpdateMask().GetPaths(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return namespaceTo(n), nil
}

func (h *namespaceServer) DeleteNamespace(ctx context.Context, req *cofferv1.DeleteNamespaceRequest) (*cofferv1.Namespace, error) {
	var n secrets.Namespace
	var err error
	if req.GetCascade() || req.GetForce() {
		tree := secrets.DeleteTree{Name: req.GetName(), Etag: req.GetEtag(), Force: req.GetForce(), ValidateOnly: req.GetValidateOnly()}
		if !req.GetCascade() {
			tree.Fault = secrets.Invalid("force", "is for cascade only")
		}
		n, err = h.service.DeleteNamespaceTree(ctx, Caller(ctx), tree)
	} else {
		n, err = h.service.DeleteNamespace(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly())
	}
	if err != nil {
		return nil, err
	}
	return namespaceTo(n), nil
}

func (h *namespaceServer) UndeleteNamespace(ctx context.Context, req *cofferv1.UndeleteNamespaceRequest) (*cofferv1.Namespace, error) {
	n, err := h.service.UndeleteNamespace(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return namespaceTo(n), nil
}
