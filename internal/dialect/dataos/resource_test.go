package dataos_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/naming"
)

// pairs is how pyflare takes the properties of a secret apart.
var pairs = regexp.MustCompile(`(\w+)=(.*?)\n[ \t]*`)

// What goes in comes out through the reader of properties.
func TestProperties_roundTrip(t *testing.T) {
	f := newFixture(t)
	f.secret("instance", "db-r", naming.KeyValueProperties, "READ", `{"data": {"k": "v"}}`)
	secrets := cofferv1.NewSecretServiceClient(f.Conn(f.OperatorToken))
	client := dataosv1.NewDataOSServiceClient(f.Conn(f.OperatorToken))
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.MapOfN(rapid.StringMatching(`\w{1,20}`), rapid.StringMatching(`[^\r\n]*`), 1, 10).Draw(t, "data")
		_, err := secrets.AddSecretVersion(f.t.Context(), &cofferv1.AddSecretVersionRequest{
			Parent: "namespaces/instance/secrets/db-r", Payload: &cofferv1.Payload{Data: data},
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.GetHeimdallSecret(f.t.Context(), &dataosv1.GetHeimdallSecretRequest{Id: "db_r"})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := base64.StdEncoding.DecodeString(got.GetData()[0].GetBase64Value())
		read := map[string]string{}
		for _, m := range pairs.FindAllStringSubmatch(string(lines), -1) {
			read[m[1]] = m[2]
		}
		if fmt.Sprint(read) != fmt.Sprint(data) || err != nil {
			t.Fatalf("%q was read as %q, %v", data, read, err)
		}
	})
}

const v2Depot = `name: lake
version: v2alpha
type: depot
spec:
  type: snowflake
  secrets:
    - {id: "ACME:lake-s", purpose: scan}
    - {id: "ACME:lake-q", purpose: query}
    - {id: "ACME:lake-w", purpose: rw}
`

func TestListDepotSecrets(t *testing.T) {
	f := newFixture(t)
	for _, id := range []string{"lake-s", "lake-q", "lake-w"} {
		f.secret("acme", id, "", "ACCESS_MODE_UNSPECIFIED", `{"data": {"is": "`+id+`"}}`)
	}
	f.secret("instance", "orders-reader", "", "READ", `{"data": {"is": "reader"}}`)
	f.secret("instance", "orders-writer", "", "READ_WRITE", `{"data": {"is": "writer"}}`)
	f.secret("instance", "orders-r", "", "READ", `{"data": {"is": "not of the depot"}}`)
	f.secret("instance", "plain-rw", "", "READ_WRITE", `{"data": {"is": "rw"}}`)
	f.secret("instance", "plain", "", "READ", `{"data": {"is": "r"}}`)
	f.workload("acme", "depot.lake", v2Depot)
	f.workload("instance", "depot.orders", `{"name": "orders", "version": "v1", "type": "depot", "depot": {"type": "postgres", "secrets": [{"name": "orders-writer", "allkeys": true}, {"name": "orders-reader", "allkeys": true}]}}`)
	f.workload("instance", "depot.readonly", `{"name": "readonly", "version": "v1", "type": "depot", "depot": {"secrets": [{"name": "orders-reader", "allkeys": true}]}}`)
	token := f.Account("namespaces/acme", "reader", "secret-reader", "")
	f.Grant("namespaces/instance", "reader", "serviceAccount:namespaces/acme/serviceAccounts/reader", "secret-reader", "")
	for _, c := range []struct{ query, id, is string }{
		{"orders/secrets", "orders_reader_r", "reader"},
		{"orders/secrets?acl=r", "orders_reader_r", "reader"},
		{"orders/secrets?acl=rw", "orders_writer_rw", "writer"},
		{"orders/secrets?acl=scan", "orders_reader_r", "reader"},
		{"lake/secrets", "ACME:lake_s", "lake-s"},
		{"lake/secrets?acl=scan", "ACME:lake_s", "lake-s"},
		{"lake/secrets?acl=query", "ACME:lake_q", "lake-q"},
		{"lake/secrets?acl=rw", "ACME:lake_w", "lake-w"},
		{"plain/secrets?acl=rw", "plain_rw", "rw"},
		{"plain/secrets?acl=r", "plain_r", "r"},
	} {
		f.want(token, "/ds/api/v2/depots/"+c.query, fmt.Sprintf(`{"id":%q,"data":[{"key":"is","base64Value":%q}],"_links":{"self":"/heimdall/api/v1/secrets/%s"}}`, c.id, b64(c.is), c.id))
		f.want(token, "/ds/api/v2/secrets/"+c.id, `{"is":"`+c.is+`"}`) // by its ID as by its depot
	}
	for _, path := range []string{"readonly/secrets?acl=rw", "nothing/secrets"} {
		f.refused(token, "/ds/api/v2/depots/"+path, http.StatusNotFound, "RESOURCE_NOT_FOUND")
	}
	for _, path := range []string{"orders/secrets?acl=w", "or%20ders/secrets"} {
		f.refused(token, "/ds/api/v2/depots/"+path, http.StatusBadRequest, "INVALID_FIELD")
	}

	// Whoever may not access the secret is not told that there is a depot.
	nobody := f.Account("namespaces/acme", "nobody", "", "")
	there := f.refused(nobody, "/ds/api/v2/depots/orders/secrets", http.StatusForbidden, "ACCESS_DENIED")
	absent := f.refused(nobody, "/ds/api/v2/depots/0rders/secrets", http.StatusForbidden, "ACCESS_DENIED")
	if strings.ReplaceAll(there, "orders", "0rders") != absent {
		t.Errorf("%q where there is a depot, %q where there is none", there, absent)
	}
	f.refused(nobody, "/ds/api/v2/depots/orders/secrets?acl=w", http.StatusForbidden, "ACCESS_DENIED")

	// A depot is bound to its secrets: what comes later under a name is not of it.
	f.remove("/v1/namespaces/instance/secrets/orders-reader?force=true")
	f.secret("instance", "orders-reader", "", "READ", `{"data": {"is": "another"}}`)
	f.refused(token, "/ds/api/v2/depots/orders/secrets", http.StatusNotFound, "RESOURCE_NOT_FOUND")
}

// remove deletes as the operator.
func (f *fixture) remove(path string) {
	f.t.Helper()
	if r := f.REST(f.OperatorToken, "DELETE", path, ""); r.Status != http.StatusOK {
		f.t.Fatalf("DELETE %s: %d %s", path, r.Status, r.Body)
	}
}

func TestResolveAddress(t *testing.T) {
	f := newFixture(t)
	for _, id := range []string{"lake-s", "lake-q", "lake-w"} {
		f.secret("acme", id, "", "ACCESS_MODE_UNSPECIFIED", `{"data": {"k": "v"}}`)
	}
	f.secret("instance", "orders-r", "", "READ", `{"data": {"k": "v"}}`)
	f.workload("acme", "depot.lake", v2Depot)
	f.workload("instance", "depot.orders", `{"depot": {"type": "postgres", "secrets": [{"name": "orders-r", "allKeys": true}]}}`)
	viewer := f.Account("namespaces/acme", "viewer", "viewer", "")
	f.want(viewer, "/ds/api/v2/resolve?address=dataos://lake:sales/orders?purpose=rw", `{"address":"dataos://lake:sales/orders?purpose=rw",`+
		`"depot":"lake","collection":"sales","dataset":"orders","acl":"rw","type":"snowflake","secrets":[`+
		`{"name":"lake-s","id":"ACME:lake_s","acl":"r","purpose":"scan"},{"name":"lake-q","id":"ACME:lake_q","acl":"r","purpose":"query"},`+
		`{"name":"lake-w","id":"ACME:lake_w","acl":"rw","purpose":"rw"}]}`)
	f.want(f.OperatorToken, "/ds/api/v2/resolve?address=dataos%3A%2F%2Forders",
		`{"address":"dataos://orders","depot":"orders","acl":"r","type":"postgres","secrets":[{"name":"orders-r","id":"orders_r","acl":"r"}]}`)

	// Secrets that the caller may not see are left out, and depots that it may not see are not there.
	one := f.Account("namespaces/acme", "one", "viewer", "namespaces/acme/projections/depot.lake")
	f.Grant("namespaces/acme", "one", "serviceAccount:namespaces/acme/serviceAccounts/one", "viewer", "namespaces/acme/secrets/lake-q")
	f.want(one, "/ds/api/v2/resolve?address=dataos://lake",
		`{"address":"dataos://lake","depot":"lake","acl":"r","type":"snowflake","secrets":[{"name":"lake-q","id":"ACME:lake_q","acl":"r","purpose":"query"}]}`)
	there := f.refused(viewer, "/ds/api/v2/resolve?address=dataos://orders", http.StatusForbidden, "ACCESS_DENIED")
	absent := f.refused(viewer, "/ds/api/v2/resolve?address=dataos://0rders", http.StatusForbidden, "ACCESS_DENIED")
	if strings.ReplaceAll(there, "orders", "0rders") != absent {
		t.Errorf("%q for what exists, %q for what does not", there, absent)
	}
	f.refused(f.OperatorToken, "/ds/api/v2/resolve?address=dataos://absent", http.StatusNotFound, "RESOURCE_NOT_FOUND")
	f.refused(f.OperatorToken, "/ds/api/v2/resolve?address=orders", http.StatusBadRequest, "INVALID_FIELD")
	f.refused(viewer, "/ds/api/v2/resolve?address=orders", http.StatusForbidden, "ACCESS_DENIED")
}

// resource reads one, and checks its times and leaves them out.
func (f *fixture) resource(token, path string) string {
	f.t.Helper()
	r := f.get(path, "apikey", token)
	var got map[string]any
	if err := json.Unmarshal(r.Body, &got); err != nil || r.Status != http.StatusOK {
		f.t.Errorf("GET %s: %d %s", path, r.Status, r.Body)
	}
	for _, name := range []string{"createdAt", "updatedAt"} {
		text, _ := got[name].(string)
		if at, err := time.Parse(time.RFC3339, text); err != nil || time.Since(at) > time.Hour {
			f.t.Errorf("GET %s: %s %q", path, name, text)
		}
		delete(got, name)
	}
	text, _ := json.Marshal(got)
	return string(text)
}

func TestResources(t *testing.T) {
	f := newFixture(t)
	f.secret("public", "app", "key-value", "READ", `{"data": {"a": "secret-1", "b": "secret-2"}}`, naming.DataOSVersion, "v1beta",
		naming.DataOSTags, `["x", "y"]`, naming.DataOSOwner, "iamgroot", naming.DataOSLayer, "system")
	f.secret("instance", "orders-rw", naming.KeyValueProperties, "READ_WRITE", `{"data": {"username": "secret-3"}}`)
	f.secret("instance", "bare", "", "ACCESS_MODE_UNSPECIFIED", `{"data": {"k": "secret-4"}}`, naming.DataOSTags, `not a list`)
	f.workload("public", "service.web", `dataosSecrets: [{name: app, allKeys: true}]`, naming.DataOSResource, "service:v1:web:public")
	f.workload("instance", "depot.orders", `{"depot": {"secrets": [{"name": "orders-rw", "allKeys": true}]}}`, naming.DataOSResource, "depot:v2alpha:orders", naming.DataOSVersion, "v2alpha")
	viewer := f.Account("namespaces/instance", "viewer", "viewer", "")
	const operator = `"owner":"serviceAccount:namespaces/instance/serviceAccounts/bootstrap"`
	for path, want := range map[string]string{
		"workspaces/public/resources/secret/app": `{"layer":"system","name":"app","owner":"iamgroot","secret":{"acl":"r","data":{"a":"******","b":"******"},"type":"key-value"},` +
			`"status":"active","tags":["x","y"],"type":"secret","version":"v1beta","workspace":"public"}`,
		"resources/instance-secret/orders-rw": `{"layer":"user","name":"orders-rw",` + operator + `,"secret":{"acl":"rw","data":{"username":"******"},"type":"key-value-properties"},` +
			`"status":"active","type":"instance-secret","version":"v1"}`,
		"resources/instance-secret/bare": `{"layer":"user","name":"bare",` + operator + `,"secret":{"data":{"k":"******"},"type":"key-value"},"status":"active","type":"instance-secret","version":"v1"}`,
		"workspaces/public/resources/service/web": `{"layer":"user","name":"web",` + operator +
			`,"status":"active","type":"service","version":"v1","workspace":"public"}`,
		"resources/depot/orders": `{"layer":"user","name":"orders",` + operator + `,"status":"active","type":"depot","version":"v2alpha"}`,
	} {
		if got := f.resource(viewer, "/poros/api/v1/"+path); got != want {
			t.Errorf("%s:\n%s, want\n%s", path, got, want)
		}
	}
	nobody := f.Account("namespaces/acme", "nobody", "", "")
	for _, path := range []string{"workspaces/public/resources/secret/app", "resources/instance-secret/bare", "workspaces/public/resources/service/web", "resources/depot/orders"} {
		name := path[strings.LastIndex(path, "/")+1:]
		there := f.refused(nobody, "/poros/api/v1/"+path, http.StatusForbidden, "ACCESS_DENIED")
		absent := f.refused(nobody, "/poros/api/v1/"+strings.TrimSuffix(path, name)+"none", http.StatusForbidden, "ACCESS_DENIED")
		if there[:strings.LastIndex(there, name)] != absent[:strings.LastIndex(absent, "none")] {
			t.Errorf("%s: %q for what exists, %q for what does not", path, there, absent)
		}
		f.refused(viewer, "/poros/api/v1/"+strings.TrimSuffix(path, name)+"none", http.StatusNotFound, "RESOURCE_NOT_FOUND")
	}
}

func TestGetResourceStatus(t *testing.T) {
	f := newFixture(t)
	f.secret("instance", "orders-r", "", "READ", `{"data": {"k": "v"}}`)
	f.secret("public", "app", "", "READ", `{"data": {"k": "v"}}`)
	f.secret("acme", "v2", "", "READ", `{"data": {"k": "v"}}`)
	viewer := f.Account("namespaces/instance", "viewer", "viewer", "")
	one := f.Account("namespaces/public", "one", "viewer", "namespaces/public/secrets/app")
	nobody := f.Account("namespaces/public", "nobody", "", "")
	const path = "/collated/api/v1/reports/resources/status?id="
	value := func(token, id string) string {
		t.Helper()
		r := f.get(path+id, "apikey", token)
		var got struct{ ID, Value, Time string }
		if err := json.Unmarshal(r.Body, &got); err != nil || r.Status != http.StatusOK || got.ID != id {
			t.Errorf("%s: %d %s", id, r.Status, r.Body)
		}
		if _, err := time.Parse(time.RFC3339, got.Time); err != nil {
			t.Errorf("%s: time %q", id, got.Time)
		}
		return got.Value
	}
	for id, secret := range map[string]string{
		"instance-secret:v1:orders-r": "instance/secrets/orders-r", "secret:v1:app:public": "public/secrets/app", "secret:v2alpha:v2:ACME": "acme/secrets/v2",
	} {
		before := f.refused(nobody, path+id, http.StatusForbidden, "ACCESS_DENIED")
		if got := value(viewer, id); got != "active" {
			t.Errorf("%s is %q, want active", id, got)
		}
		f.remove("/v1/namespaces/" + secret)
		if got := value(viewer, id); got != "deleted" {
			t.Errorf("%s is %q once deleted, want deleted", id, got)
		}
		// Denied reads the same before and after, and where there never was one.
		absent := f.refused(nobody, path+strings.Replace(id, ":v1:", ":v1:x", 1), http.StatusForbidden, "ACCESS_DENIED")
		if after := f.refused(nobody, path+id, http.StatusForbidden, "ACCESS_DENIED"); after != before || len(absent) > len(before)+1 {
			t.Errorf("%s: %q before, %q after, %q for another", id, before, after, absent)
		}
	}
	f.refused(one, path+"secret:v1:app:public", http.StatusForbidden, "ACCESS_DENIED") // what was granted is gone
	f.secret("public", "app", "", "READ", `{"data": {"k": "v"}}`)
	if got := value(viewer, "secret:v1:app"); got != "active" {
		t.Errorf("made anew it is %q, want active", got)
	}
	f.refused(one, path+"secret:v1:app:public", http.StatusForbidden, "ACCESS_DENIED") // it inherits nothing
	f.refused(viewer, path+"secret:v1:never:public", http.StatusNotFound, "RESOURCE_NOT_FOUND")
	f.refused(viewer, path+"depot:v1:x", http.StatusBadRequest, "INVALID_FIELD")
	f.refused(nobody, path+"depot:v1:x", http.StatusForbidden, "ACCESS_DENIED")
}

func TestLocateNamespace(t *testing.T) {
	f := newFixture(t)
	nobody := f.Account("namespaces/acme", "nobody", "", "")
	for query, want := range map[string]string{
		"scope=INSTANCE": "instance", "scope=TENANT&name=ACME": "acme", "scope=TENANT&name=other": "other", "scope=WORKSPACE&name=public": "public",
		"scope=WORKSPACE": "public", "scope=WORKSPACE&name=not-there": "not-there",
	} {
		f.want(nobody, "/dataos/v1/namespaces:locate?"+query, `{"namespace":"namespaces/`+want+`"}`)
	}
	for _, query := range []string{"", "name=public", "scope=TENANT", "scope=TENANT&name=No", "scope=WORKSPACE&name=a/b", "scope=WORKSPACE&name=" + strings.Repeat("a", 64)} {
		f.refused(nobody, "/dataos/v1/namespaces:locate?"+query, http.StatusBadRequest, "INVALID_FIELD")
	}
	f.refused("x", "/dataos/v1/namespaces:locate?scope=INSTANCE", http.StatusUnauthorized, "UNAUTHENTICATED")
}
