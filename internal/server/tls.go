package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateInterval is how often the certificate files are looked at, while there are handshakes.
const certificateInterval = time.Second

// TLS names the files of the server's certificate. The zero value means no TLS.
type TLS struct {
	// Cert is a PEM file of the server's certificate and its chain. Needs Key.
	Cert string `json:"cert" flag:"tls-cert" usage:"PEM file of the server's certificate and its chain"`
	// Key is a PEM file of the certificate's key. Needs Cert.
	Key string `json:"key" flag:"tls-key" usage:"PEM file of the certificate's key"`
	// ClientCA is a PEM file of the authorities that vouch for clients. Needs Cert.
	ClientCA string `json:"client_ca" flag:"tls-client-ca" usage:"PEM file of the authorities that vouch for clients"`
	// ClientAuth is "require", by which every client must show a certificate of theirs, beside its token if it has one, or
	// "optional", by which one that shows a certificate must show a good one. Empty: require. Needs ClientCA.
	ClientAuth string `json:"client_auth" flag:"tls-client-auth" usage:"with --tls-client-ca: require a certificate of every client, or optional; empty: require"`
}

func (c TLS) enabled() bool { return c != TLS{} }

func (c TLS) validate() error {
	if c.enabled() && (c.Cert == "" || c.Key == "") {
		return errors.New("TLS is half configured: want both --tls-cert and --tls-key")
	}
	if _, ok := clientAuth[c.ClientAuth]; !ok {
		return fmt.Errorf("--tls-client-auth %q is neither require nor optional", c.ClientAuth)
	}
	if c.ClientAuth != "" && c.ClientCA == "" {
		return errors.New("--tls-client-auth needs --tls-client-ca: without it no certificate is verified")
	}
	return nil
}

// clientAuth are the values of TLS.ClientAuth. A certificate that is shown is verified by each of them.
var clientAuth = map[string]tls.ClientAuthType{
	"": tls.RequireAndVerifyClientCert, "require": tls.RequireAndVerifyClientCert, "optional": tls.VerifyClientCertIfGiven,
}

// certificates are what is in the files of a TLS, read again when they change. What cannot be read does not replace
// what could.
type certificates struct {
	files TLS
	log   *slog.Logger

	mu      sync.Mutex
	config  *tls.Config
	seen    [3]fs.FileInfo
	checked time.Time
}

// newTLS returns the configuration of the listeners, or nil without TLS.
func newTLS(files TLS, log *slog.Logger) (*tls.Config, error) {
	if !files.enabled() {
		return nil, nil //nolint:nilnil // no TLS is not an error: Validate has seen to it
	}
	c := &certificates{files: files, log: log}
	if err := c.load(); err != nil {
		return nil, err
	}
	config := c.config.Clone()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current(time.Now()), nil }
	return config, nil
}

func (c *certificates) current(now time.Time) *tls.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.checked) >= certificateInterval {
		c.checked = now
		if c.changed() {
			if err := c.load(); err != nil {
				c.log.Error("certificate files changed and cannot be used; serving with those before", "error", err)
			} else {
				c.log.Info("certificate files read again")
			}
		}
	}
	return c.config
}

func (c *certificates) paths() [3]string {
	return [3]string{c.files.Cert, c.files.Key, c.files.ClientCA}
}

func (c *certificates) changed() bool {
	for i, path := range c.paths() {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil || !os.SameFile(info, c.seen[i]) || info.ModTime() != c.seen[i].ModTime() || info.Size() != c.seen[i].Size() {
			return true
		}
	}
	return false
}

func (c *certificates) load() error {
	// The files are looked at before they are read: a change in between is found at the next look.
	for i, path := range c.paths() {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("reading TLS files: %w", err)
		}
		c.seen[i] = info
	}
	pair, err := tls.LoadX509KeyPair(c.files.Cert, c.files.Key)
	if err != nil {
		return fmt.Errorf("reading %s and %s: %w", c.files.Cert, c.files.Key, err)
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
		Certificates: []tls.Certificate{pair},
	}
	if c.files.ClientCA != "" {
		pem, err := os.ReadFile(c.files.ClientCA)
		if err != nil {
			return fmt.Errorf("reading TLS files: %w", err)
		}
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("reading %s: holds no PEM certificate", c.files.ClientCA)
		}
		config.ClientAuth = clientAuth[c.files.ClientAuth]
	}
	c.config = config
	return nil
}
