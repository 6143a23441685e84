package iomete_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	iometev1 "github.com/coffer-dev/coffer/gen/go/coffer/iomete/v1"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/servertest"
)

var aTime = regexp.MustCompile(`"20\d\d-\d\d-\d\dT[0-9:.]+Z"`)

// plain is JSON without spaces, and without what differs from run to run.
func plain(t *testing.T, body []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, body); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return aTime.ReplaceAllString(b.String(), "TIME")
}

// domain creates the namespace of a domain and returns its full name.
func domain(t *testing.T, s *servertest.Server, name string) string {
	t.Helper()
	id, err := naming.Domain(name)
	if err != nil {
		t.Fatal(err)
	}
	return s.Namespace(id)
}

// told is how a secret is answered.
func told(key, description, source, by string) string {
	return `{"key":"` + key + `","description":"` + description + `","source":{"type":"KUBERNETES","id":"` + source + `"},"lastModified":TIME,"lastModifiedBy":"` + by + `"}`
}

const (
	operator  = "serviceAccount:namespaces/instance/serviceAccounts/bootstrap"
	developer = "serviceAccount:namespaces/sales/serviceAccounts/dev"
)

// refused is how the text begins of a request that is refused.
func refused(field string) string { return `{"code":3,"message":"invalid request: ` + field }

func TestSecrets(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	sales := domain(t, s, "sales")
	dev := s.Account(sales, "dev", "developer", "")
	viewer := s.Account(sales, "viewer", "viewer", "")
	nobody := s.Account(sales, "nobody", "", "")
	s.REST(s.OperatorToken, "POST", "/v1/namespaces/instance/secrets?secretId=shared", `{"payload": {"data": {"value": "hunter2-shared"}}}`)
	s.REST(s.OperatorToken, "POST", "/v1/namespaces/sales/secrets?secretId=orders-db", `{"payload": {"data": {"username": "u", "password": "hunter2-p"}}}`)

	const list = "GET /api/v2/domains/sales/secrets"
	const create = "POST /api/v2/domains/sales/secrets"
	const one = " /api/v2/domains/sales/secrets/db_password"
	long := strings.Repeat("x", 512<<10)
	for _, e := range []struct {
		token, request, body string
		status               int
		want                 string // beginning
	}{
		{dev, create, `{"key": "db_password", "value": "hunter2", "description": "orders"}`, 200, told("db_password", "orders", "sales", developer)},
		{dev, create, `{"key": "db_password", "value": "hunter2"}`, 409, `{"code":6`},
		{dev, create, `{"key": "dots.and-dashes", "value": "hunter2", "source": {"type": "KUBERNETES", "id": "sales"}}`, 200, told("dots.and-dashes", "", "sales", developer)},
		{dev, create, `{"key": "k"}`, 400, refused("secret.value: is required")},
		{dev, create, `{"value": "hunter2"}`, 400, refused("secret.key: ")},
		{dev, create, `{"key": "no/key", "value": "hunter2"}`, 400, refused("secret.key: ")},
		{dev, create, `{"key": "k", "value": "` + long + `"}`, 400, refused("secret.value: ")},
		{dev, create, `{"key": "k", "value": "hunter2", "source": {"type": "VAULT", "id": "v"}}`, 400, refused("secret.source: a Vault is read only")},
		{dev, create, `{"key": "k", "value": "hunter2", "source": {"type": "KUBERNETES", "id": "instance"}}`, 400, refused("secret.source: global secrets are read only")},
		{dev, create, `{"key": "k", "value": "hunter2", "source": {"type": "KUBERNETES", "id": "other"}}`, 400, refused("secret.source: is not the domain of the path")},
		{dev, create, `{"key": "k", "value": "hunter2", "wrong": 1}`, 400, refused("secret.wrong: ")},
		{viewer, create, `{"key": "k", "value": "hunter2"}`, 403, `{"code":7`},
		{"", create, `{"key": "k", "value": "hunter2"}`, 401, `{"code":16`},

		{viewer, list, "", 200, `{"secrets":[` + told("db_password", "orders", "sales", developer) + "," + told("dots.and-dashes", "", "sales", developer) + "," + told("orders-db", "", "sales", operator) + `],"nextPageToken":""}`},
		{viewer, list + "?scope=DOMAIN&pageSize=1", "", 200, `{"secrets":[` + told("db_password", "orders", "sales", developer) + `],"nextPageToken":`},
		{viewer, list + "?scope=GLOBAL", "", 200, `{"secrets":[],"nextPageToken":""}`}, // not granted
		{s.OperatorToken, list + "?scope=GLOBAL", "", 200, `{"secrets":[` + told("shared", "", "instance", operator) + `],"nextPageToken":""}`},
		{viewer, list + "?scope=ALL", "", 400, `{"code":3`},
		{viewer, list + "?domain=other", "", 400, refused("domain: there is no such parameter")},
		{nobody, list, "", 403, `{"code":7`},
		{dev, "GET" + one, "", 405, `{"code":12`}, // there is no reading one

		{dev, "PUT" + one, `{"value": "hunter3"}`, 200, told("db_password", "orders", "sales", developer)},
		{dev, "PUT" + one, `{"key": "db_password", "description": "of orders"}`, 200, told("db_password", "of orders", "sales", developer)},
		{dev, "PUT" + one, `{"value": "hunter4", "description": "both"}`, 200, told("db_password", "both", "sales", developer)},
		{dev, "PUT" + one, `{"key": "other", "value": "hunter5"}`, 400, refused("secret.key: is not the key of the path")},
		{dev, "PUT" + one, `{}`, 400, refused("secret: has neither a value nor a description")},
		{dev, "PUT" + one, `{"value": "hunter5", "source": {"type": "VAULT"}}`, 400, refused("secret.source: a Vault is read only")},
		{dev, "PUT /api/v2/domains/sales/secrets/orders-db", `{"value": "hunter5", "description": "d"}`, 400, `{"code":9,"message":"the state of the resource does not allow this: the secret holds more than the one value`},
		{dev, "PUT /api/v2/domains/sales/secrets/orders-db", `{"description": "many"}`, 200, told("orders-db", "many", "sales", developer)},
		{dev, "PUT /api/v2/domains/sales/secrets/absent", `{"value": "hunter5"}`, 404, `{"code":5`},
		{viewer, "PUT" + one, `{"value": "hunter5"}`, 403, `{"code":7`},

		{viewer, "DELETE" + one, "", 403, `{"code":7`},
		{dev, "DELETE /api/v2/domains/sales/secrets/dots.and-dashes", "", 200, `{}`},
		{dev, "DELETE /api/v2/domains/sales/secrets/dots.and-dashes", "", 404, `{"code":5`},
		{dev, "DELETE" + one + "?force=true", "", 200, `{}`},
		{dev, create, `{"key": "db_password", "value": "hunter2"}`, 200, told("db_password", "", "sales", developer)},
	} {
		method, path, _ := strings.Cut(e.request, " ")
		got := s.REST(e.token, method, path, e.body)
		if text := plain(t, got.Body); got.Status != e.status || !strings.HasPrefix(text, e.want) || strings.Contains(text, "hunter") {
			t.Errorf("%s %.200s\n got %d %s\nwant %d %s", e.request, e.body, got.Status, text, e.status, e.want)
		}
	}
	// What was refused left nothing behind.
	got := s.REST(s.OperatorToken, "GET", "/v1/namespaces/sales/secrets/orders-db/versions/active:access", "")
	if text := plain(t, got.Body); !strings.Contains(text, `"data":{"password":"hunter2-p","username":"u"}`) {
		t.Errorf("orders-db holds %s", text)
	}
}

// A value and a description are one update: with one version more, and neither where one may not be.
func TestUpdateSecret_together(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	domain(t, s, "sales")
	const path = "/api/v2/domains/sales/secrets"
	s.REST(s.OperatorToken, "POST", path, `{"key": "k", "value": "v1", "description": "first"}`)
	if r := s.REST(s.OperatorToken, "PUT", path+"/k", `{"value": "v2", "description": "`+strings.Repeat("d", 2000)+`"}`); r.Status != 400 {
		t.Errorf("a description that is too long: %d %s", r.Status, r.Body)
	}
	s.REST(s.OperatorToken, "PUT", path+"/k", `{"description": "second"}`)
	s.REST(s.OperatorToken, "PUT", path+"/k", `{"value": "v2"}`)
	got := plain(t, s.REST(s.OperatorToken, "GET", "/v1/namespaces/sales/secrets/k/versions/active:access", "").Body)
	if !strings.Contains(got, `"name":"namespaces/sales/secrets/k/versions/2"`) || !strings.Contains(got, `"value":"v2"`) {
		t.Errorf("the active version is %s, want 2 with v2", got)
	}
	if got := plain(t, s.REST(s.OperatorToken, "GET", path, "").Body); !strings.Contains(got, `"description":"second"`) {
		t.Errorf("the description is lost: %s", got)
	}
}

// The instance is no domain: nobody changes global secrets here, whatever its rights, and who has none is not told more.
func TestInstanceIsNoDomain(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	nobody := s.Account("namespaces/instance", "nobody", "", "")
	s.REST(s.OperatorToken, "POST", "/v1/namespaces/instance/secrets?secretId=shared", `{"payload": {"data": {"value": "v"}}}`)
	for _, e := range [][2]string{
		{"POST /api/v2/domains/instance/secrets", `{"key": "k", "value": "v"}`},
		{"PUT /api/v2/domains/instance/secrets/shared", `{"value": "v"}`},
		{"PUT /api/v2/domains/instance/secrets/shared", `{"description": "v"}`},
		{"DELETE /api/v2/domains/instance/secrets/shared", ""},
		{"DELETE /api/v2/domains/instance/secrets/shared?force=true", ""},
		{"POST /api/v2/domains/instance/compute:resolve", `{"envVars": {"A": "${secrets.shared}"}}`},
		{"POST /api/v2/domains/instance/compute", `{"name": "c", "envVars": {"A": "${secrets.shared}"}}`},
	} {
		method, path, _ := strings.Cut(e[0], " ")
		if r := s.REST(s.OperatorToken, method, path, e[1]); r.Status != 400 || !strings.Contains(string(r.Body), "instance is not a domain: global secrets are read only here") {
			t.Errorf("%s by the operator: %d %s", e[0], r.Status, r.Body)
		}
		if r := s.REST(nobody, method, path, e[1]); r.Status != 403 {
			t.Errorf("%s without grants: %d %s, want a denial", e[0], r.Status, r.Body)
		}
	}
	if r := s.REST(s.OperatorToken, "GET", "/v1/namespaces/instance/secrets", ""); strings.Count(string(r.Body), `"uid"`) != 1 {
		t.Errorf("the global secrets are %s", r.Body)
	}
	if r := s.REST(s.OperatorToken, "GET", "/v1/namespaces/instance/projections", ""); plain(t, r.Body) != "{}" {
		t.Errorf("projections of the instance: %s", r.Body)
	}
}

// Whatever a domain is called, its name in a path leads to its namespace, and comes back as its source.
func TestDomainNames(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	for _, name := range []string{
		"secret-domain", "Sales", "sales.eu", "data lake", "größe", "UPPER", "a__b", "_x", "日本", "50%", "a+b", "a:b", "q?x=1", "#1", "a;b", "instance2", "..", "Ünï.Cö dé",
	} {
		namespace := domain(t, s, name)
		path := "/api/v2/domains/" + url.PathEscape(name) + "/secrets"
		if r := s.REST(s.OperatorToken, "POST", path, `{"key": "k", "value": "v of it"}`); r.Status != 200 {
			t.Errorf("%s: %d %s", path, r.Status, r.Body)
		}
		var page struct {
			Secrets []struct{ Source struct{ ID string } }
		}
		if err := json.Unmarshal(s.REST(s.OperatorToken, "GET", path, "").Body, &page); err != nil || len(page.Secrets) != 1 || page.Secrets[0].Source.ID != name {
			t.Errorf("%q is listed as %+v, %v", name, page, err)
		}
		if r := s.REST(s.OperatorToken, "GET", "/v1/"+namespace+"/secrets/k", ""); r.Status != 200 {
			t.Errorf("%q: there is nothing in %s: %s", name, namespace, r.Body)
		}
		object, _ := json.Marshal(map[string]any{"name": "c", "envSecrets": []any{map[string]any{
			"key": "A", "secretObject": map[string]any{"key": "k", "source": map[string]string{"type": "KUBERNETES", "id": name}},
		}}})
		compute := strings.TrimSuffix(path, "secrets") + "compute"
		if r := s.REST(s.OperatorToken, "POST", compute+":resolve", string(object)); r.Status != 200 || !strings.Contains(plain(t, r.Body), `"env":{"A":"v of it"}`) {
			t.Errorf("%s:resolve: %d %s", compute, r.Status, r.Body)
		}
		var registered struct {
			References []struct{ Source struct{ ID string } }
		}
		r := s.REST(s.OperatorToken, "POST", compute, string(object))
		if err := json.Unmarshal(r.Body, &registered); err != nil || len(registered.References) != 1 || registered.References[0].Source.ID != name {
			t.Errorf("%s: %d %s", compute, r.Status, r.Body)
		}
		if r := s.REST(s.OperatorToken, "DELETE", path+"/k?force=true", ""); r.Status != 200 {
			t.Errorf("deleting in %q: %d %s", name, r.Status, r.Body)
		}
	}
	for _, path := range []string{"a%2Fb", "a%2fb"} {
		if r := s.REST(s.OperatorToken, "GET", "/api/v2/domains/"+path+"/secrets", ""); r.Status != 404 {
			t.Errorf("a slash in %s: %d %s, want 404", path, r.Status, r.Body)
		}
	}
	for _, name := range []string{"%00", "%01x", strings.Repeat("x", 64), strings.Repeat("X", 40), "%ff"} {
		r := s.REST(s.OperatorToken, "POST", "/api/v2/domains/"+name+"/secrets", `{"key": "k", "value": "v"}`)
		if r.Status != 400 || !strings.HasPrefix(plain(t, r.Body), refused("domain: is no name of a domain")) {
			t.Errorf("a domain %s: %d %s", name, r.Status, r.Body)
		}
	}
}

// Over gRPC a domain may have a slash in its name, and requests may lack what a path has to have.
func TestGRPC(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	domain(t, s, "a/b")
	ctx, client := t.Context(), iometev1.NewIometeServiceClient(s.Conn(s.OperatorToken))
	made, err := client.CreateSecret(ctx, &iometev1.CreateSecretRequest{Domain: "a/b", Secret: &iometev1.Secret{Key: "k", Value: new("v")}})
	if err != nil || made.GetSource().GetId() != "a/b" || made.GetValue() != "" || made.GetLastModified() == nil {
		t.Errorf("CreateSecret: %v, %v", made, err)
	}
	changed, err := client.UpdateSecret(ctx, &iometev1.UpdateSecretRequest{Domain: "a/b", Key: "k", Secret: &iometev1.Secret{Value: new("w")}})
	if err != nil || changed.GetValue() != "" {
		t.Errorf("UpdateSecret: %v, %v", changed, err)
	}
	page, err := client.ListSecrets(ctx, &iometev1.ListSecretsRequest{Domain: "a/b"})
	if err != nil || len(page.GetSecrets()) != 1 || page.GetSecrets()[0].GetValue() != "" {
		t.Errorf("ListSecrets: %v, %v", page, err)
	}
	resolved, err := client.ResolveWorkload(ctx, &iometev1.WorkloadRequest{Domain: "a/b", Payload: `{"envVars": {"A": "${secrets.k}"}}`})
	if err != nil || !cmp.Equal(resolved.GetEnv(), map[string]string{"A": "w"}) {
		t.Errorf("ResolveWorkload: %v, %v", resolved, err)
	}
	calls := map[string]func() error{
		"no domain": func() error {
			_, err := client.ListSecrets(ctx, &iometev1.ListSecretsRequest{})
			return err
		},
		"no secret": func() error {
			_, err := client.CreateSecret(ctx, &iometev1.CreateSecretRequest{Domain: "a/b"})
			return err
		},
		"no key": func() error {
			_, err := client.UpdateSecret(ctx, &iometev1.UpdateSecretRequest{Domain: "a/b", Secret: &iometev1.Secret{Value: new("v")}})
			return err
		},
		"no key to delete": func() error {
			_, err := client.DeleteSecret(ctx, &iometev1.DeleteSecretRequest{Domain: "a/b"})
			return err
		},
		"no payload": func() error {
			_, err := client.ResolveWorkload(ctx, &iometev1.WorkloadRequest{Domain: "a/b"})
			return err
		},
		"nothing to register": func() error {
			_, err := client.RegisterCompute(ctx, &iometev1.WorkloadRequest{Domain: "a/b"})
			return err
		},
		"a scope that is none": func() error {
			_, err := client.ListSecrets(ctx, &iometev1.ListSecretsRequest{Domain: "a/b", Scope: 7})
			return err
		},
	}
	for name, call := range calls {
		if err := call(); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v, want InvalidArgument", name, err)
		}
	}
	if _, err := client.DeleteSecret(ctx, &iometev1.DeleteSecretRequest{Domain: "a/b", Key: "k"}); err != nil {
		t.Errorf("DeleteSecret: %v", err)
	}
}
