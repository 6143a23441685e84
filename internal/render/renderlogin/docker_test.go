package renderlogin_test

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
)

// dockerConfig writes a configuration with one entry for each payload, of secrets s0, s1, ….
func dockerConfig(c renderlogin.Connection, payloads ...plaintext.Payload) (plaintext.Value, error) {
	var entries []renderlogin.DockerEntry
	for i, p := range payloads {
		e, err := renderlogin.DockerOf(p, c, "generic")
		if err != nil {
			return plaintext.Value{}, err
		}
		e.Login.Secret = fmt.Sprintf("s%d", i)
		entries = append(entries, e)
	}
	return renderlogin.DockerConfig(entries)
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

func config(text string) plaintext.Payload { return payload(renderlogin.DockerConfigKey, text) }

func TestDockerConfig(t *testing.T) {
	auth := func(registry string) string {
		return `{"auths":{"` + registry + `":{"auth":"` + basic("u", "p") + `"}}}` + "\n"
	}
	of := func(registry string) plaintext.Payload {
		return payload("registry", registry, "username", "u", "password", "p")
	}
	for _, tc := range []struct {
		name     string
		c        renderlogin.Connection
		payloads []plaintext.Payload
		want     string
		wantErr  error
	}{
		{name: "none", want: `{"auths":{}}` + "\n"},
		{name: "one", payloads: []plaintext.Payload{of("Ghcr.io")}, want: auth("Ghcr.io")},
		{name: "Docker Hub", payloads: []plaintext.Payload{of("docker.io")}, want: auth("https://index.docker.io/v1/")},
		{name: "Docker Hub as docker has it", payloads: []plaintext.Payload{of("https://index.docker.io/v1/")}, want: auth("https://index.docker.io/v1/")},
		{name: "port", payloads: []plaintext.Payload{of("r.example:5000")}, want: auth("r.example:5000")},
		{name: "port of the connection", c: renderlogin.Connection{Host: "::1", Port: 5000}, payloads: []plaintext.Payload{of("x")}, want: auth("[::1]:5000")},
		{name: "path", payloads: []plaintext.Payload{of("r.example/team")}, want: auth("r.example/team")},
		{
			name: "two", payloads: []plaintext.Payload{of("b"), of("a")},
			want: `{"auths":{"a":{"auth":"` + basic("u", "p") + `"},"b":{"auth":"` + basic("u", "p") + `"}}}` + "\n",
		},
		{name: "one twice", payloads: []plaintext.Payload{of("a"), of("a")}, wantErr: renderlogin.ErrTwice},
		{name: "one in two spellings", payloads: []plaintext.Payload{of("a"), of("https://A/v1/")}, wantErr: renderlogin.ErrTwice},
		{name: "no registry", payloads: []plaintext.Payload{payload("username", "u", "password", "p")}, wantErr: renderlogin.ErrIncomplete},
		{name: "malformed registry", payloads: []plaintext.Payload{of("a b")}, wantErr: renderlogin.ErrConnection},
		{name: "registry with a user", payloads: []plaintext.Payload{of("https://u@a/")}, wantErr: renderlogin.ErrConnection},
		{
			name: "user with a colon", payloads: []plaintext.Payload{payload("registry", "a", "username", "u:v", "password", "p")},
			wantErr: renderlogin.ErrUnwritable,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := dockerConfig(tc.c, tc.payloads...)
			check(t, v, err, tc.want, tc.wantErr)
		})
	}
}

func TestDockerConfig_takesOver(t *testing.T) {
	up := basic("u", "p")
	for _, tc := range []struct{ name, text, want string }{
		{"auth", `{"auths":{"r":{"auth":"` + up + `"}}}`, `{"auths":{"r":{"auth":"` + up + `"}}}`},
		{"user and password", `{"auths":{"docker.io":{"auth":"","username":"u","password":"p"}}}`, `{"auths":{"https://index.docker.io/v1/":{"auth":"` + up + `"}}}`},
		{"all three", `{"auths":{"r":{"auth":"` + up + `","username":"u","password":"p","email":"x"}}}`, `{"auths":{"r":{"auth":"` + up + `"}}}`},
		{
			"identity token", `{"auths":{"r":{"auth":"` + basic("u", "") + `","identitytoken":"t"}}}`,
			`{"auths":{"r":{"auth":"` + basic("u", "") + `","identitytoken":"t"}}}`,
		},
		{"registry token", `{"auths":{"r":{"registrytoken":"t"}}}`, `{"auths":{"r":{"registrytoken":"t"}}}`},
		{
			"helpers are left", `{"auths":{"*.r.example":{"auth":"` + up + `"}},"credsStore":"evil","credHelpers":{"r":"evil"},"HttpHeaders":{"X":"y"}}`,
			`{"auths":{"*.r.example":{"auth":"` + up + `"}}}`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := dockerConfig(renderlogin.Connection{}, config(tc.text))
			check(t, v, err, tc.want+"\n", nil)
		})
	}
}

func TestDockerConfig_refuses(t *testing.T) {
	many := strings.Repeat(`"r":{},`, 300)
	for i := range 300 {
		many = strings.Replace(many, `"r":{},`, fmt.Sprintf(`"r%d":{"registrytoken":"t"},`, i), 1)
	}
	for name, text := range map[string]string{
		"no JSON":           `x`,
		"empty":             ``,
		"list":              `[]`,
		"no auths":          `{}`,
		"null":              `{"auths":null}`,
		"no login":          `{"auths":{}}`,
		"other case":        `{"Auths":{"r":{"registrytoken":"t"}}}`,
		"two documents":     `{"auths":{"r":{"registrytoken":"t"}}}{}`,
		"not UTF-8":         `{"auths":{"r":{"registrytoken":"` + "\xff" + `"}}}`,
		"empty entry":       `{"auths":{"r":{}}}`,
		"entry of a text":   `{"auths":{"r":"x"}}`,
		"number":            `{"auths":{"r":{"auth":1}}}`,
		"no base64":         `{"auths":{"r":{"auth":"!"}}}`,
		"no colon":          `{"auths":{"r":{"auth":"` + base64.StdEncoding.EncodeToString([]byte("u")) + `"}}}`,
		"no password":       `{"auths":{"r":{"username":"u"}}}`,
		"NUL":               `{"auths":{"r":{"auth":"` + basic("u", "p\x00") + `"}}}`,
		"two that differ":   `{"auths":{"r":{"auth":"` + basic("u", "p") + `","password":"q"}}}`,
		"user with a colon": `{"auths":{"r":{"username":"u:v","password":"q"}}}`,
		"malformed name":    `{"auths":{"r r":{"registrytoken":"t"}}}`,
		"empty name":        `{"auths":{"":{"registrytoken":"t"}}}`,
		"Docker Hub twice":  `{"auths":{"docker.io":{"registrytoken":"t"},"index.docker.io":{"registrytoken":"t"}}}`,
		"many":              `{"auths":{` + strings.TrimSuffix(many, ",") + `}}`,
		"long":              `{"auths":{"r":{"registrytoken":"t"}}}` + strings.Repeat(" ", 256<<10),
	} {
		v, err := dockerConfig(renderlogin.Connection{}, config(text))
		if err == nil {
			t.Errorf("%s: it was written: %s", name, v.Reveal())
		}
	}
	if _, err := dockerConfig(renderlogin.Connection{Host: "r"}, config(`{"auths":{"r":{"registrytoken":"t"}}}`)); err == nil {
		t.Error("a connection that has no effect was taken")
	}
}

func TestDockerConfig_dockerReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		user, password := text().Draw(t, "user"), text().Draw(t, "password")
		v, err := dockerConfig(renderlogin.Connection{Host: "r.example"}, payload("username", user, "password", password))
		if err != nil {
			if !strings.Contains(user, ":") {
				t.Fatalf("DockerConfig: %v", err)
			}
			return
		}
		file := configfile.New("")
		if err := file.LoadFromReader(strings.NewReader(string(v.Reveal()))); err != nil {
			t.Fatalf("LoadFromReader: %v", err)
		}
		got := file.GetAuthConfigs()["r.example"]
		if got.Username != user || got.Password != password {
			t.Fatalf("docker reads %s as %q, %q, want %q, %q", v.Reveal(), got.Username, got.Password, user, password)
		}
	})
}

// A registry's client finds the login in the file, and pushes and pulls with it.
func TestDockerConfig_logsIn(t *testing.T) {
	passwords := []string{"correct-horse", hostile, `"`, "a:b:c", "ends in a newline\n", "\u00a0"}
	for i, password := range passwords {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			host := startRegistry(t, "jörg", password)
			repository, err := name.NewRepository(host + "/team/app")
			if err != nil {
				t.Fatal(err)
			}
			image, err := random.Image(64, 2)
			if err != nil {
				t.Fatal(err)
			}
			right := payload("registry", host, "username", "jörg", "password", password)
			wrong := payload("registry", host, "username", "jörg", "password", password+"x")
			if err := remote.Write(repository.Tag("1"), image, keychain(t, wrong)); err == nil {
				t.Fatal("a wrong password pushes")
			}
			if err := remote.Write(repository.Tag("1"), image, keychain(t, right)); err != nil {
				t.Fatalf("pushing: %v", err)
			}
			pulled, err := remote.Image(repository.Tag("1"), keychain(t, config(
				fmt.Sprintf(`{"auths":{"http://%s/v2/":{"auth":%q}}}`, host, basic("jörg", password)))))
			if err != nil {
				t.Fatalf("pulling: %v", err)
			}
			want, wantErr := image.Digest()
			got, gotErr := pulled.Digest()
			if diff := cmp.Diff(want, got); diff != "" || wantErr != nil || gotErr != nil {
				t.Errorf("digest (-want +got): %s %v %v", diff, wantErr, gotErr)
			}
		})
	}
}

// keychain has the client look for logins where docker's configuration is.
func keychain(t *testing.T, p plaintext.Payload) remote.Option {
	t.Helper()
	v, err := dockerConfig(renderlogin.Connection{}, p)
	if err != nil {
		t.Fatalf("DockerConfig: %v", err)
	}
	t.Setenv("DOCKER_CONFIG", filepath.Dir(writeFile(t, "config.json", v)))
	return remote.WithAuthFromKeychain(authn.DefaultKeychain)
}

// startRegistry starts one that lets one user in, and returns its address.
func startRegistry(t *testing.T, user, password string) string {
	t.Helper()
	images := registry.New(registry.Logger(slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, p, ok := r.BasicAuth()
		if !ok || u != user || subtle.ConstantTimeCompare([]byte(p), []byte(password)) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			http.Error(w, "", http.StatusUnauthorized)
			return
		}
		images.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}
