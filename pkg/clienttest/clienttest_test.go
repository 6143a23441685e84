package clienttest_test

import (
	"errors"
	"testing"

	"github.com/coffer-dev/coffer/pkg/client"
	"github.com/coffer-dev/coffer/pkg/clienttest"
)

func TestStart(t *testing.T) {
	server := clienttest.Start(t)
	name := server.CreateSecret("acme", "orders-db", map[string]string{"password": "p"})

	reader := server.Client(server.Account("acme", "etl", "secret-reader", "secrets/orders-db"))
	got, err := reader.Access(t.Context(), name)
	if err != nil || got.GetPayload().GetData()["password"] != "p" {
		t.Errorf("Access(%s) = %v, %v, want the password", name, got, err)
	}

	stranger := server.Client(server.Account("acme", "stranger", "", ""))
	if _, err := stranger.Access(t.Context(), name); !errors.Is(err, client.ErrDenied) {
		t.Errorf("Access(%s) without a role: %v, want ErrDenied", name, err)
	}
}
