package dataos_test

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// fixture is a server with the namespaces instance > acme (a tenant) > public (a workspace).
type fixture struct {
	*servertest.Server
	t *testing.T
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) {
		c.DataOS = naming.DataOS{Tenants: map[string]string{"ACME": "acme"}}
	}})
	f := &fixture{s, t}
	f.Namespace("acme")
	f.post("/v1/namespaces?namespaceId=public", `{"parent": "namespaces/acme"}`)
	return f
}

// post writes as the operator.
func (f *fixture) post(path, body string) {
	f.t.Helper()
	if r := f.REST(f.OperatorToken, "POST", path, body); r.Status != http.StatusOK {
		f.t.Fatalf("POST %s: %d %s", path, r.Status, r.Body)
	}
}

// secret stores one of a DataOS type and access mode; files and data are JSON.
func (f *fixture) secret(namespace, id, kind, mode, payload string, annotations ...string) {
	f.t.Helper()
	said := map[string]string{}
	if kind != "" {
		said[naming.DataOSType] = kind
	}
	for i := 0; i < len(annotations); i += 2 {
		said[annotations[i]] = annotations[i+1]
	}
	text, _ := json.Marshal(said)
	f.post("/v1/namespaces/"+namespace+"/secrets?secretId="+id, fmt.Sprintf(`{"accessMode": %q, "annotations": %s, "payload": %s}`, mode, text, payload))
}

// workload registers a manifest.
func (f *fixture) workload(namespace, id, manifest string, annotations ...string) {
	f.t.Helper()
	said := map[string]string{}
	for i := 0; i < len(annotations); i += 2 {
		said[annotations[i]] = annotations[i+1]
	}
	text, _ := json.Marshal(map[string]any{"annotations": said, "workload": map[string]string{"payload": manifest}})
	f.post("/v1/namespaces/"+namespace+"/projections?projectionId="+id, string(text))
}

// get sends headers, given in pairs.
func (f *fixture) get(path string, headers ...string) servertest.Response {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, f.URL()+path, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header[headers[i]] = append(req.Header[headers[i]], headers[i+1]) // as it is spelt
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	if got := resp.Header.Get("Cache-Control"); got != "no-store" {
		f.t.Errorf("GET %s: Cache-Control %q, want no-store", path, got)
	}
	return servertest.Response{Status: resp.StatusCode, Header: resp.Header, Body: body}
}

// want compares an answer, whatever the spaces that protojson leaves between its tokens.
func (f *fixture) want(token, path, want string) {
	f.t.Helper()
	r := f.get(path, "apikey", token)
	if got := compact(r.Body); r.Status != http.StatusOK || got != compact([]byte(want)) {
		f.t.Errorf("GET %s: %d\n%s, want\n%s", path, r.Status, got, want)
	}
}

var between = regexp.MustCompile(`([,:{\[]) +`)

func compact(text []byte) string { return between.ReplaceAllString(string(text), "$1") }

// refused checks the status and the reason of an error.
func (f *fixture) refused(token, path string, code int, reason string) string {
	f.t.Helper()
	r := f.get(path, "apikey", token)
	var told struct {
		Message string
		Details []struct{ Reason string }
	}
	if err := json.Unmarshal(r.Body, &told); err != nil || r.Status != code || len(told.Details) == 0 || told.Details[0].Reason != reason {
		f.t.Errorf("GET %s: %d %s, want %d %s", path, r.Status, r.Body, code, reason)
	}
	return told.Message
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestGetHeimdallSecret_shapes(t *testing.T) {
	f := newFixture(t)
	f.secret("instance", "ordersdb-r", naming.KeyValueProperties, "READ", `{"data": {"username": "reader", "password": "p=w ", "empty": ""}}`)
	f.secret("instance", "app", "key-value", "READ", `{"data": {"b": "2", "a": "1", "none": ""}, "binaryData": {"c": "AP8="}}`)
	f.secret("instance", "plain", "", "READ", `{"data": {"k": "v"}}`)
	f.secret("instance", "bq01-rw", naming.KeyValueProperties, "READ_WRITE",
		`{"data": {"projectid": "p1", "json_keyfile": "{\n}"}, "binaryData": {"cert": "AP8="}}`,
		naming.DataOSFiles, `{"json_keyfile": "sa.json", "cert": "a.crt", "gone": "x"}`)
	token := f.Account("namespaces/instance", "reader", "secret-reader", "")

	f.want(token, "/heimdall/api/v1/secrets/ordersdb_r", `{"id":"ordersdb_r","data":[{"key":"ordersdb-r","base64Value":"`+
		b64("empty=\npassword=p=w \nusername=reader\n")+`"}],"_links":{"self":"/heimdall/api/v1/secrets/ordersdb_r"}}`)
	f.want(token, "/heimdall/api/v1/secrets/app", `{"id":"app","data":[{"key":"a","base64Value":"MQ=="},{"key":"b","base64Value":"Mg=="},`+
		`{"key":"c","base64Value":"AP8="},{"key":"none","base64Value":""}],"_links":{"self":"/heimdall/api/v1/secrets/app"}}`)
	f.want(token, "/heimdall/api/v1/secrets/plain", `{"id":"plain","data":[{"key":"k","base64Value":"dg=="}],"_links":{"self":"/heimdall/api/v1/secrets/plain"}}`)
	f.want(token, "/heimdall/api/v1/secrets/bq01_rw", `{"id":"bq01_rw","data":[`+
		`{"key":"bq01-rw","base64Value":"`+b64("cert=bq01-rw_a.crt\njson_keyfile=bq01-rw_sa.json\nprojectid=p1\n")+`"},`+
		`{"key":"bq01-rw_a.crt","base64Value":"AP8="},{"key":"bq01-rw_sa.json","base64Value":"`+b64("{\n}")+`"}],`+
		`"_links":{"self":"/heimdall/api/v1/secrets/bq01_rw"}}`)
	f.want(token, "/ds/api/v2/secrets/app", `{"a":"1","b":"2","c":"AP8=","none":""}`)
	f.want(token, "/ds/api/v2/secrets/ordersdb_r", `{"empty":"","password":"p=w ","username":"reader"}`)

	// What lines cannot carry is refused, by the name of its key.
	f.secret("instance", "snow-r", naming.KeyValueProperties, "READ", `{"data": {"key": "secret-1\nsecret-2"}}`)
	f.secret("instance", "return", naming.KeyValueProperties, "READ", `{"data": {"key": "secret-1\rsecret-2"}}`)
	f.secret("instance", "bytes", naming.KeyValueProperties, "READ", `{"binaryData": {"key": "AP8="}}`)
	f.secret("instance", "syntax", naming.KeyValueProperties, "READ", `{"data": {"key": "secret-1"}}`, naming.DataOSFiles, `{"key": "a\nuser=root"}`)
	f.secret("instance", "twice", naming.KeyValueProperties, "READ", `{"data": {"a": "1", "key": "2"}}`, naming.DataOSFiles, `{"a": "f", "key": "f"}`)
	for _, id := range []string{"snow_r", "return", "bytes", "syntax", "twice"} {
		message := f.refused(token, "/heimdall/api/v1/secrets/"+id, http.StatusBadRequest, "NOT_REPRESENTABLE")
		if !strings.Contains(message, `"key"`) || strings.Contains(message, "secret-") {
			t.Errorf("%s: %q, want the key named and not the value", id, message)
		}
	}
	f.want(token, "/ds/api/v2/secrets/snow-r", `{"key":"secret-1\nsecret-2"}`)

	// A key pair is PEM.
	const pem = "-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n"
	f.secret("instance", "pair-r", naming.KeyValueProperties, "READ", fmt.Sprintf(`{"data": {"key": %q, "username": "u"}}`, pem))
	f.want(token, "/heimdall/api/v1/secrets/pair_r", `{"id":"pair_r","data":[{"key":"pair-r","base64Value":"`+
		b64("key="+pem+"\nusername=u\n")+`"}],"_links":{"self":"/heimdall/api/v1/secrets/pair_r"}}`)
}

func TestGetHeimdallSecret_names(t *testing.T) {
	f := newFixture(t)
	data := func(v string) string { return `{"data": {"k": "` + v + `"}}` }
	f.secret("instance", "github-np", "", "READ", data("instance r"))
	f.secret("instance", "lake", "", "READ_WRITE", data("instance rw"))
	f.secret("instance", "odd_name-x", "", "READ", data("odd"))
	f.secret("acme", "github-np", "", "READ", data("acme"))
	f.secret("acme", "only-here", "", "READ", data("only"))
	f.secret("public", "app", "", "READ", data("public"))
	f.secret("public", "app_r", "", "READ_WRITE", data("exact"))
	root := f.Account("namespaces/instance", "reader", "secret-reader", "")
	inside := f.Account("namespaces/public", "reader", "", "")
	for i, on := range []string{"public", "acme", "instance"} {
		f.Grant("namespaces/"+on, fmt.Sprint("inside-", i), "serviceAccount:namespaces/public/serviceAccounts/reader", "secret-reader", "")
	}
	value := func(v string) string { return `{"k":"` + v + `"}` }
	for _, c := range []struct{ token, id, want string }{
		{root, "github_np_r", "acme"}, // an account of the root begins in the default workspace, as those do that are in none
		{root, "github-np", "acme"},
		{root, "github_np", "acme"},
		{root, "only_here", "only"},
		{root, "lake_rw", "instance rw"},
		{root, "odd_name-x", "odd"},
		{root, "ACME:github-np", "acme"},
		{root, "acme:github_np_r", "acme"},
		{root, "ACME:only_here", "only"},
		{inside, "github_np_r", "acme"},
		{inside, "lake_rw", "instance rw"},
		{inside, "app_r", "exact"},
		{inside, "app", "public"},
	} {
		f.want(c.token, "/ds/api/v2/secrets/"+c.id, value(c.want))
	}
	for _, id := range []string{"github_np_rw", "lake_r", "not_here", "odd_name_x", "ACME:lake"} { // of another access list, or below
		f.refused(root, "/heimdall/api/v1/secrets/"+id, http.StatusNotFound, "RESOURCE_NOT_FOUND")
	}
	for _, id := range []string{"a%20b", "-x", "a:b:c", "No%20Tenant:app", "Up:app"} {
		f.refused(root, "/heimdall/api/v1/secrets/"+id, http.StatusBadRequest, "INVALID_FIELD")
	}
	// People have no namespace of their own: they begin in the workspace public.
	r := f.REST(f.OperatorToken, "POST", "/v1/users/ann/tokens?tokenId=t1", `{}`)
	var ann struct{ Secret string }
	if err := json.Unmarshal(r.Body, &ann); err != nil || ann.Secret == "" {
		t.Fatalf("a token for a person: %d", r.Status)
	}
	for _, on := range []string{"public", "acme", "instance"} {
		f.Grant("namespaces/"+on, "ann", "user:ann", "secret-reader", "")
	}
	f.want(ann.Secret, "/ds/api/v2/secrets/app", value("public"))
	f.want(ann.Secret, "/ds/api/v2/secrets/github_np_r", value("acme"))
}

// What is denied is to the caller as if it did not exist: the search goes on, and where it ends nothing tells.
func TestGetHeimdallSecret_denied(t *testing.T) {
	f := newFixture(t)
	data := `{"data": {"k": "v"}}`
	f.secret("acme", "db-r", "", "READ", data)
	f.secret("instance", "db-r", "", "READ", `{"data": {"k": "above"}}`)
	f.secret("acme", "mine", "", "READ", data)
	nobody := f.Account("namespaces/acme", "nobody", "", "")
	above := f.Account("namespaces/acme", "above", "", "")
	f.Grant("namespaces/instance", "above", "serviceAccount:namespaces/acme/serviceAccounts/above", "secret-reader", "namespaces/instance/secrets/db-r")
	f.want(above, "/ds/api/v2/secrets/db_r", `{"k":"above"}`)
	for _, path := range []string{"/heimdall/api/v1/secrets/", "/ds/api/v2/secrets/"} {
		there := f.refused(nobody, path+"db-r", http.StatusForbidden, "ACCESS_DENIED")
		absent := f.refused(nobody, path+"dc-r", http.StatusForbidden, "ACCESS_DENIED")
		if strings.ReplaceAll(there, "db-r", "dc-r") != absent {
			t.Errorf("%s: %q for what exists, %q for what does not", path, there, absent)
		}
	}
	f.refused(nobody, "/heimdall/api/v1/secrets/a%20b", http.StatusForbidden, "ACCESS_DENIED")

	// Each decision is on the record, and few are made.
	r := f.get("/heimdall/api/v1/secrets/db_r", "apikey", above)
	var decisions []string
	for _, e := range f.AuditOutcome(r.Header.Get("X-Request-Id")) {
		if e.Kind == "DECISION" {
			decisions = append(decisions, e.Decision+" "+e.Resource+" "+e.Detail)
		}
	}
	want := "DENY namespaces/acme/secrets/db-r version 1, ALLOW namespaces/instance/secrets/db-r version 1"
	if got := strings.Join(decisions, ", "); got != want {
		t.Errorf("recorded %s, want %s", got, want)
	}

	// State counts as in the core API.
	f.post("/v1/namespaces/acme/secrets/mine:addVersion", `{"payload": {"data": {"k": "w"}}}`)
	f.REST(f.OperatorToken, "PATCH", "/v1/namespaces/acme/secrets/mine", `{"expireTime": "2001-01-01T00:00:00Z"}`)
	reader := f.Account("namespaces/acme", "reader", "secret-reader", "")
	f.refused(reader, "/heimdall/api/v1/secrets/mine", http.StatusBadRequest, "SECRET_EXPIRED")
	f.post("/v1/namespaces/acme/secrets?secretId=hollow", `{}`)
	f.refused(reader, "/heimdall/api/v1/secrets/hollow", http.StatusBadRequest, "PAYLOAD_MISSING")
}

func TestAPIKey(t *testing.T) {
	f := newFixture(t)
	f.secret("instance", "db", "", "READ", `{"data": {"k": "v"}}`)
	const path = "/heimdall/api/v1/secrets/db"
	token := f.OperatorToken
	for _, c := range []struct {
		what    string
		headers []string
		path    string
		want    int
	}{
		{"apikey", []string{"apikey", token}, path, 200},
		{"Apikey", []string{"Apikey", token}, path, 200},
		{"APIKEY", []string{"APIKEY", token}, path, 200},
		{"a bearer token", []string{"Authorization", "Bearer " + token}, path, 200},
		{"other headers beside it", []string{"apikey", token, "dataos-correlation-id", "5"}, path, 200},
		{"nothing", nil, path, 401},
		{"none of ours", []string{"apikey", "x"}, path, 401},
		{"an empty one", []string{"apikey", ""}, path, 401},
		{"with a scheme", []string{"apikey", "Bearer " + token}, path, 401},
		{"both", []string{"apikey", token, "Authorization", "Bearer " + token}, path, 401},
		{"a bad one beside a good one", []string{"apikey", "x", "Authorization", "Bearer " + token}, path, 401},
		{"an empty one beside a good one", []string{"apikey", "", "Authorization", "Bearer " + token}, path, 401},
		{"twice", []string{"apikey", token, "apikey", token}, path, 401},
		{"twice, spelt differently", []string{"apikey", token, "APIKEY", token}, path, 401},
		{"the core API", []string{"apikey", token}, "/v1/whoami", 401},
		{"IOMETE", []string{"apikey", token}, "/api/v2/domains/x/secrets", 401},
		{"Instill", []string{"apikey", token}, "/v1beta/namespaces/x/secrets", 401},
		{"the core API, beside a good one", []string{"apikey", "x", "Authorization", "Bearer " + token}, "/v1/whoami", 200},
		{"no such route", []string{"apikey", token}, "/heimdall/api/v1/nothing", 404},
	} {
		if r := f.get(c.path, c.headers...); r.Status != c.want {
			t.Errorf("%s: %d %s, want %d", c.what, r.Status, r.Body, c.want)
		}
	}
}

func TestOverGRPC(t *testing.T) {
	f := newFixture(t)
	f.secret("instance", "db-r", naming.KeyValueProperties, "READ", `{"data": {"k": "v"}}`)
	client := dataosv1.NewDataOSServiceClient(f.Conn(f.OperatorToken))
	got, err := client.GetHeimdallSecret(t.Context(), &dataosv1.GetHeimdallSecretRequest{Id: "db_r"})
	if err != nil || len(got.GetData()) != 1 || got.GetData()[0].GetBase64Value() != b64("k=v\n") {
		t.Errorf("GetHeimdallSecret = %v, %v", got, err)
	}
	_, err = client.GetHeimdallSecret(t.Context(), &dataosv1.GetHeimdallSecretRequest{Id: "namespaces/instance/secrets/db-r"})
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("a full name: %v, want InvalidArgument", err)
	}
	for _, name := range []string{"", "db/../db", "db-r/versions/1"} {
		if _, err := client.GetWorkspaceSecret(t.Context(), &dataosv1.GetWorkspaceSecretRequest{Workspace: "instance", Name: name}); status.Code(err) != codes.InvalidArgument {
			t.Errorf("the secret %q: %v, want InvalidArgument", name, err)
		}
	}
	if _, err := client.GetInstanceResource(t.Context(), &dataosv1.GetInstanceResourceRequest{}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a resource without a name: %v, want InvalidArgument", err)
	}
}

// An ID of Heimdall means the same secret to a reader of Heimdall and in a manifest.
func TestHeimdallID(t *testing.T) {
	f := newFixture(t)
	for id, mode := range map[string]string{
		"github-np": "READ", "github-np-r": "READ_WRITE", "lake": "READ_WRITE", "under_score": "READ", "both-ways": "READ", "both_ways_r": "READ_WRITE", "unsaid": "",
	} {
		f.secret("acme", id, "", cmp.Or(mode, "ACCESS_MODE_UNSPECIFIED"), `{"data": {"k": "`+id+`"}}`)
	}
	reader := f.Account("namespaces/acme", "reader", "secret-reader", "")
	for id, want := range map[string]string{
		"github_np_r": "github-np-r", "github-np": "github-np", "github_np": "github-np", "github_np_rw": "", "github_np_r_rw": "github-np-r",
		"lake_rw": "lake", "lake_r": "", "lake": "lake", "under_score_r": "under_score", "under_score_rw": "", "under-score": "",
		"both_ways_r": "both_ways_r", "both_ways": "both-ways", "unsaid": "unsaid", "unsaid_r": "", "absent_r": "",
	} {
		for _, id := range []string{id, "ACME:" + id} {
			var read, run struct {
				K   string
				Env map[string]string
			}
			if r := f.get("/ds/api/v2/secrets/"+id, "apikey", reader); r.Status == http.StatusOK {
				_ = json.Unmarshal(r.Body, &read)
			}
			manifest, _ := json.Marshal("name: a\nversion: v1\ntype: lens\nlens: {repo: {secretId: '" + id + "'}}\n")
			if r := f.REST(reader, "POST", "/v1/namespaces/acme:resolveWorkload", fmt.Sprintf(`{"payload": %s}`, manifest)); r.Status == http.StatusOK {
				_ = json.Unmarshal(r.Body, &run)
			}
			if read.K != want || run.Env["k"] != want {
				t.Errorf("%s is %q to a reader of Heimdall and %q in a manifest, want %q", id, read.K, run.Env["k"], want)
			}
		}
	}
}
