package instill_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/servertest"
)

var (
	aUUID = regexp.MustCompile(`"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"`)
	aTime = regexp.MustCompile(`"20\d\d-\d\d-\d\dT[0-9:.]+Z"`)
)

// plain is JSON without spaces, and without what differs from run to run.
func plain(t *testing.T, body []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, body); len(body) > 0 && err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return aTime.ReplaceAllString(aUUID.ReplaceAllString(b.String(), "UUID"), "TIME")
}

// told is how a secret of a user is answered.
func told(id, description string) string {
	return fmt.Sprintf(`{"name":"users/acme/secrets/%s","uid":UUID,"id":"%[1]s","createTime":TIME,"updateTime":TIME,"description":"%s"}`, id, description)
}

func problem(code int, message string) string {
	return fmt.Sprintf(`{"code":%d,"message":%q,"details":[]}`, code, message)
}

// exchange is a request over REST and what is answered.
type exchange struct {
	request string // METHOD PATH below /v1beta
	body    string
	status  int
	want    string
}

func converse(t *testing.T, s *servertest.Server, token string, exchanges []exchange) {
	t.Helper()
	for _, e := range exchanges {
		method, path, _ := strings.Cut(e.request, " ")
		r := s.REST(token, method, "/v1beta"+path, e.body)
		if got := plain(t, r.Body); r.Status != e.status || got != e.want {
			t.Errorf("%s %s\n got %d %s\nwant %d %s", e.request, e.body, r.Status, got, e.status, e.want)
		}
		wantType := "application/json"
		switch {
		case r.Status >= 400:
			wantType = "application/problem+json"
		case r.Status == http.StatusNoContent:
			wantType = ""
		}
		if got := r.Header.Get("Content-Type"); got != wantType {
			t.Errorf("%s: Content-Type %q, want %q", e.request, got, wantType)
		}
	}
}

// start is a server with the namespace acme, and the token of a developer of it.
func start(t *testing.T) (s *servertest.Server, token string) {
	t.Helper()
	s = servertest.Start(t, servertest.Config{})
	s.Namespace("acme")
	return s, s.Account("namespaces/acme", "app", "developer", "")
}

func TestREST(t *testing.T) {
	s, token := start(t)
	const secret = "/namespaces/acme/secrets/my-secret-1"
	converse(t, s, token, []exchange{
		{"POST /namespaces/acme/secrets", `{"id": "my-secret-1", "description": "A secret", "value": "v1"}`, 201, `{"secret":` + told("my-secret-1", "A secret") + `}`},
		{"GET " + secret, "", 200, `{"secret":` + told("my-secret-1", "A secret") + `}`},
		{"PATCH " + secret, `{"description": "Another", "value": "v2"}`, 200, `{"secret":` + told("my-secret-1", "Another") + `}`},
		{"GET /namespaces/acme/secrets", "", 200, `{"secrets":[` + told("my-secret-1", "Another") + `],"nextPageToken":"","totalSize":1}`},
		{"DELETE " + secret, "", 204, ""},
		{"GET " + secret, "", 404, problem(5, "not found")},
		{"GET /namespaces/acme/secrets", "", 200, `{"secrets":[],"nextPageToken":"","totalSize":0}`},
	})
}

// The forms of users and of organizations name the same secrets.
func TestREST_owners(t *testing.T) {
	s, token := start(t)
	for _, owner := range []string{"users", "organizations"} {
		list := "/" + owner + "/acme/secrets"
		converse(t, s, token, []exchange{
			{"POST " + list, `{"id": "key", "value": "v", "name": "ignored", "uid": "ignored"}`, 201, `{"secret":` + told("key", "") + `}`},
			{"GET " + list + "/key", "", 200, `{"secret":` + told("key", "") + `}`},
			{"GET " + list + "?pageSize=1", "", 200, `{"secrets":[` + told("key", "") + `],"nextPageToken":"","totalSize":1}`},
			{"PATCH " + list + "/key", `{"description": "d"}`, 200, `{"secret":` + told("key", "d") + `}`},
			{"DELETE " + list + "/key", "", 204, ""},
		})
	}
	r := s.REST(s.OperatorToken, "PATCH", "/v1/namespaces/acme?updateMask=annotations", `{"annotations": {"instill.coffer.dev/owner": "organizations"}}`)
	if r.Status != 200 {
		t.Fatalf("%d %s", r.Status, r.Body)
	}
	organization := strings.ReplaceAll(told("key", ""), "users/", "organizations/")
	converse(t, s, token, []exchange{
		{"POST /namespaces/acme/secrets", `{"id": "key", "value": "v"}`, 201, `{"secret":` + organization + `}`},
		{"GET /users/acme/secrets/key", "", 200, `{"secret":` + organization + `}`},
	})
	// Whatever else the annotation says is no part of a name.
	s.REST(s.OperatorToken, "PATCH", "/v1/namespaces/acme?updateMask=annotations", `{"annotations": {"instill.coffer.dev/owner": "../admins"}}`)
	converse(t, s, token, []exchange{
		{"GET /users/acme/secrets/key", "", 200, `{"secret":` + told("key", "") + `}`},
		{"GET /namespaces/acme/secrets", "", 200, `{"secrets":[` + told("key", "") + `],"nextPageToken":"","totalSize":1}`},
	})
}

func TestREST_refusals(t *testing.T) {
	s, token := start(t)
	const list, secret = "/namespaces/acme/secrets", "/namespaces/acme/secrets/key"
	const badID = "the ID must start with a lowercase letter or underscore, followed by zero to 31 occurrences of lowercase letters, numbers, hyphens, or underscores"
	long := strings.Repeat("d", 1024)
	converse(t, s, token, []exchange{
		{"POST " + list, `{"id": "key", "value": "v"}`, 201, `{"secret":` + told("key", "") + `}`},
		{"POST " + list, `{"id": "key", "value": "v"}`, 409, problem(6, "Resource already exists.")},
		{"POST " + list, `{"value": "v"}`, 400, problem(3, "required fields missing")},
		{"POST " + list, `{"id": "other"}`, 400, problem(3, "required fields missing")},
		{"POST " + list, `{"id": "other", "value": ""}`, 400, problem(3, "required fields missing")},
		{"POST " + list, ``, 400, problem(3, "required fields missing")},
		{"POST " + list, `{"id": "INSTILL_SECRET", "value": "v"}`, 400, problem(3, "The secret ID is reserved")},
		{"POST " + list, `{"id": "a1b2c3d4e5f60718293a4b5c6d7e8f90", "value": "v"}`, 400, problem(3, "`id` is not allowed to be a UUID")},
		{"POST " + list, `{"id": "89fccd1b-eba6-4597-9462-ad0ddd18902b", "value": "v"}`, 400, problem(3, "`id` is not allowed to be a UUID")},
		{"POST " + list, `{"id": "Other", "value": "v"}`, 400, problem(3, badID)},
		{"POST " + list, `{"id": "1st", "value": "v"}`, 400, problem(3, badID)},
		{"POST " + list, `{"id": "a` + strings.Repeat("b", 32) + `", "value": "v"}`, 400, problem(3, badID)},
		{"POST " + list, `{"id": "other", "value": "v", "description": "` + long + `"}`, 400, problem(3, "a description has at most 1023 characters")},
		{"POST " + list, `{"id": `, 400, problem(3, "invalid request: secret: is not one JSON value: see line 1, column 8")},
		{"POST " + list, `{"id": 7, "value": "v"}`, 400, problem(3, "invalid request: secret.id: is not a valid string: line 1, column 8")},
		{"PATCH " + list + "/absent", `{"description": "d"}`, 404, problem(5, "not found")},
		{"DELETE " + list + "/absent", "", 404, problem(5, "not found")},
		{"PATCH " + secret, `{"description": "` + long + `"}`, 400, problem(3, "a description has at most 1023 characters")},
		{"PATCH " + secret, `{"id": "renamed"}`, 400, problem(3, "update immutable fields error")},
		{"PATCH " + secret + "?updateMask=uid", `{"uid": "x"}`, 400, problem(3, "can not contain output only fields")},
		{"PATCH " + secret + "?updateMask=createTime", `{}`, 400, problem(3, "can not contain output only fields")},
		{"PATCH " + secret + "?updateMask=owner", `{}`, 400, problem(3, "update mask error")},
		{"PATCH " + secret + "?updateMask=value", `{}`, 400, problem(3, "required fields missing")},
		{"GET " + list + "?pageSize=-1", "", 400, problem(3, "invalid request: page_size: is negative")},
		{"GET " + list + "?pageSize=x", "", 400, problem(3, "invalid request: page_size: is not a valid value")},
		{"GET " + list + "?pageToken=x", "", 400, problem(3, "invalid request: page_token: is not the token of a page of this list")},
		{"GET /pipelines", "", 404, problem(12, "there is no such method; see /openapi/instill.json")},
		{"GET /namespaces/a%2Fb/secrets", "", 404, problem(12, "there is no such method; see /openapi/instill.json")},
		{"PUT " + secret, `{}`, 405, problem(12, "there is no such method; see /openapi/instill.json")},
		{"GET " + secret, "", 200, `{"secret":` + told("key", "") + `}`},
	})
	stranger := s.Account("namespaces/acme", "stranger", "", "")
	for _, there := range []string{list, secret, list + "/absent", "/namespaces/absent/secrets", "/namespaces/absent/secrets/key", "/users/acme"} {
		converse(t, s, stranger, []exchange{{"GET " + there, "", 403, problem(7, "unauthorized")}})
	}
	for _, nobody := range []string{"", "cfr_wrong"} {
		const message = "the credential is missing or not valid"
		converse(t, s, nobody, []exchange{{"GET " + list, "", 401, problem(16, message)}, {"PATCH " + secret, `{`, 401, problem(16, message)}})
		if got := s.REST(nobody, "GET", "/v1beta"+list, "").Header.Get("WWW-Authenticate"); got != message {
			t.Errorf("WWW-Authenticate: %q, want %q", got, message)
		}
	}
}

// What an update does not name stays; what is empty is not named; what nobody knows is ignored.
func TestREST_update(t *testing.T) {
	s, token := start(t)
	const secret = "/namespaces/acme/secrets/key"
	value := func() string {
		t.Helper()
		r := s.REST(s.OperatorToken, "GET", "/v1/namespaces/acme/secrets/key/versions/active:access", "")
		var access struct {
			Name    string
			Payload struct{ Data map[string]string }
		}
		if err := json.Unmarshal(r.Body, &access); err != nil {
			t.Fatalf("%v in %s", err, r.Body)
		}
		return access.Name[strings.LastIndex(access.Name, "/")+1:] + " " + access.Payload.Data["value"]
	}
	converse(t, s, token, []exchange{{"POST /namespaces/acme/secrets", `{"id": "key", "value": "v1", "description": "first"}`, 201, `{"secret":` + told("key", "first") + `}`}})
	for _, step := range []struct{ query, body, description, value string }{
		{"", `{"description": "second"}`, "second", "1 v1"},
		{"", `{"value": "v2"}`, "second", "2 v2"},
		{"", `{"description": "third", "value": "v3"}`, "third", "3 v3"},
		{"", `{"description": "third", "value": "v3"}`, "third", "3 v3"}, // the same again
		{"", `{"description": "", "value": ""}`, "third", "3 v3"},
		{"", `{}`, "third", "3 v3"},
		{"", `{"name": "users/x/secrets/y", "uid": "x", "id": "key", "createTime": null, "unknown": [{"a": 1}], "description": "fourth"}`, "fourth", "3 v3"},
		{"?updateMask=value", `{"description": "no", "value": "v4"}`, "fourth", "4 v4"},
		{"?updateMask=description&view=VIEW_FULL", `{"description": "fifth", "value": "no"}`, "fifth", "4 v4"},
		{"?updateMask=description,value,id", `{"description": "sixth", "value": "v5"}`, "sixth", "5 v5"},
		{"?updateMask=description", `{}`, "", "5 v5"},
		{"", "{ \"description\": \"A \\\"brief\\\"\", \"value\": \"The\n\tsecret\r\n\\\\value\" }", `A \"brief\"`, "6 The\n\tsecret\r\n\\value"},
	} {
		converse(t, s, token, []exchange{{"PATCH " + secret + step.query, step.body, 200, `{"secret":` + told("key", step.description) + `}`}})
		if got := value(); got != step.value {
			t.Errorf("after PATCH %s %s the version and the value are %q, want %q", step.query, step.body, got, step.value)
		}
	}
}

// A secret that is used is not deleted, and says by what as far as the caller may know.
func TestREST_inUse(t *testing.T) {
	s, token := start(t)
	converse(t, s, token, []exchange{{"POST /namespaces/acme/secrets", `{"id": "key", "value": "v"}`, 201, `{"secret":` + told("key", "") + `}`}})
	r := s.REST(s.OperatorToken, "POST", "/v1/namespaces/acme/projections?projectionId=etl", `{"items": [{"secret": "key", "key": "value", "env": "K"}]}`)
	if r.Status != 200 {
		t.Fatalf("%d %s", r.Status, r.Body)
	}
	deleter := s.Account("namespaces/acme", "deleter", "developer", "namespaces/acme/secrets/key")
	refused := func(why string) string {
		return `{"code":9,"message":"namespaces/acme/secrets/key is in use and can not be deleted","details":[` +
			`{"@type":"type.googleapis.com/google.rpc.PreconditionFailure","violations":[` +
			`{"type":"DELETE","subject":"namespaces/acme/secrets/key","description":"` + why + `"}]}]}`
	}
	const secret = "DELETE /namespaces/acme/secrets/key"
	converse(t, s, token, []exchange{{secret, "", 422, refused("is used by namespaces/acme/projections/etl")}})
	converse(t, s, deleter, []exchange{{secret, "", 422, refused("is used by 1 that you may not see")}})
}

func TestREST_pages(t *testing.T) {
	s, token := start(t)
	type page struct {
		Secrets       []struct{ ID string }
		NextPageToken string
		TotalSize     int
	}
	read := func(token, query string) (p page) {
		t.Helper()
		r := s.REST(token, "GET", "/v1beta/namespaces/acme/secrets"+query, "")
		if err := json.Unmarshal(r.Body, &p); r.Status != 200 || err != nil {
			t.Fatalf("GET %s: %d %s", query, r.Status, r.Body)
		}
		return p
	}
	create := func(id string) {
		t.Helper()
		if r := s.REST(token, "POST", "/v1beta/namespaces/acme/secrets", `{"id": "`+id+`", "value": "v"}`); r.Status != 201 {
			t.Fatalf("%d %s", r.Status, r.Body)
		}
	}
	var want []string // the newest first
	for i := range 113 {
		// Not in the order of their names.
		id := fmt.Sprintf("s%03d", i*37%113)
		create(id)
		want = append([]string{id}, want...)
	}
	for query, n := range map[string]int{"": 10, "?pageSize=0": 10, "?pageSize=3": 3, "?pageSize=100": 100, "?pageSize=101": 100, "?pageSize=2147483647": 100} {
		if p := read(token, query); len(p.Secrets) != n || p.TotalSize != 113 || p.NextPageToken == "" {
			t.Errorf("GET %s: %d secrets of %d, want %d of 113", query, len(p.Secrets), p.TotalSize, n)
		}
	}
	var got []string
	p := read(token, "?pageSize=20")
	create("created-meanwhile")
	for {
		for _, secret := range p.Secrets {
			got = append(got, secret.ID)
		}
		if p.NextPageToken == "" {
			break
		}
		p = read(token, "?pageSize=20&pageToken="+p.NextPageToken)
		if p.TotalSize != 114 {
			t.Errorf("totalSize %d, want 114", p.TotalSize)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("all pages (-want +got):\n%s", diff)
	}
	// Who may see one alone is told of one alone.
	if p := read(s.Account("namespaces/acme", "one", "viewer", "namespaces/acme/secrets/s007"), ""); len(p.Secrets) != 1 || p.TotalSize != 1 || p.NextPageToken != "" {
		t.Errorf("to one who may see one secret: %+v", p)
	}
}

func TestREST_management(t *testing.T) {
	s, token := start(t)
	serving := `{"healthCheckResponse":{"status":"SERVING_STATUS_SERVING"}}`
	converse(t, s, "", []exchange{{"GET /ready/mgmt", "", 200, serving}, {"GET /health/mgmt", "", 200, serving}})
	user := `{"user":{"name":"users/acme","uid":UUID,"id":"acme","createTime":TIME,"updateTime":TIME}}`
	converse(t, s, token, []exchange{
		{"POST /check-namespace", `{"id": "acme"}`, 200, `{"type":"NAMESPACE_USER"}`},
		{"POST /check-namespace", `{"id": "absent"}`, 403, problem(7, "unauthorized")},
		{"GET /users/acme", "", 200, user},
		{"GET /organizations/acme", "", 404, problem(5, "not found")},
	})
	s.REST(s.OperatorToken, "PATCH", "/v1/namespaces/acme?updateMask=annotations", `{"annotations": {"instill.coffer.dev/owner": "organizations"}}`)
	s.Namespace("gone")
	s.REST(s.OperatorToken, "DELETE", "/v1/namespaces/gone", "")
	converse(t, s, s.OperatorToken, []exchange{
		{"POST /check-namespace", `{"id": "acme"}`, 200, `{"type":"NAMESPACE_ORGANIZATION"}`},
		{"POST /check-namespace", `{"id": "absent"}`, 200, `{"type":"NAMESPACE_AVAILABLE"}`},
		{"POST /check-namespace", `{"id": "gone"}`, 200, `{"type":"NAMESPACE_RESERVED"}`},
		{"GET /organizations/acme", "", 200, strings.NewReplacer(`"user"`, `"organization"`, "users/", "organizations/").Replace(user)},
		{"GET /users/acme", "", 404, problem(5, "not found")},
	})
}
