package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/render"
)

func env(name string) render.Item {
	return render.Item{SecretName: "s", Key: "k", Target: render.Target{Env: &render.EnvTarget{Name: name}}}
}

func allEnv(prefix string) render.Item {
	return render.Item{SecretName: "s", AllKeys: true, Target: render.Target{Env: &render.EnvTarget{Prefix: prefix}}}
}

func file(path string) render.Item {
	return render.Item{SecretName: "s", Key: "k", Target: render.Target{File: &render.FileTarget{Path: path}}}
}

func of(items ...render.Item) render.Recipe { return render.Recipe{Items: items} }

func TestCheck(t *testing.T) {
	with := func(item render.Item, change func(*render.Item)) render.Item { change(&item); return item }
	tests := []struct {
		name  string
		items []render.Item
		want  []string // fields of the violations
	}{
		{"nothing", nil, nil},
		{"variables and files", []render.Item{env("A"), env("_a1"), allEnv(""), allEnv("DB_"), file("a"), file("d/a"), file("d/b.c")}, nil},
		{"no key", []render.Item{with(env("A"), func(i *render.Item) { i.Key = "" })}, []string{"items[0].key"}},
		{"key and all keys", []render.Item{with(allEnv(""), func(i *render.Item) { i.Key = "k" })}, []string{"items[0].key"}},
		{"ill-formed key", []render.Item{with(env("A"), func(i *render.Item) { i.Key = "a b" })}, []string{"items[0].key"}},
		{"no target", []render.Item{{SecretName: "s", Key: "k"}}, []string{"items[0]"}},
		{"two targets", []render.Item{with(env("A"), func(i *render.Item) { i.File = file("f").File })}, []string{"items[0]"}},
		{"name for all keys", []render.Item{with(allEnv(""), func(i *render.Item) { i.Env.Name = "A" })}, []string{"items[0].env"}},
		{"prefix for one key", []render.Item{with(env("A"), func(i *render.Item) { i.Env.Prefix = "A" })}, []string{"items[0].env_prefix"}},
		{"same variable", []render.Item{env("A"), env("B"), env("A")}, []string{"items[2].env"}},
		{"variables differ in case", []render.Item{env("A"), env("a")}, nil},
		{"same path", []render.Item{file("a/b"), file("a/b")}, []string{"items[1].file.path"}},
		{"file as directory, before", []render.Item{file("a"), file("a/b/c")}, []string{"items[1].file.path"}},
		{"file as directory, after", []render.Item{file("a/b/c"), file("a/b")}, []string{"items[0].file.path"}},
		{"names that begin alike", []render.Item{file("a"), file("a.b/c"), file("ab")}, nil},
		{"RAW of all keys", []render.Item{with(file("a"), func(i *render.Item) { i.Key, i.AllKeys = "", true })}, []string{"items[0].file.format"}},
		{"unknown format", []render.Item{with(file("a"), func(i *render.Item) { i.File.Format = 99 })}, []string{"items[0].file.format"}},
		{"two things", []render.Item{env("1"), file("/a")}, []string{"items[0].env", "items[1].file.path"}},
		{"too many items", make([]render.Item, render.MaxItems+1), []string{"items"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			err := render.Check(of(tt.items...))
			for _, v := range violations(err) {
				got = append(got, v.Field)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Check = %v, violations (-want +got):\n%s", err, diff)
			}
			if _, rerr := render.Render(t.Context(), of(tt.items...)); err != nil && (rerr == nil || rerr.Error() != err.Error()) {
				t.Errorf("Render = %v, want the error of Check: %v", rerr, err)
			}
		})
	}
}

func TestCheck_secrets(t *testing.T) {
	var items []render.Item
	for i := range render.MaxSecrets {
		for _, half := range "ab" {
			item := env(fmt.Sprintf("V%d%c", i, half))
			item.SecretName = fmt.Sprint(i)
			items = append(items, item)
		}
	}
	if err := render.Check(of(items...)); err != nil {
		t.Errorf("Check of %d secrets: %v", render.MaxSecrets, err)
	}
	if err := render.Check(of(append(items, env("B"))...)); err == nil {
		t.Errorf("Check allows %d secrets", render.MaxSecrets+1)
	}
}

func TestCheck_paths(t *testing.T) {
	refused := []string{
		"", "/", "/etc/passwd", "..", "../a", "a/../b", "a/..", ".", "./a", "a/.", "a//b", "a/", "//a",
		"a\x00b", "a\nb", "a\x7f", "a\u0085", `a\b`, `..\a`, `C:\a`, "C:a", "a\xff",
		strings.Repeat("a", 256), strings.Repeat("a/", 512) + "a",
	}
	for _, path := range refused {
		if err := render.Check(of(file(path))); err == nil {
			t.Errorf("Check allows the path %q", path)
		}
	}
	for _, path := range []string{"a", ".pgpass", "...", "..a", "a b", "é/ü", strings.Repeat("a", 255), strings.Repeat("a/", 511) + "a"} {
		if err := render.Check(of(file(path))); err != nil {
			t.Errorf("Check refuses the path %q: %v", path, err)
		}
	}
}

func TestCheck_modes(t *testing.T) {
	for mode, ok := range map[uint32]bool{
		0: true, 0o400: true, 0o640: true, 0o777: true, 0o1000: false, 0o2755: false, 0o4755: false, 0o100600: false, 1 << 31: false,
	} {
		item := file("a")
		item.File.Mode = mode
		if err := render.Check(of(item)); (err == nil) != ok {
			t.Errorf("Check of mode %o = %v, want allowed: %v", mode, err, ok)
		}
	}
}

func TestCheck_variableNames(t *testing.T) {
	refused := strings.Fields(`LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES BASH_ENV ENV SHELLOPTS BASHOPTS PATH Path
		NODE_OPTIONS PYTHONPATH PYTHONSTARTUP PYTHONHOME PERL5LIB PERL5OPT RUBYOPT RUBYLIB JAVA_TOOL_OPTIONS _JAVA_OPTIONS
		JDK_JAVA_OPTIONS GIT_SSH GIT_SSH_COMMAND GIT_EXEC_PATH GIT_CONFIG_COUNT IFS PS4 PROMPT_COMMAND GLIBC_TUNABLES LOCALDOMAIN
		RES_OPTIONS HOSTALIASES COFFER_TOKEN COFFER_ HOME CLASSPATH HTTP_PROXY https_proxy ALL_PROXY
		no_proxy SSLKEYLOGFILE NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE PIP_INDEX_URL
		NPM_CONFIG_REGISTRY npm_config_registry GIT_SSL_CAINFO a-b a.b 1A =A A=B`)
	refused = append(refused, "", "A B", "A\n", "\u00c9", strings.Repeat("A", 513))
	for _, name := range refused {
		if err := render.Check(of(env(name))); err == nil {
			t.Errorf("Check allows the variable %q", name)
		}
	}
	for name := range strings.FieldsSeq("PGPASSWORD db_password _ A1 GIT_TOKEN JAVA_KEYSTORE_PASSWORD ENVIRONMENT PATHS PROXY PIPE NPM_TOKEN COFFERS") {
		if err := render.Check(of(env(name))); err != nil {
			t.Errorf("Check refuses the variable %q: %v", name, err)
		}
	}
	for _, prefix := range []string{"LD_", "ld_", "COFFER_", "LD_X", "1", "A-", "BASH_"} {
		if err := render.Check(of(allEnv(prefix))); err == nil {
			t.Errorf("Check allows the prefix %q", prefix)
		}
	}
}
