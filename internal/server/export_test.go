package server

import (
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/coffer-dev/coffer/internal/authz"
)

// Answer makes the handlers of a service answer by another implementation. It must be called before Serve.
func (s *Server) Answer(name string, server any) {
	for _, service := range s.services {
		for _, m := range service.methods {
			if service.desc.ServiceName == name {
				m.server = server
			}
		}
	}
}

// SetDeadline sets the deadline of a method. It must be called before Serve.
func (s *Server) SetDeadline(name string, deadline time.Duration) {
	s.gateway.conn.methods[name].deadline = deadline
}

// Methods lists the methods of the table.
func (s *Server) Methods() []string {
	var names []string
	for _, service := range s.services {
		for _, m := range service.methods {
			names = append(names, m.name)
		}
	}
	return names
}

// Registered lists the methods that a listener serves through the chain.
func (s *Server) Registered() map[string]grpc.ServiceInfo { return s.native.GetServiceInfo() }

// Exempt is the list of methods without a decision.
func Exempt() []string { return slices.Clone(exempt) }

// NewTable derives the method table of services that are not Coffer's.
func NewTable(desc *grpc.ServiceDesc, actions ...authz.Action) error {
	services := []service{{desc: desc}}
	return newTable(services, actions)
}

// DataDir is the server's data dir.
func (s *Server) DataDir() string { return s.data.path }
