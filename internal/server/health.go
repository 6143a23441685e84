package server

import (
	"context"
	"time"

	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

const (
	readinessInterval = time.Second
	// watchGrace is how long watches of the server's health go on after it began to stop, to tell of that.
	watchGrace = 200 * time.Millisecond
)

// healthService is gRPC's, and ends its watches when the server stops: nothing else would, and the server would wait for
// them in vain.
type healthService struct {
	*health.Server
	ended chan struct{}
}

// newHealth returns a health service that serves nothing yet.
func newHealth() *healthService {
	h := &healthService{Server: health.NewServer(), ended: make(chan struct{})}
	h.SetServingStatus("", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	return h
}

// stop tells everybody that the server stops.
func (h *healthService) stop() {
	h.Shutdown()
	time.AfterFunc(watchGrace, func() { close(h.ended) })
}

// Watch implements grpc_health_v1.HealthServer.
func (h *healthService) Watch(request *grpc_health_v1.HealthCheckRequest, stream grpc_health_v1.Health_WatchServer) error {
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	go func() {
		select {
		case <-h.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	return h.Server.Watch(request, healthStream{stream, ctx})
}

// healthStream is a stream with a context of its own.
type healthStream struct {
	grpc_health_v1.Health_WatchServer
	ctx context.Context // ends with the stream, and with the server
}

// Context implements grpc.ServerStream.
func (s healthStream) Context() context.Context { return s.ctx }

// watchReadiness keeps the health service up to date until ctx ends. It stops the server once the audit log or the store
// is broken for good: only a new start opens them anew.
func (s *Server) watchReadiness(ctx context.Context, stop context.CancelCauseFunc) {
	tick := time.NewTicker(readinessInterval)
	defer tick.Stop()
	was := errStale
	for {
		if err := s.readiness(); (err == nil) != (was == nil) {
			was = err
			s.setHealth(err == nil)
		}
		if err := s.broken(); err != nil {
			stop(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Server) setHealth(ready bool) {
	state := grpc_health_v1.HealthCheckResponse_NOT_SERVING
	if ready {
		state = grpc_health_v1.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus("", state)
	for _, service := range s.services {
		s.health.SetServingStatus(service.desc.ServiceName, state)
	}
}
