package renderlogin

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// DockerConfigKey is the key whose value is a docker configuration, as Kubernetes names it.
const DockerConfigKey = ".dockerconfigjson"

const (
	maxDockerConfig = 256 << 10
	maxRegistries   = 256
	dockerHub       = "https://index.docker.io/v1/"
)

// DockerEntry is a login of a registry, or a docker configuration with several.
type DockerEntry struct {
	// Login is the login, and names the secret in either case.
	Login Login

	config part
}

// DockerOf reads an entry from a payload: the logins of its key `.dockerconfigjson`, or else the login that Of reads.
func DockerOf(payload plaintext.Payload, c Connection, secretType string) (DockerEntry, error) {
	config, ok := payload[DockerConfigKey]
	if !ok {
		l, err := Of(payload, c, secretType)
		return DockerEntry{Login: l}, err
	}
	if c.Host != "" || c.Port != 0 {
		return DockerEntry{}, fmt.Errorf("%w: the key %q says itself where its logins log in", ErrConnection, DockerConfigKey)
	}
	return DockerEntry{config: part{name: DockerConfigKey, value: config.Value}}, nil
}

// dockerAuth is the login of one registry.
type dockerAuth struct {
	Auth          string `json:"auth,omitempty"`
	IdentityToken string `json:"identitytoken,omitempty"`
	RegistryToken string `json:"registrytoken,omitempty"`
}

// DockerConfig writes the config.json of docker. Each registry is spelled as it was given, but for Docker Hub, which docker
// knows under one name only. The login is in `auth`, which every reader looks at first.
func DockerConfig(entries []DockerEntry) (plaintext.Value, error) {
	auths := map[string]dockerAuth{}
	places := places{}
	for _, e := range entries {
		found, err := e.auths()
		if err != nil {
			return plaintext.Value{}, e.Login.named(err)
		}
		for _, registry := range slices.Sorted(maps.Keys(found)) {
			if err := places.take(sameRegistry(registry), e.Login.Secret); err != nil {
				return plaintext.Value{}, e.Login.named(err)
			}
			auths[registry] = found[registry]
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{"auths": auths}); err != nil {
		panic("renderlogin: encoding DOCKER_CONFIG") // not the cause, which could quote a value
	}
	return plaintext.New(b.Bytes()), nil
}

// auths are the logins of an entry by registry.
func (e DockerEntry) auths() (map[string]dockerAuth, error) {
	if e.config.name != "" {
		return parseDockerConfig(e.config)
	}
	l := e.Login
	if !l.host.said() {
		return nil, fmt.Errorf("%w: there is no registry", ErrIncomplete)
	}
	name, err := l.registry()
	if err != nil {
		return nil, err
	}
	if strings.Contains(l.username.text(), ":") {
		return nil, l.username.unwritable("has a colon, which ends a user name")
	}
	return map[string]dockerAuth{name: {Auth: basic(l.username.text(), l.password.text())}}, nil
}

// CheckDockerConfig tells whether logins with the connection can stand in a docker configuration.
func CheckDockerConfig(c Connection) error {
	l, err := fileOf(c)
	if err == nil && l.host.said() {
		_, err = l.registry()
	}
	return err
}

func (l Login) registry() (string, error) {
	name := l.host.text()
	if l.port.said() {
		host, err := hostOf(l.host)
		if err != nil {
			return "", fmt.Errorf("%w, as it has to be where a port stands beside it", err)
		}
		port, err := portOf(l.port)
		if err != nil {
			return "", err
		}
		name = net.JoinHostPort(host, port)
	}
	name, ok := registryName(name)
	if !ok {
		return "", fmt.Errorf("%w: %q is no registry", ErrConnection, l.host.name)
	}
	return name, nil
}

func basic(username, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(username + ":" + password))
}

// parseDockerConfig takes over the logins of a docker configuration and nothing else: helpers that it names are programs.
func parseDockerConfig(config part) (map[string]dockerAuth, error) {
	malformed := config.unwritable("is no docker configuration whose `auths` are logins")
	var top, raw map[string]json.RawMessage // maps, since the fields of structs match in any case
	if config.value.Len() > maxDockerConfig || !utf8.Valid(config.value.Reveal()) ||
		json.Unmarshal(config.value.Reveal(), &top) != nil || json.Unmarshal(top["auths"], &raw) != nil {
		return nil, malformed
	}
	if len(raw) == 0 || len(raw) > maxRegistries {
		return nil, config.unwritable(fmt.Sprintf("has no logins, or more than %d", maxRegistries))
	}
	auths := map[string]dockerAuth{}
	for registry, entry := range raw {
		var fields map[string]json.RawMessage
		if json.Unmarshal(entry, &fields) != nil {
			return nil, malformed
		}
		auth, ok := dockerAuthOf(fields)
		name, known := registryName(registry)
		if _, twice := auths[name]; !ok || !known || twice {
			return nil, malformed
		}
		auths[name] = auth
	}
	return auths, nil
}

// dockerAuthOf reads a login. It reports false if that is malformed, or has user name and password twice with a difference.
func dockerAuthOf(fields map[string]json.RawMessage) (dockerAuth, bool) {
	text := map[string]string{}
	for _, name := range []string{"auth", "username", "password", "identitytoken", "registrytoken"} {
		var s string
		if raw, ok := fields[name]; ok && json.Unmarshal(raw, &s) != nil || strings.ContainsRune(s, 0) {
			return dockerAuth{}, false
		}
		text[name] = s
	}
	a := dockerAuth{IdentityToken: text["identitytoken"], RegistryToken: text["registrytoken"]}
	username, password := text["username"], text["password"]
	if text["auth"] != "" {
		decoded, err := base64.StdEncoding.DecodeString(text["auth"])
		user, pass, ok := strings.Cut(string(decoded), ":")
		if err != nil || !ok || !utf8.Valid(decoded) || bytes.Contains(decoded, []byte{0}) ||
			username != "" && username != user || password != "" && password != pass {
			return dockerAuth{}, false
		}
		username, password = user, pass
	}
	if strings.Contains(username, ":") || (username == "" || password == "") && a == (dockerAuth{}) {
		return dockerAuth{}, false
	}
	if username != "" || password != "" {
		a.Auth = basic(username, password)
	}
	return a, true
}

// registry is a host with or without a scheme, a port and a path; Kubernetes takes * in hosts.
var registry = regexp.MustCompile(`^(https?://)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9*_][-A-Za-z0-9._*]{0,252})(:[1-9][0-9]{0,4})?(/[-A-Za-z0-9._~/]*)?$`)

// registryName is how docker spells a registry. It reports false for what is none.
func registryName(name string) (string, bool) {
	switch strings.TrimSuffix(strings.TrimPrefix(name, "https://"), "/") {
	case "docker.io", "index.docker.io", "index.docker.io/v1":
		return dockerHub, true
	}
	return name, len(name) <= 512 && registry.MatchString(name)
}

// sameRegistry is equal for spellings that readers do not tell apart.
func sameRegistry(name string) string {
	name = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(name), "https://"), "http://")
	name = strings.TrimSuffix(name, "/")
	return strings.TrimSuffix(strings.TrimSuffix(name, "/v1"), "/v2")
}
