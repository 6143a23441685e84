// Package clienttest starts a real Coffer server inside a test, so that code using pkg/client is tested against what it
// will meet and not against a fake:
//
//	server := clienttest.Start(t)
//	server.CreateSecret("acme", "orders-db", map[string]string{"password": "p"})
//	c := server.Client(server.Account("acme", "etl", "secret-reader", "secrets/orders-db"))
//
// The server listens on loopback ports of its own, keeps what it stores in a folder that is removed after the test, and
// leaves out disk flushes. Everything else is as in production: authentication, authorization and the audit log too.
package clienttest

import (
	"testing"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/servertest"
	"github.com/coffer-dev/coffer/pkg/client"
)

// Server is a running server. Its methods fail the test instead of returning errors.
type Server struct {
	// Address is the URL for client.Config, of the gRPC listener.
	Address string
	// HTTPAddress is the URL of REST, which answers gRPC too.
	HTTPAddress string
	// OperatorToken may do everything.
	OperatorToken string

	t      testing.TB
	server *servertest.Server
	made   map[string]bool // namespaces
}

// Start starts a server that stops after the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := servertest.Start(t, servertest.Config{})
	return &Server{
		Address: "grpc://" + s.GRPCAddr(), HTTPAddress: s.URL(), OperatorToken: s.OperatorToken, t: t, server: s, made: map[string]bool{},
	}
}

// Client returns a client that shows the token. It is closed after the test.
func (s *Server) Client(token string) *client.Client {
	s.t.Helper()
	c, err := client.New(client.Config{Address: s.Address, Token: token})
	if err != nil {
		s.t.Fatalf("clienttest: %v", err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

// Account creates a service account in the namespace, which is created if need be, and returns a token of it. It holds
// the role on the resource, such as secrets/orders-db; on the whole namespace if that is empty; and no role if role is.
func (s *Server) Account(namespace, id, role, resource string) string {
	s.t.Helper()
	name := s.namespace(namespace)
	if resource != "" {
		resource = name + "/" + resource
	}
	return s.server.Account(name, id, role, resource)
}

// CreateSecret stores a secret in the namespace, which is created if need be, and returns its full name.
func (s *Server) CreateSecret(namespace, id string, values map[string]string) string {
	s.t.Helper()
	secret, err := s.Client(s.OperatorToken).CreateSecret(s.t.Context(), &cofferv1.CreateSecretRequest{
		Parent: s.namespace(namespace), SecretId: id, Secret: &cofferv1.Secret{Payload: &cofferv1.Payload{Data: values}},
	})
	if err != nil {
		s.t.Fatalf("clienttest: creating secret %s: %v", id, err)
	}
	return secret.GetName()
}

func (s *Server) namespace(id string) string {
	s.t.Helper()
	if id != "instance" && !s.made[id] {
		s.made[id] = true
		return s.server.Namespace(id)
	}
	return "namespaces/" + id
}
