package auditsink_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/coffer-dev/coffer/internal/audit/auditsink"
)

func TestSettings_fromYAML(t *testing.T) {
	const text = `
- {name: out, kind: stdout, from: beginning}
- {name: siem, kind: syslog, url: "tls://siem.example:6514", ca_file: /etc/ca.pem, deadline: 1m30s, batch_size: 100}
- {name: hook, kind: webhook, url: "https://hooks.example/a?b=c", secret_file: /etc/hook.secret}
- {name: otel, kind: otlp, url: "http://127.0.0.1:4318/v1/logs"}
- {name: local, kind: syslog, url: "unix:///dev/log"}
`
	var got []auditsink.Settings
	if err := yaml.UnmarshalStrict([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := []auditsink.Settings{
		{Name: "out", Kind: auditsink.Stdout, From: "beginning"},
		{
			Name: "siem", Kind: auditsink.Syslog, URL: "tls://siem.example:6514", CAFile: "/etc/ca.pem",
			Deadline: auditsink.Duration(90 * time.Second), BatchSize: 100,
		},
		{Name: "hook", Kind: auditsink.Webhook, URL: "https://hooks.example/a?b=c", SecretFile: "/etc/hook.secret"},
		{Name: "otel", Kind: auditsink.OTLP, URL: "http://127.0.0.1:4318/v1/logs"},
		{Name: "local", Kind: auditsink.Syslog, URL: "unix:///dev/log"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings differ (-want +got):\n%s", diff)
	}
	if err := auditsink.Validate(got); err != nil {
		t.Errorf("Validate: %v", err)
	}
	again, err := yaml.Marshal(got)
	if err != nil || !strings.Contains(string(again), "deadline: 1m30s") {
		t.Errorf("Marshal = %s, %v, want the deadline as it was", again, err)
	}
	if err := yaml.Unmarshal([]byte("deadline: fast"), &want[0]); err == nil {
		t.Error("deadline fast was taken")
	}
}

func TestValidate_refuses(t *testing.T) {
	type s = auditsink.Settings
	hook := s{Name: "a", Kind: auditsink.Webhook, URL: "https://h.example/", SecretFile: "f"}
	with := func(base s, change func(*s)) []s {
		change(&base)
		return []s{base}
	}
	syslog := func(url string) []s { return []s{{Name: "a", Kind: auditsink.Syslog, URL: url}} }
	for name, test := range map[string]struct {
		sinks []s
		want  string
	}{
		"no name":             {[]s{{Kind: auditsink.Stdout}}, "name must be"},
		"name is a path":      {[]s{{Name: "../../etc/passwd", Kind: auditsink.Stdout}}, "name must be"},
		"name with a line":    {[]s{{Name: "a\n", Kind: auditsink.Stdout}}, "name must be"},
		"no kind":             {[]s{{Name: "a"}}, "is none of"},
		"a file":              {[]s{{Name: "a", Kind: "file", URL: "file:///etc/cron.d/x"}}, "is none of"},
		"stdout with url":     {[]s{{Name: "a", Kind: auditsink.Stdout, URL: "file:///x"}}, "stdout takes neither"},
		"two on stdout":       {[]s{{Name: "a", Kind: auditsink.Stdout}, {Name: "b", Kind: auditsink.Stdout}}, "second on stdout"},
		"name twice":          {[]s{hook, hook}, "twice"},
		"too many":            {make([]s, 17), "at most 16"},
		"deadline":            {with(hook, func(h *s) { h.Deadline = -1 }), "deadline"},
		"long deadline":       {with(hook, func(h *s) { h.Deadline = auditsink.Duration(time.Hour) }), "deadline"},
		"batch":               {with(hook, func(h *s) { h.BatchSize = 1001 }), "batch_size"},
		"from":                {with(hook, func(h *s) { h.From = "yesterday" }), "from"},
		"no url":              {with(hook, func(h *s) { h.URL = "" }), "no url"},
		"unreadable url":      {with(hook, func(h *s) { h.URL = "https://h%zz" }), "cannot be parsed"},
		"http far away":       {with(hook, func(h *s) { h.URL = "http://h.example/" }), "must be https"},
		"http to a lookalike": {with(hook, func(h *s) { h.URL = "http://localhost.evil.example/" }), "must be https"},
		"webhook to a file":   {with(hook, func(h *s) { h.URL = "file:///etc/passwd" }), "no host"},
		"ftp":                 {with(hook, func(h *s) { h.URL = "ftp://h.example/" }), "must be https"},
		"credentials":         {with(hook, func(h *s) { h.URL = "https://u:hunter2@h.example/" }), "holds credentials"},
		"fragment":            {with(hook, func(h *s) { h.URL = "https://h.example/#x" }), "fragment"},
		"unsigned":            {with(hook, func(h *s) { h.SecretFile = "" }), "needs a secret_file"},
		"ca without tls":      {with(hook, func(h *s) { h.URL, h.CAFile = "http://127.0.0.1/", "f" }), "ca_file"},
		"otlp without path":   {[]s{{Name: "a", Kind: auditsink.OTLP, URL: "https://c.example:4318"}}, "/v1/logs"},
		"syslog over http":    {syslog("http://h.example:514"), "must be udp"},
		"syslog without port": {syslog("udp://h.example"), "no address"},
		"syslog without host": {syslog("udp://:514"), "no address"},
		"syslog with path":    {syslog("tcp://h.example:514/x"), "no address"},
		"unix without path":   {syslog("unix://dev"), "no socket"},
		"syslog with secret":  {with(syslog("tcp://h:1")[0], func(h *s) { h.SecretFile = "f" }), "no secret_file"},
		"syslog ca for tcp":   {with(syslog("tcp://h:1")[0], func(h *s) { h.CAFile = "f" }), "ca_file"},
	} {
		t.Run(name, func(t *testing.T) {
			err := auditsink.Validate(test.sinks)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("Validate = %v, want an error that has %q and no credential", err, test.want)
			}
			c := config(t, openLog(t), test.sinks...)
			if _, err := auditsink.New(c); err == nil {
				t.Error("New took what Validate refuses")
			}
		})
	}
}

// A secret that others can read, or that is none, is refused at the start, and not repeated.
func TestNew_secretFile(t *testing.T) {
	const good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	for name, test := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"good":           {good + "\n", 0o600, ""},
		"without prefix": {strings.TrimPrefix(good, "whsec_"), 0o400, ""},
		"open":           {good, 0o640, "open to others"},
		"empty":          {" \n", 0o600, "is empty"},
		"short":          {"whsec_aHVudGVyMg==", 0o600, "24 to 64"},
		"no base64":      {"hunter2hunter2hunter2hunter2hunter2!", 0o600, "24 to 64"},
		"large":          {strings.Repeat(good+"\n", 200), 0o600, "too large"},
		"many":           {strings.Repeat(good+"\n", 5), 0o600, "too many"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(test.text), test.mode); err != nil {
				t.Fatal(err)
			}
			c := config(t, openLog(t), auditsink.Settings{
				Name: "hook", Kind: auditsink.Webhook, URL: "https://h.example/", SecretFile: path,
			})
			_, err := auditsink.New(c)
			if test.want == "" {
				if err != nil {
					t.Errorf("New: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("New = %v, want an error that has %q and no secret", err, test.want)
			}
		})
	}
}

func TestNew_missingFiles(t *testing.T) {
	for name, s := range map[string]auditsink.Settings{
		"secret": {Name: "a", Kind: auditsink.Webhook, URL: "https://h.example/", SecretFile: "/nonexistent/secret"},
		"token":  {Name: "a", Kind: auditsink.OTLP, URL: "https://h.example/v1/logs", SecretFile: "/nonexistent/token"},
		"ca":     {Name: "a", Kind: auditsink.Syslog, URL: "tls://h.example:6514", CAFile: "/nonexistent/ca.pem"},
		"no ca":  {Name: "a", Kind: auditsink.Syslog, URL: "tls://h.example:6514", CAFile: "/dev/null"},
		"folder": {Name: "a", Kind: auditsink.OTLP, URL: "https://h.example/v1/logs", SecretFile: "/"},
	} {
		if _, err := auditsink.New(config(t, openLog(t), s)); err == nil {
			t.Errorf("%s: New took it", name)
		}
	}
	c := config(t, openLog(t), stdoutSettings("now"))
	c.Stdout = nil
	if _, err := auditsink.New(c); err == nil {
		t.Error("New took stdout without one")
	}
}
