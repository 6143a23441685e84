package config_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"github.com/coffer-dev/coffer/internal/audit/auditsink"
	"github.com/coffer-dev/coffer/internal/authn/authnmtls"
	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
	"github.com/coffer-dev/coffer/internal/config"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/server"
)

func parse(t *testing.T, file string, env map[string]string, arguments ...string) (config.Config, error) {
	t.Helper()
	if file != "" {
		path := filepath.Join(t.TempDir(), "coffer.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, "--config", path)
	}
	var environment []string
	for name, value := range env {
		environment = append(environment, name+"="+value)
	}
	return config.Parse(arguments, environment)
}

// The defaults of the structs, of flags that are not given and of the reference are the same, and the reference in
// testdata is the current one: after a change, write what the failure shows.
func TestDefaults(t *testing.T) {
	got, err := parse(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default(), got, cmpopts.EquateComparable()); diff != "" {
		t.Errorf("Parse() without anything differs from Default():\n%s", diff)
	}
	want, err := os.ReadFile("testdata/reference.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), config.Reference()); diff != "" {
		t.Errorf("Reference() differs from testdata/reference.txt:\n%s", diff)
	}
	var lines []string
	for line := range strings.Lines(config.Reference()) {
		if _, value, ok := strings.Cut(line, ", default "); ok {
			_, key, _ := strings.Cut(line, "file ")
			key, _, _ = strings.Cut(key, ",")
			lines = append(lines, key+"="+strings.TrimSpace(value))
		}
	}
	d := server.DefaultConfig()
	wantLines := []string{
		"server.data_dir=" + d.DataDir, "server.http=" + d.HTTP, "server.grpc=" + d.GRPC, "server.insecure_no_tls=false",
		"server.storage=" + d.Storage, "server.auth.login_max_age=168h0m0s", "server.audit.fsync=" + d.Audit.Fsync,
		fmt.Sprint("server.audit.segment_size=", d.Audit.SegmentSize), "server.audit.retain_for=0s",
		fmt.Sprint("server.audit.retain_bytes=", d.Audit.RetainBytes), fmt.Sprint("server.audit.min_free=", d.Audit.MinFree),
		fmt.Sprint("server.limits.principal_rate=", d.Limits.PrincipalRate), fmt.Sprint("server.limits.principal_burst=", d.Limits.PrincipalBurst),
		fmt.Sprint("server.limits.address_rate=", d.Limits.AddressRate), fmt.Sprint("server.limits.address_burst=", d.Limits.AddressBurst),
		fmt.Sprint("server.limits.principal_streams=", d.Limits.PrincipalStreams), fmt.Sprint("server.limits.address_streams=", d.Limits.AddressStreams),
		fmt.Sprint("server.limits.streams=", d.Limits.Streams), fmt.Sprint("server.limits.request_bytes=", d.Limits.RequestBytes),
		fmt.Sprint("server.limits.json_depth=", d.Limits.JSONDepth), fmt.Sprint("server.limits.json_values=", d.Limits.JSONValues),
		fmt.Sprint("server.limits.namespace_secrets=", d.Limits.NamespaceSecrets), fmt.Sprint("server.limits.namespace_versions=", d.Limits.NamespaceVersions),
		fmt.Sprint("server.limits.namespace_bytes=", d.Limits.NamespaceBytes), "server.features.secretsV2.enabled=true", "log.level=info",
	}
	if diff := cmp.Diff(wantLines, lines); diff != "" {
		t.Errorf("defaults in the reference differ from the structs':\n%s", diff)
	}
}

func TestParse_precedence(t *testing.T) {
	const file = "server:\n  data_dir: from-file\n  http: 127.0.0.1:1\n  tls:\n    cert: file.pem\n  insecure_no_tls: true\nlog:\n  level: warn\n"
	env := map[string]string{"COFFER_SERVER_HTTP": "127.0.0.1:2", "COFFER_SERVER_GRPC": "127.0.0.1:2", "COFFER_TOKEN": "of the CLI", "COFFER_CACERT": "of the CLI"}
	got, err := parse(t, file, env, "--grpc", "127.0.0.1:3", "--insecure-no-tls=false", "--tls-key=flag.pem")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.Server.DataDir, want.Server.HTTP, want.Server.GRPC = "from-file", "127.0.0.1:2", "127.0.0.1:3"
	want.Server.TLS = server.TLS{Cert: "file.pem", Key: "flag.pem"}
	want.Log.Level = "warn"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flags over environment over file:\n%s", diff)
	}
	if got, err := parse(t, "", nil, "--insecure-no-tls"); err != nil || !got.Server.InsecureNoTLS {
		t.Errorf("a bare --insecure-no-tls: %v, %v, want true", got.Server.InsecureNoTLS, err)
	}
}

func TestParse_kinds(t *testing.T) {
	const file = `
server:
  auth:
    login_max_age: 12h
    issuers:
    - {name: corp, url: https://id.example.com, audiences: [coffer], prefix: corp, client_id: cli, scopes: [openid, groups]}
    certificates:
    - {san: uri, match: spiffe://acme/(.*), principal: "user:acme/$1"}
  audit:
    retain_for: 8760h
    sinks:
    - {name: siem, kind: webhook, url: https://siem.example.com/in, secret_file: /run/siem, deadline: 3s}
  limits:
    principal_rate: 7
  dataos:
    instance: root
    workspaces: {public: shared}
    tenants: {acme: acme-prod}
  features:
    secretsV2:
      enabled: false
`
	env := map[string]string{"COFFER_SERVER_AUDIT_FSYNC": "always", "COFFER_SERVER_LIMITS_STREAMS": "0"}
	got, err := parse(t, file, env, "--audit-retain-bytes=1000", "--limit-address-rate", "5", "--audit-retain-for", "24h")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	s := &want.Server
	s.Auth.LoginMaxAge = server.Duration(12 * time.Hour)
	s.Auth.Issuers = []server.Issuer{{
		Issuer:   authnoidc.Issuer{Name: "corp", URL: "https://id.example.com", Audiences: []string{"coffer"}, Prefix: "corp"},
		ClientID: "cli", Scopes: []string{"openid", "groups"},
	}}
	s.Auth.Certificates = []authnmtls.Rule{{SAN: "uri", Match: "spiffe://acme/(.*)", Principal: "user:acme/$1"}}
	s.Audit.Fsync, s.Audit.RetainBytes, s.Audit.RetainFor = "always", 1000, server.Duration(24*time.Hour)
	s.Audit.Sinks = []auditsink.Settings{{
		Name: "siem", Kind: auditsink.Webhook, URL: "https://siem.example.com/in", SecretFile: "/run/siem", Deadline: server.Duration(3 * time.Second),
	}}
	s.Limits.PrincipalRate, s.Limits.AddressRate, s.Limits.Streams = 7, 5, 0
	s.DataOS = naming.DataOS{Instance: "root", Workspaces: map[string]string{"public": "shared"}, Tenants: map[string]string{"acme": "acme-prod"}}
	s.Features.SecretsV2.Enabled = false
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("numbers, durations and lists:\n%s", diff)
	}
}

func TestParse_refuses(t *testing.T) {
	tests := map[string]struct {
		file      string
		env       map[string]string
		arguments []string
		want      string
	}{
		"an unknown key":           {file: "server:\n  datadir: x\n", want: `unknown field "datadir"`},
		"an unknown key of a list": {file: "server:\n  auth:\n    issuers:\n    - {name: a, client: b}\n", want: `unknown field "client"`},
		"a number as a duration":   {file: "server:\n  audit:\n    retain_for: 30\n", want: "retain_for"},
		"no duration":              {arguments: []string{"--audit-retain-for=a year"}, want: "is not a time like"},
		"no number":                {env: map[string]string{"COFFER_SERVER_LIMITS_STREAMS": "many"}, want: "is not a whole number"},
		"a list by variable":       {env: map[string]string{"COFFER_SERVER_AUTH_ISSUERS": "x"}, want: "COFFER_SERVER_AUTH_ISSUERS"},
		"a mapping by variable":    {env: map[string]string{"COFFER_SERVER_DATAOS_TENANTS": "x"}, want: "COFFER_SERVER_DATAOS_TENANTS"},
		"an unknown section":       {file: "audit:\n  fsync: always\n", want: `unknown field "audit"`},
		"a key given twice":        {file: "server:\n  http: a\n  http: b\n", want: "already set"},
		"a key without a flag":     {file: "server:\n  nosync: true\n", want: "unknown field"},
		"YAML that is none":        {file: "server: [", want: "coffer.yaml"},
		"an unknown flag":          {arguments: []string{"--nope"}, want: "unknown flag: --nope"},
		"an argument":              {arguments: []string{"serve"}, want: `unexpected argument "serve"`},
		"a missing file":           {arguments: []string{"--config", "/nowhere/x.yaml"}, want: "/nowhere/x.yaml"},
		"a bad boolean":            {env: map[string]string{"COFFER_SERVER_INSECURE_NO_TLS": "maybe"}, want: "COFFER_SERVER_INSECURE_NO_TLS"},
		"an unknown variable":      {env: map[string]string{"COFFER_SERVER_TLS_CLIENTCA": "ca.pem"}, want: "COFFER_SERVER_TLS_CLIENTCA"},
		"another one":              {env: map[string]string{"COFFER_LOG_LEVELS": "info"}, want: "COFFER_LOG_LEVELS"},
		"a bad boolean flag":       {arguments: []string{"--insecure-no-tls=maybe"}, want: "--insecure-no-tls"},
		"a file of the variable":   {env: map[string]string{"COFFER_CONFIG": "/nowhere/y.yaml"}, want: "/nowhere/y.yaml"},
	}
	for name, tt := range tests {
		if _, err := parse(t, tt.file, tt.env, tt.arguments...); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), `\"`, `"`), tt.want) {
			t.Errorf("%s: %v, want an error that tells %q", name, err, tt.want)
		}
	}
	if _, err := parse(t, "", nil, "--help"); !errors.Is(err, pflag.ErrHelp) {
		t.Errorf("--help: %v, want ErrHelp", err)
	}
	if _, err := (config.Log{Level: "loud"}).Logger(io.Discard); err == nil {
		t.Error("log level loud was accepted")
	}
}

func TestParseRecover(t *testing.T) {
	c, r, err := config.ParseRecover([]string{"--account=keeper", "--namespace", "vault", "--data-dir=/d"}, nil)
	if err != nil || r.Account != "keeper" || r.Namespace != "vault" || r.AcceptAuditLoss || c.Server.DataDir != "/d" {
		t.Errorf("ParseRecover: %+v, %v", r, err)
	}
	if _, r, err = config.ParseRecover([]string{"--accept-audit-loss"}, nil); err != nil || !r.AcceptAuditLoss {
		t.Errorf("ParseRecover: %+v, %v", r, err)
	}
	if _, _, err = config.ParseRecover([]string{"--accept-audit-loss", "--namespace=vault"}, nil); err == nil || !strings.Contains(err.Error(), "lets nobody in") {
		t.Errorf("--accept-audit-loss with --namespace: %v, want it refused", err)
	}
}
