package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	healthcheckv1beta "github.com/coffer-dev/coffer/gen/go/instill/common/healthcheck/v1beta"
	mgmtv1beta "github.com/coffer-dev/coffer/gen/go/instill/core/mgmt/v1beta"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// writeInstill puts the value wherever Instill's services take one, also where it is refused.
func (p *prober) writeInstill(d door, author string) {
	p.t.Helper()
	quoted, _ := json.Marshal(p.value.value)
	const classic, vdp, pipeline = "pipeline.pipeline.v1beta/", "vdp.pipeline.v1beta/", "pipeline.v1beta/"
	for _, step := range []struct {
		method, request string
		want            codes.Code
	}{
		{classic + "CreateNamespaceSecret", `{"namespaceId": "acme", "secret": {"id": "$id", "value": $value}}`, codes.OK},
		{classic + "CreateNamespaceSecret", `{"namespaceId": "acme", "secret": {"id": "$id", "value": $value}}`, codes.AlreadyExists},
		{classic + "CreateNamespaceSecret", `{"namespaceId": "acme", "secret": {"id": "X$id", "value": $value}}`, codes.InvalidArgument},
		{classic + "CreateNamespaceSecret", `{"namespaceId": "acme", "secret": {"id": $value, "value": "v"}}`, codes.InvalidArgument},
		{classic + "UpdateNamespaceSecret", `{"namespaceId": "acme", "secretId": "$id", "secret": {"description": "d", "value": $value}}`, codes.OK},
		{classic + "UpdateNamespaceSecret", `{"namespaceId": "acme", "secretId": "$id", "secret": {"id": $value}}`, codes.InvalidArgument},
		{classic + "UpdateNamespaceSecret", `{"namespaceId": "acme", "secretId": "$id", "secret": {"value": $value}, "updateMask": "value,uid"}`, codes.InvalidArgument},
		{classic + "UpdateNamespaceSecret", `{"namespaceId": "acme", "secretId": "absent", "secret": {"value": $value}}`, codes.NotFound},
		{classic + "GetNamespaceSecret", `{"namespaceId": "acme", "secretId": "$id"}`, codes.OK},
		{classic + "ListNamespaceSecrets", `{"namespaceId": "acme", "pageSize": 100}`, codes.OK},
		{classic + "ListNamespaceSecrets", `{"namespaceId": "acme", "pageToken": $value}`, codes.InvalidArgument},
		{classic + "UpdateUserSecret", `{"secret": {"name": "users/acme/secrets/$id", "value": $value}}`, codes.OK},
		{classic + "DeleteNamespaceSecret", `{"namespaceId": "acme", "secretId": "$id"}`, codes.OK},
		{vdp + "CreateUserSecret", `{"parent": "users/acme", "secret": {"id": "$id", "value": $value}}`, codes.OK},
		{vdp + "UpdateOrganizationSecret", `{"secret": {"name": "organizations/acme/secrets/$id", "value": $value}}`, codes.OK},
		{vdp + "DeleteUserSecret", `{"name": "users/acme/secrets/$id"}`, codes.OK},
		{pipeline + "CreateNamespaceSecret", `{"parent": "namespaces/acme", "secret": {"slug": "$id", "value": $value}}`, codes.OK},
		{pipeline + "UpdateNamespaceSecret", `{"secret": {"name": "namespaces/acme/secrets/$id", "value": $value}}`, codes.OK},
		{pipeline + "UpdateNamespaceSecret", `{"secret": {"name": "namespaces/acme/secrets/$id", "slug": $value}}`, codes.InvalidArgument},
		{pipeline + "DeleteNamespaceSecret", `{"name": "namespaces/acme/secrets/$id"}`, codes.OK},
	} {
		request := strings.NewReplacer("$id", fmt.Sprint("i", p.writes), "$value", string(quoted)).Replace(step.request)
		if r := p.call(d, author, protoreflect.Name(step.method), request); r.code() != step.want {
			p.t.Errorf("%s %s: %v, want %v", step.method, request, r.status, step.want)
		}
	}
}

// malformedInstill sends the value in requests to Instill's REST that cannot be decoded, or make no sense.
func (p *prober) malformedInstill() {
	p.t.Helper()
	const secrets = "/v1beta/namespaces/acme/secrets"
	refused := func(method, path, body string) {
		p.t.Helper()
		r := p.server.REST(p.server.OperatorToken, method, path, body)
		if r.Status != http.StatusBadRequest {
			p.t.Errorf("%s %s %s: %d %s, want 400", method, path, body, r.Status, r.Body)
		}
		find(p.t, "the answer to "+method+" "+body, r.Body, p.everything...)
		find(p.t, "the headers of the answer to "+body, []byte(fmt.Sprint(r.Header)), p.everything...)
	}
	quoted, _ := json.Marshal(p.value.value)
	for _, body := range []string{
		`%s`, `"` + p.value.value + `"`, `{"value": [%s]}`, `{"value": %s`, `{"id": "m", "value": %s} trailing`, `{"createTime": %s}`,
		`{"id": "m", "value": %s, "value": %[1]s}`, `{"unknown": %s}`, `{"id": %s, "value": "v"}`, `{"value": "` + p.value.value + `"}`,
	} {
		if strings.Contains(body, "%s") {
			body = fmt.Sprintf(body, quoted)
		}
		refused("POST", secrets, body)
	}
	if r := p.server.REST(p.server.OperatorToken, "POST", secrets, `{"id": "there", "value": "v"}`); r.Status != http.StatusCreated {
		p.t.Errorf("creating a secret: %d %s", r.Status, r.Body)
	}
	refused("PATCH", secrets+"/there?updateMask="+url.QueryEscape(p.value.value), `{}`)
	refused("GET", secrets+"?pageSize="+url.QueryEscape(p.value.value), "")
	refused("GET", secrets+"?pageToken="+url.QueryEscape(p.value.value), "")
}

// Instill's clients ask for readiness before they show a credential, or whatever they show; too often is too often.
func TestInstillReadiness(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	for name, d := range map[string]door{"gRPC": grpcDoor{s, s.Conn}, "gRPC by content type": grpcDoor{s, s.HTTPConn}, "REST": restDoor{s}} {
		for _, token := range []string{"", "wrong", s.OperatorToken} {
			r := d.call(t, token, methodNamed(t, "core.mgmt.v1beta/Readiness"), &mgmtv1beta.ReadinessRequest{})
			if got := r.answer.(*mgmtv1beta.ReadinessResponse).GetHealthCheckResponse().GetStatus(); got != healthcheckv1beta.HealthCheckResponse_SERVING_STATUS_SERVING {
				t.Errorf("readiness by %s with the token %q: %v %v", name, token, got, r.status)
			}
		}
	}
}

func TestInstillReadiness_limited(t *testing.T) {
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.Limits.AddressRate, c.Limits.AddressBurst = 1, 10 }})
	last := servertest.Response{}
	for range 100 {
		if last = s.REST("", "GET", "/v1beta/ready/mgmt", ""); last.Status != http.StatusOK {
			break
		}
	}
	if last.Status != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" || !strings.Contains(string(last.Body), `"details":[]`) {
		t.Errorf("readiness asked for again and again: %d %v %s, want 429 and when to try again", last.Status, last.Header, last.Body)
	}
}
