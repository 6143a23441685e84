package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// What the configuration says of DataOS and of the second form of references is what payloads are resolved by.
func TestConfig_references(t *testing.T) {
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) {
		c.DataOS.Workspaces = map[string]string{"public": "shared"}
		c.Features.SecretsV2.Enabled = false
	}})
	s.Namespace("shared")
	token := s.OperatorToken
	if r := s.REST(token, http.MethodPost, "/v1/namespaces/shared/secrets?secretId=s", `{"payload": {"data": {"KEY": "value"}}}`); r.Status != http.StatusOK {
		t.Fatalf("creating a secret: %d %s", r.Status, r.Body)
	}
	resolve := func(payload string) string {
		r := s.REST(token, http.MethodPost, "/v1/namespaces/instance:resolveWorkload", `{"payload": "`+strings.ReplaceAll(payload, `"`, `\"`)+`"}`)
		return string(r.Body)
	}
	if got := resolve(`{"dataosSecrets": [{"name": "s", "workspace": "public"}]}`); !strings.Contains(got, `"KEY":`) {
		t.Errorf("a secret of a workspace: %s", got)
	}
	if got := resolve(`{"storageSecret": {"key": "s", "source": {"type": "KUBERNETES", "id": "shared"}}}`); !strings.Contains(got, "features.secretsV2.enabled is false") {
		t.Errorf("a reference of the second form: %s", got)
	}
}
