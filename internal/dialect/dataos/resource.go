package dataos

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/structpb"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// Types of resources that are secrets.
const (
	typeSecret         = "secret"
	typeInstanceSecret = "instance-secret"
)

// What a resource says where nobody has said otherwise.
const (
	firstVersion  = "v1"
	userLayer     = "user"
	keyValue      = "key-value"
	statusActive  = "active"
	statusDeleted = "deleted"
	hidden        = "******" // in the place of each value
)

// GetWorkspaceSecret implements dataosv1.DataOSServiceServer.
func (s *server) GetWorkspaceSecret(ctx context.Context, req *dataosv1.GetWorkspaceSecretRequest) (*dataosv1.Resource, error) {
	return s.secret(ctx, typeSecret, s.workspace(req.GetWorkspace()), req.GetWorkspace(), req.GetName())
}

// GetInstanceSecret implements dataosv1.DataOSServiceServer.
func (s *server) GetInstanceSecret(ctx context.Context, req *dataosv1.GetInstanceSecretRequest) (*dataosv1.Resource, error) {
	return s.secret(ctx, typeInstanceSecret, s.config.Names.InstanceNamespace(), "", req.GetName())
}

func (s *server) secret(ctx context.Context, kind, namespace, workspace, name string) (*dataosv1.Resource, error) {
	secret, err := s.config.Service.GetSecret(ctx, rpc.Caller(ctx), secretName(namespace, name))
	if err != nil {
		return nil, err
	}
	to := resource(secret.Meta, kind, name, workspace)
	to.Version = cmp.Or(secret.Annotations[naming.DataOSVersion], firstVersion)
	to.Owner = cmp.Or(to.GetOwner(), secret.Owner)
	data := map[string]any{}
	for _, key := range secret.Keys {
		data[key.Name] = hidden
	}
	body := map[string]any{"type": cmp.Or(secret.Annotations[naming.DataOSType], keyValue), "data": data}
	if acl := aclOf(secret.AccessMode); acl != "" {
		body["acl"] = acl
	}
	to.Secret, err = structpb.NewStruct(body)
	return to, err
}

// GetWorkspaceResource implements dataosv1.DataOSServiceServer.
func (s *server) GetWorkspaceResource(ctx context.Context, req *dataosv1.GetWorkspaceResourceRequest) (*dataosv1.Resource, error) {
	return s.workload(ctx, s.workspace(req.GetWorkspace()), req.GetWorkspace(), req.GetType(), req.GetName())
}

// GetInstanceResource implements dataosv1.DataOSServiceServer.
func (s *server) GetInstanceResource(ctx context.Context, req *dataosv1.GetInstanceResourceRequest) (*dataosv1.Resource, error) {
	return s.workload(ctx, s.config.Names.InstanceNamespace(), "", req.GetType(), req.GetName())
}

func (s *server) workload(ctx context.Context, namespace, workspace, kind, name string) (*dataosv1.Resource, error) {
	full := "namespaces/" + namespace + "/projections/" + naming.WorkloadID(kind, name)
	projection, err := s.config.Service.GetProjection(ctx, rpc.Caller(ctx), full)
	if err != nil {
		return nil, err
	}
	to := resource(projection.Meta, kind, name, workspace)
	to.Owner = cmp.Or(to.GetOwner(), projection.AuthorizedBy)
	to.Version = projection.Annotations[naming.DataOSVersion]
	if r, ok := naming.ParseResource(projection.Annotations[naming.DataOSResource]); ok && to.Version == "" {
		to.Version = r.Version
	}
	return to, nil
}

// resource is what metadata says of one.
func resource(meta secrets.Meta, kind, name, workspace string) *dataosv1.Resource {
	to := &dataosv1.Resource{
		Name: name, Type: kind, Workspace: workspace, Description: meta.Description, Status: statusActive,
		Owner: meta.Annotations[naming.DataOSOwner], Layer: cmp.Or(meta.Annotations[naming.DataOSLayer], userLayer),
		CreatedAt: timeText(meta.CreateTime), UpdatedAt: timeText(meta.UpdateTime),
	}
	// A list that is none says nothing.
	_ = json.Unmarshal([]byte(meta.Annotations[naming.DataOSTags]), &to.Tags)
	return to
}

func timeText(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func secretName(namespace, name string) string { return "namespaces/" + namespace + "/secrets/" + name }

// GetResourceStatus implements dataosv1.DataOSServiceServer.
func (s *server) GetResourceStatus(ctx context.Context, req *dataosv1.GetResourceStatusRequest) (*dataosv1.ResourceStatus, error) {
	name, fault := s.statusOf(req.GetId())
	secret, err := s.config.Service.FindSecret(ctx, rpc.Caller(ctx), name, fault)
	if err != nil {
		return nil, err
	}
	status := &dataosv1.ResourceStatus{Id: req.GetId(), Value: statusActive, Time: timeText(time.Now())}
	if !secret.DeleteTime.IsZero() {
		status.Value = statusDeleted
	}
	return status, nil
}

// statusOf is the full name of the secret that the ID of a resource is: TYPE:VERSION:NAME, and for secrets of a workspace,
// or of a tenant from v2 on, :WORKSPACE. What is no such ID is a name of the instance's, which a fault comes with.
func (s *server) statusOf(id string) (name string, fault error) {
	instance := s.config.Names.InstanceNamespace()
	r, ok := naming.ParseResource(id)
	v2 := strings.HasPrefix(r.Version, "v2")
	switch {
	case !ok || !naming.IsSecret(r.Name) || !strings.HasPrefix(r.Version, "v"):
	case r.Type == typeInstanceSecret && r.Workspace == "":
		return secretName(instance, r.Name), nil
	case r.Type == typeSecret && v2 && r.Workspace != "":
		return secretName(s.config.Names.Tenant(r.Workspace), r.Name), nil
	case r.Type == typeSecret && !v2:
		return secretName(s.workspace(r.Workspace), r.Name), nil
	}
	return secretName(instance, id), secrets.Invalid("id", "want %s:VERSION:NAME or %s:VERSION:NAME:WORKSPACE", typeInstanceSecret, typeSecret)
}
