package server

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/coffer-dev/coffer/internal/naming"
)

// Config says what a server serves, and where. The tags name its keys in the configuration file and its flags.
type Config struct {
	// DataDir holds everything the server keeps. Required; created with mode 0700 if there is none.
	DataDir string `json:"data_dir" flag:"data-dir" usage:"folder of the store, the audit log and, unless --kek says otherwise, the key"`
	// HTTP is the address of REST, health and metrics, which answers gRPC too. Required.
	HTTP string `json:"http" flag:"http" usage:"address of REST, health, metrics and gRPC by content type"`
	// GRPC is the address of the native gRPC listener. Required.
	GRPC string `json:"grpc" flag:"grpc" usage:"address of native gRPC"`
	// InsecureNoTLS allows addresses beyond this machine without TLS.
	InsecureNoTLS bool `json:"insecure_no_tls" flag:"insecure-no-tls" usage:"serve without TLS beyond this machine: tokens and values cross the network readable"`
	// TLS names the certificate files.
	TLS TLS `json:"tls"`
	// Storage is the engine: bbolt. Required.
	Storage string `json:"storage" flag:"storage" usage:"storage engine: bbolt"`
	// KEK is the URI of the key encryption key, file:PATH. Empty: kek.json in DataDir.
	KEK string `json:"kek" flag:"kek" usage:"key encryption key, file:PATH; empty: kek.json in the data dir"`
	// URL is where clients reach the server, such as https://coffer.example.com. Empty: what they ask for.
	URL string `json:"url" flag:"url" usage:"URL at which clients reach the server, for what it tells of itself; empty: the one they ask for"`
	// Auth says who else than the holders of Coffer's own tokens may come in.
	Auth Auth `json:"auth"`
	// Audit says how the audit log is kept, and where else it goes.
	Audit Audit `json:"audit"`
	// Limits bound what callers take of the server.
	Limits Limits `json:"limits"`
	// DataOS says which namespaces the instance, the workspaces and the tenants of DataOS are.
	DataOS naming.DataOS `json:"dataos"`
	// Features are what can be turned off.
	Features Features `json:"features"`

	// Stdout is where an audit sink of that kind writes. Required for such a sink.
	Stdout io.Writer `json:"-"`
	// Version of the program. Empty: "devel".
	Version string `json:"-"`
	// Logger is told of starts, stops and trouble, never of a value. Required.
	Logger *slog.Logger `json:"-"`
	// NoSync leaves out the disk flushes of the store: for tests only.
	NoSync bool `json:"-"`
}

// Features are what can be turned off. Their keys are spelt as IOMETE spells them.
type Features struct {
	// SecretsV2 is the second form of references in payloads, secretObject and storageSecret. Where it is off, a payload that
	// has one is refused.
	SecretsV2 SecretsV2 `json:"secretsV2"`
}

// SecretsV2 is one of them.
type SecretsV2 struct {
	// Enabled is whether it is on.
	Enabled bool `json:"enabled" flag:"secrets-v2" usage:"resolve secretObject and storageSecret in payloads; false: payloads that have one are refused"`
}

// DefaultConfig is what a server starts with when it is told nothing.
func DefaultConfig() Config {
	return Config{
		DataDir: "coffer-data", HTTP: "127.0.0.1:8080", GRPC: "127.0.0.1:8081", Storage: "bbolt",
		Auth: defaultAuth(), Audit: defaultAudit(), Limits: defaultLimits(), Features: Features{SecretsV2: SecretsV2{Enabled: true}},
	}
}

// Validate refuses what cannot work and what is not safe.
func (c Config) Validate() error {
	switch {
	case c.DataDir == "":
		return errors.New("no data dir: give --data-dir")
	case c.Logger == nil:
		return errors.New("server: Logger is required")
	case c.Storage == "etcd":
		return errors.New("storage engine etcd is not built into this version: use --storage bbolt")
	case c.Storage != "bbolt":
		return fmt.Errorf("storage engine %q is unknown: use --storage bbolt", c.Storage)
	}
	for _, err := range []error{c.TLS.validate(), c.validateURL(), c.Auth.validate(c.TLS), c.Audit.validate(), c.Limits.validate()} {
		if err != nil {
			return err
		}
	}
	if err := c.DataOS.Check(); err != nil {
		return fmt.Errorf("dataos: %w", err)
	}
	if _, err := c.kekPath(); err != nil {
		return err
	}
	for flag, address := range map[string]string{"--http": c.HTTP, "--grpc": c.GRPC} {
		if err := c.validateAddress(flag, address); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) validateURL() error {
	if c.URL == "" {
		return nil
	}
	u, err := url.Parse(c.URL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" {
		return errors.New("--url is not https://host or https://host:port")
	}
	return nil
}

func (c Config) validateAddress(flag, address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%s %q is not an address: want host:port", flag, address)
	}
	ip := net.ParseIP(host)
	loopback := host == "localhost" || (ip != nil && ip.IsLoopback())
	if !loopback && !c.TLS.enabled() && !c.InsecureNoTLS {
		return fmt.Errorf("refusing to serve %s %s without TLS: give --tls-cert and --tls-key, a loopback address, or --insecure-no-tls", flag, address)
	}
	return nil
}

// kekPath returns the path of the KEK's file.
func (c Config) kekPath() (string, error) {
	if c.KEK == "" {
		return filepath.Join(c.DataDir, "kek.json"), nil
	}
	scheme, path, _ := strings.Cut(c.KEK, ":")
	switch scheme {
	case "file":
		if path == "" {
			return "", errors.New("--kek file: names no file")
		}
		return path, nil
	case "env", "vault-transit", "aws-kms", "gcp-kms":
		return "", fmt.Errorf("KEK provider %s is not built into this version: use --kek file:PATH", scheme)
	}
	// What was given may be a key by mistake, and is not repeated.
	return "", errors.New("--kek has no known scheme: use file:PATH")
}
