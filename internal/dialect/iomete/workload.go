package iomete

import (
	"context"
	"errors"
	"fmt"

	iometev1 "github.com/coffer-dev/coffer/gen/go/coffer/iomete/v1"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// The kinds of what is registered, as the IDs of projections begin.
const (
	compute          = "compute"
	sparkJob         = "spark-job"
	streamingJob     = "streaming-job"
	sdkJob           = "sdk-job"
	jupyterContainer = "jupyter-container"
	storageConfig    = "storage-config"
)

func (s *server) ResolveWorkload(ctx context.Context, req *iometev1.WorkloadRequest) (*iometev1.ResolvedWorkload, error) {
	at := domain(req.GetDomain())
	resolve := secrets.ResolveWorkload{Parent: at.namespace, Payload: req.GetPayload(), OneDomain: true}
	if at.fault != nil {
		resolve.Payload = "" // only the decision is wanted
	}
	bundle, err := s.service.ResolveWorkload(ctx, rpc.Caller(ctx), resolve)
	if err != nil {
		return nil, at.told(err, ofWorkload)
	}
	if len(bundle.Files)+len(bundle.Arguments)+len(bundle.Dictionaries) > 0 {
		return nil, fmt.Errorf("%w: the payload asks for files, arguments or dictionaries, which this answer has no place for", secrets.ErrNotRepresentable)
	}
	to := &iometev1.ResolvedWorkload{
		Payload: string(bundle.Payload.Reveal()), SparkConf: propertiesTo(bundle.SparkConf), Revision: int64(bundle.Revision),
	}
	if len(bundle.Env) > 0 {
		to.Env = make(map[string]string, len(bundle.Env))
	}
	for _, v := range bundle.Env {
		to.Env[v.Name] = string(v.Value.Reveal())
	}
	return to, nil
}

func propertiesTo(properties []render.Property) map[string]string {
	to := make(map[string]string, len(properties))
	for _, p := range properties {
		to[p.Name] = string(p.Value.Reveal())
	}
	return to
}

// register stores what a workload is made of, as the projection of its kind and name.
func (s *server) register(ctx context.Context, kind string, req *iometev1.WorkloadRequest) (*iometev1.RegisteredWorkload, error) {
	at := domain(req.GetDomain())
	name, payload, fault := registered(req.GetDomain(), req.GetPayload())
	if at.fault == nil {
		at.fault = fault // both are told after the decision
	}
	id := naming.WorkloadID(kind, name)
	projection := secrets.Projection{Workload: payload, OneDomain: true}
	made, err := s.service.CreateProjection(ctx, rpc.Caller(ctx), secrets.CreateProjection{
		Parent: at.namespace, ID: id, Projection: projection, Fault: at.fault,
	})
	if errors.Is(err, secrets.ErrExists) {
		projection.Name = at.namespace + "/projections/" + id
		made, err = s.service.UpdateProjection(ctx, rpc.Caller(ctx), secrets.UpdateProjection{Projection: projection, Mask: []string{"workload"}})
	}
	if err != nil {
		return nil, at.told(err, ofWorkload)
	}
	to := &iometev1.RegisteredWorkload{Projection: made.Name, Etag: made.Etag}
	for _, r := range made.References {
		reference := &iometev1.RegisteredWorkload_Reference{Place: r.Place}
		if reference.Source, reference.Key = sourceOf(r.Secret); reference.Source.GetType() == iometev1.Source_VAULT {
			reference.Key = r.Text
		}
		to.References = append(to.References, reference)
	}
	return to, nil
}

func (s *server) RegisterCompute(ctx context.Context, req *iometev1.WorkloadRequest) (*iometev1.RegisteredWorkload, error) {
	return s.register(ctx, compute, req)
}

func (s *server) RegisterSparkJob(ctx context.Context, req *iometev1.WorkloadRequest) (*iometev1.RegisteredWorkload, error) {
	return s.register(ctx, sparkJob, req)
}

func (s *server) RegisterStreamingJob(ctx context.Context, req *iometev1.WorkloadRequest) (*iometev1.RegisteredWorkload, error) {
	return s.register(ctx, streamingJob, req)
}

func (s *server) RegisterSdkJob(ctx context.Context, req *iometev1.WorkloadRequest) (*iometev1.RegisteredWorkload, error) {
	return s.register(ctx, sdkJob, req)
}

func (s *server) RegisterJupyterContainer(ctx context.Context, req *iometev1.WorkloadRequest) (*iometev1.RegisteredWorkload, error) {
	return s.register(ctx, jupyterContainer, req)
}

func (s *server) RegisterStorageConfig(ctx context.Context, req *iometev1.WorkloadRequest) (*iometev1.RegisteredWorkload, error) {
	return s.register(ctx, storageConfig, req)
}
