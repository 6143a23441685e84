package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/coffer-dev/coffer/pkg/client"
)

// defaultAddress is where cofferd listens unless told otherwise.
const defaultAddress = "http://127.0.0.1:8080"

// settings say where the server is and who is calling. The exported ones are what a login stores.
type settings struct {
	Address    string `json:"address"`
	TokenFile  string `json:"-"`
	Namespace  string `json:"namespace,omitempty"`
	CACert     string `json:"caCert,omitempty"`
	ClientCert string `json:"clientCert,omitempty"`
	ClientKey  string `json:"clientKey,omitempty"`
	Keyring    bool   `json:"keyring,omitempty"` // where the credential is, rather than here
	credential

	Issuer *issuer `json:"issuer,omitempty"` // that vouches for the user; nil: the token is one of Coffer's own

	insecure bool
	resolved bool
	stored   bool // the credential is that of the stored login
	// unrenewed: a login that is about to expire is not renewed, since there may be no time to keep what the issuer gives.
	unrenewed bool
}

// credential is what shows who the user is.
type credential struct {
	Token string `json:"token,omitempty"`
	// RefreshToken and ExpireTime are those of an issuer's token.
	RefreshToken string    `json:"refreshToken,omitempty"`
	ExpireTime   time.Time `json:"expireTime,omitzero"`
}

// complete fills what the flags left open from the environment and then from the stored login, which counts only for
// the server it was made with: its credential must not travel to another.
func (s settings) complete(env func(string) string, stored settings) settings {
	if s.TokenFile == "" {
		s.Token = env("COFFER_TOKEN")
		if s.Token == "" {
			s.TokenFile = env("COFFER_TOKEN_FILE")
		}
	}
	fill := func(field *string, values ...string) {
		for _, value := range values {
			if *field == "" {
				*field = value
			}
		}
	}
	fill(&s.Address, env("COFFER_ADDR"), stored.Address, defaultAddress)
	s.Address = strings.TrimRight(s.Address, "/")
	if s.Address != stored.Address {
		stored = settings{}
	}
	fill(&s.Namespace, env("COFFER_NAMESPACE"), stored.Namespace)
	fill(&s.CACert, env("COFFER_CACERT"), stored.CACert)
	fill(&s.ClientCert, env("COFFER_CLIENT_CERT"), stored.ClientCert)
	fill(&s.ClientKey, env("COFFER_CLIENT_KEY"), stored.ClientKey)
	if s.TokenFile == "" && s.Token == "" {
		s.credential, s.Keyring, s.Issuer = stored.credential, stored.Keyring, stored.Issuer
		s.stored = s.Token != "" || s.Keyring
	}
	s.resolved = true
	return s
}

func (s settings) dial() (*client.Client, error) {
	config := client.Config{
		Address: s.Address, Token: s.Token, TokenFile: s.TokenFile,
		CACert: s.CACert, ClientCert: s.ClientCert, ClientKey: s.ClientKey,
		Insecure: s.insecure, UserAgent: "coffer/" + buildVersion(),
	}
	if s.stored && (s.Keyring || s.Issuer != nil) {
		config.Token, config.TokenSource = "", (&session{settings: s}).token
	}
	return client.New(config)
}

// loginPath is where login stores; empty where the user has no home.
func loginPath() string {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "coffer", "config.yaml")
}

// loadLogin returns the stored login, or empty settings if there is none.
func loadLogin() (settings, error) {
	path := loginPath()
	info, err := os.Stat(path)
	// Without a home there is no login either: workloads run so.
	if path == "" || errors.Is(err, fs.ErrNotExist) {
		return settings{}, nil
	}
	if err != nil {
		return settings{}, fmt.Errorf("reading the stored login: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return settings{}, fmt.Errorf("the stored login %s is open to others: run chmod 600 on it, and renew the token", path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return settings{}, fmt.Errorf("reading the stored login: %w", err)
	}
	var stored settings
	if err := yaml.UnmarshalStrict(content, &stored); err != nil {
		// The parser's words could quote the token.
		return settings{}, fmt.Errorf("the stored login %s is damaged: run coffer login again", path)
	}
	return stored, nil
}

// writeLogin replaces the file of the stored login in one step.
func writeLogin(s settings) (string, error) {
	path := loginPath()
	if path == "" {
		return "", usage("there is no home directory to store the login in: set HOME or XDG_CONFIG_HOME")
	}
	content, err := yaml.Marshal(s) //nolint:gosec // storing the token for its owner alone is what login is for
	if err != nil {
		return "", fmt.Errorf("storing the login: %w", err)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("storing the login: %w", err)
	}
	f, err := os.CreateTemp(dir, ".config-*") // 0600
	if err != nil {
		return "", fmt.Errorf("storing the login: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = bytes.NewReader(content).WriteTo(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("storing the login: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return "", fmt.Errorf("storing the login: %w", err)
	}
	return path, nil
}
