package config_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"github.com/coffer-dev/coffer/internal/config"
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
		"server.storage=" + d.Storage, "server.audit_fsync=" + d.AuditFsync, "log.level=info",
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

func TestParse_refuses(t *testing.T) {
	tests := map[string]struct {
		file      string
		env       map[string]string
		arguments []string
		want      string
	}{
		"an unknown key":         {file: "server:\n  datadir: x\n", want: `unknown field "datadir"`},
		"an unknown section":     {file: "audit:\n  fsync: always\n", want: `unknown field "audit"`},
		"a key given twice":      {file: "server:\n  http: a\n  http: b\n", want: "already set"},
		"a key without a flag":   {file: "server:\n  nosync: true\n", want: "unknown field"},
		"YAML that is none":      {file: "server: [", want: "coffer.yaml"},
		"an unknown flag":        {arguments: []string{"--nope"}, want: "unknown flag: --nope"},
		"an argument":            {arguments: []string{"serve"}, want: `unexpected argument "serve"`},
		"a missing file":         {arguments: []string{"--config", "/nowhere/x.yaml"}, want: "/nowhere/x.yaml"},
		"a bad boolean":          {env: map[string]string{"COFFER_SERVER_INSECURE_NO_TLS": "maybe"}, want: "COFFER_SERVER_INSECURE_NO_TLS"},
		"an unknown variable":    {env: map[string]string{"COFFER_SERVER_TLS_CLIENTCA": "ca.pem"}, want: "COFFER_SERVER_TLS_CLIENTCA"},
		"another one":            {env: map[string]string{"COFFER_LOG_LEVELS": "info"}, want: "COFFER_LOG_LEVELS"},
		"a bad boolean flag":     {arguments: []string{"--insecure-no-tls=maybe"}, want: "--insecure-no-tls"},
		"a file of the variable": {env: map[string]string{"COFFER_CONFIG": "/nowhere/y.yaml"}, want: "/nowhere/y.yaml"},
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
