package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// writeIOMETE puts the value wherever IOMETE's API takes one, also where it is refused.
func (p *prober) writeIOMETE(d door, author string) {
	p.t.Helper()
	quoted, _ := json.Marshal(p.value.value)
	payload := func(text string) string {
		as, _ := json.Marshal(strings.ReplaceAll(text, "%s", string(quoted)))
		return string(as)
	}
	key := fmt.Sprint("iomete-", p.writes)
	for _, step := range []struct {
		method, request string
		want            codes.Code
	}{
		{"CreateSecret", `"secret": {"key": "$key", "value": %s}`, codes.OK},
		{"CreateSecret", `"secret": {"key": "$key", "value": %s}`, codes.AlreadyExists},
		{"CreateSecret", `"secret": {"key": "no key", "value": %s}`, codes.InvalidArgument},
		{"CreateSecret", `"secret": {"key": "k", "value": %s, "source": {"type": "VAULT", "id": "v"}}`, codes.InvalidArgument},
		{"UpdateSecret", `"key": "$key", "secret": {"value": %s, "description": "d"}`, codes.OK},
		{"UpdateSecret", `"key": "$key", "secret": {"key": "other", "value": %s}`, codes.InvalidArgument},
		{"UpdateSecret", `"key": "absent", "secret": {"value": %s}`, codes.NotFound},
		{"ListSecrets", ``, codes.OK},
		{"ResolveWorkload", `"payload": ` + payload(`{"envVars": {"A": "${secrets.`+key+`}"}}`), codes.OK},
		{"ResolveWorkload", `"payload": ` + payload(`{"a": "${secrets.`+key+`}", "b": "${secrets.absent}"}`), codes.FailedPrecondition},
		{"ResolveWorkload", `"payload": ` + payload(`{"a": %s`), codes.InvalidArgument},
		{"RegisterCompute", `"payload": ` + payload(`{"name": "`+key+`", "envVars": {"A": "${secrets.`+key+`}"}}`), codes.OK},
		{"RegisterCompute", `"payload": ` + payload(`{"name": %s}`), codes.InvalidArgument},
		{"RegisterCompute", `"payload": ` + payload(`{"name": "x", "a": %s`), codes.InvalidArgument},
		{"RegisterStorageConfig", `"payload": ` + payload(`{"name": "x", "secretKey": %s}`), codes.InvalidArgument},
		{"RegisterStorageConfig", `"payload": ` + payload(`{"name": "`+key+`", "secretKey": %s, "storageSecret": {"key": "`+key+`"}}`), codes.OK},
		{"DeleteSecret", `"key": "$key"`, codes.FailedPrecondition},
	} {
		method := "coffer.iomete.v1/" + step.method
		request := `{"domain": "acme"`
		if step.request != "" {
			request += ", " + strings.NewReplacer("$key", key, "%s", string(quoted)).Replace(step.request)
		}
		token := author
		if step.method == "ResolveWorkload" {
			token = p.server.OperatorToken // administration is not access
		}
		if r := p.call(d, token, protoreflect.Name(method), request+"}"); r.code() != step.want {
			p.t.Errorf("%s %s: %v, want %v", method, request, r.status, step.want)
		}
	}
}

// malformedIOMETE sends the value in bodies that cannot be read.
func (p *prober) malformedIOMETE() {
	p.t.Helper()
	quoted, _ := json.Marshal(p.value.value)
	for _, path := range []string{"secrets", "compute", "compute:resolve", "spark/jobs", "spark/jobs:resolve"} {
		for _, body := range []string{`%s`, `[%s]`, `{"value": [%s]}`, `{"a": %s`, `{"name": %s}`, `{"key": %s, "value": "v"}`, `{"envVars": {"A": %s, "A": "b"}}`, `{"envSecrets": [%s]}`} {
			r := p.server.REST(p.server.OperatorToken, "POST", "/api/v2/domains/acme/"+path, fmt.Sprintf(body, quoted))
			if r.Status == http.StatusOK && strings.HasSuffix(path, ":resolve") {
				continue // a payload comes back as it is
			}
			if r.Status != http.StatusBadRequest {
				p.t.Errorf("POST %s %s: %d %s, want 400", path, body, r.Status, r.Body)
			}
			find(p.t, "the answer to "+path+" "+body, r.Body, p.everything...)
		}
	}
}
