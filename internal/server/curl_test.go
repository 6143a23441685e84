package server_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/servertest"
)

// The examples of the contract work as printed, by curl, with the token of the first start.
func TestCurlExamples(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("curl is missing; Debian's package is called curl")
	}
	s := servertest.Start(t, servertest.Config{})
	c := curl{t: t, server: s, token: s.OperatorToken}
	expires := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)

	c.want(200, `{"name": "namespaces/acme"}`, "POST", "/v1/namespaces?namespaceId=acme", `{"parent": "namespaces/instance", "description": "…"}`)
	c.want(200, `{"activeVersion": "1"}`, "POST", "/v1/namespaces/acme/secrets?secretId=orders-db",
		`{"type": "postgres", "labels": {"a": "b"}, "payload": {"data": {"username": "u", "password": "p"}}}`)
	c.want(200, `{"name": "namespaces/acme/secrets/orders-db/versions/2"}`, "POST", "/v1/namespaces/acme/secrets/orders-db:addVersion",
		`{"payload": {"data": {"password": "p2"}}, "merge": true}`)
	c.want(200, `{"name": "namespaces/acme/secrets/orders-db/versions/2", "payload": {"data": {"username": "u", "password": "p2"}}}`,
		"GET", "/v1/namespaces/acme/secrets/orders-db/versions/active:access", "")
	etag, _ := c.want(200, `{"labels": {"team": "orders"}}`, "PATCH", "/v1/namespaces/acme/secrets/orders-db?updateMask=labels",
		`{"labels": {"team": "orders"}}`)["etag"].(string)
	c.want(200, `{}`, "PATCH", "/v1/namespaces/acme/secrets/orders-db?updateMask=labels", `{"labels": {"team": "o"}, "etag": `+quote(etag)+`}`)
	c.want(409, `{"code": 10}`, "PATCH", "/v1/namespaces/acme/secrets/orders-db?updateMask=labels", `{"labels": {}, "etag": `+quote(etag)+`}`)
	c.want(200, `{"name": "namespaces/acme/projections/etl"}`, "POST", "/v1/namespaces/acme/projections?projectionId=etl",
		`{"items": [{"secret": "orders-db", "key": "password", "env": "PGPASSWORD"}, {"secret": "orders-db", "allKeys": true, "file": {"path": "db.properties", "format": "PROPERTIES", "mode": 256}}]}`)
	c.want(200, `{"name": "namespaces/acme/serviceAccounts/etl"}`, "POST", "/v1/namespaces/acme/serviceAccounts?serviceAccountId=etl", `{}`)
	token, _ := c.want(200, `{"name": "namespaces/acme/serviceAccounts/etl/tokens/t1"}`, "POST",
		"/v1/namespaces/acme/serviceAccounts/etl/tokens?tokenId=t1", `{"expireTime": "`+expires+`"}`)["secret"].(string)
	if !strings.HasPrefix(token, "cfr_") {
		t.Errorf("the token minted begins with %.4q, want cfr_", token)
	}
	c.want(200, `{"role": "workload"}`, "POST", "/v1/namespaces/acme/grants?grantId=g1",
		`{"principal": "serviceAccount:namespaces/acme/serviceAccounts/etl", "role": "workload", "resource": "namespaces/acme/projections/etl"}`)
	c.token = token
	c.want(200, `{"env": {"PGPASSWORD": "p2"}, "files": [{"path": "db.properties", "mode": 256, "content": "cGFzc3dvcmQ9cDIKdXNlcm5hbWU9dQo="}]}`,
		"POST", "/v1/namespaces/acme/projections/etl:render", "")
	c.want(403, `{"code": 7}`, "GET", "/v1/namespaces/acme/secrets/orders-db/versions/active:access", "")
	c.want(403, `{"code": 7}`, "GET", "/v1/namespaces/acme/secrets/absent/versions/active:access", "")
	c.token = ""
	c.want(401, `{"code": 16}`, "POST", "/v1/namespaces/acme/secrets?secretId=x", `{"unknown": `)
	c.token = s.OperatorToken
	c.want(400, `{"code": 3, "details": [{"reason": "INVALID_FIELD"}, {"fieldViolations": [{"field": "secret.unknown"}]}]}`,
		"POST", "/v1/namespaces/acme/secrets?secretId=x", `{"unknown": 1}`)
	c.want(400, `{"code": 3, "details": [{}, {"fieldViolations": [{"field": "no_such"}]}]}`, "GET", "/v1/namespaces/acme/secrets?no_such=x", "")
	c.want(400, `{"code": 3, "details": [{}, {"fieldViolations": [{"field": "secret.type"}]}]}`,
		"POST", "/v1/namespaces/acme/secrets?secretId=x&secret.type=y", `{}`)
	c.want(400, `{"code": 3, "details": [{}, {"fieldViolations": [{"field": "parent"}]}]}`,
		"POST", "/v1/namespaces/acme/secrets?secretId=x&parent=namespaces/other", `{}`)
	c.want(400, `{"code": 3, "details": [{}, {"fieldViolations": [{"field": "x"}]}]}`,
		"GET", "/v1/namespaces/acme/secrets/orders-db/versions/active:access?x=1", "")
	c.want(400, `{"code": 3}`, "POST", "/v1/namespaces/acme/secrets?secretId=not%20a%20name", `{}`)
}

// curl sends requests as the contract prints them.
type curl struct {
	t      *testing.T
	server *servertest.Server
	token  string
}

// want sends a request and compares the answer's code and, of its body, what want has. It returns the body.
func (c curl) want(code int, want, method, path, body string) map[string]any {
	c.t.Helper()
	arguments := []string{"-s", "-X", method, "-w", "\n%{http_code}", c.server.URL() + path}
	if c.token != "" {
		arguments = append(arguments, "-H", "Authorization: Bearer "+c.token)
	}
	if body != "" {
		arguments = append(arguments, "-d", body)
	}
	out, err := exec.CommandContext(c.t.Context(), "curl", arguments...).Output()
	if err != nil {
		c.t.Fatalf("curl %s %s: %v", method, path, err)
	}
	answer, status, _ := bytes.Cut(out, []byte("\n"))
	var got, expected map[string]any
	if err := json.Unmarshal(answer, &got); err != nil {
		c.t.Fatalf("curl %s %s: %v in %s", method, path, err, answer)
	}
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		c.t.Fatal(err)
	}
	diff := cmp.Diff(any(expected), part(got, expected))
	if string(status) != strconv.Itoa(code) || diff != "" {
		c.t.Errorf("curl -X %s %s -d %s: %s, want %d:\n%s", method, path, body, status, code, diff)
	}
	return got
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}
