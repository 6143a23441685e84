package auditsink

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// maxSecretFile bounds what is read of a secret file.
const maxSecretFile = 4 << 10

// target takes events over.
type target interface {
	// deliver returns nil once all events of b are the receiver's. It returns soon after ctx ends. After an error it is
	// called again with the same batch.
	deliver(ctx context.Context, b batch) error
}

func newTarget(s Settings, out io.Writer) (target, error) {
	if s.Kind == Stdout {
		if out == nil {
			return nil, errors.New("there is no standard output")
		}
		return &stdout{w: out}, nil
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, errors.New("url cannot be parsed")
	}
	config, err := clientTLS(s.CAFile)
	if err != nil {
		return nil, err
	}
	switch s.Kind {
	case Syslog:
		return newSyslog(u, config), nil
	case OTLP:
		return newOTLP(s, config)
	default:
		return newWebhook(s, config)
	}
}

// clientTLS trusts the authorities in the file, or without one those of the system.
func clientTLS(file string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if file == "" {
		return config, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading the authorities: %s holds no PEM certificate", file)
	}
	return config, nil
}

// readSecrets returns the lines of a file that nobody else may read. Its errors show nothing of what is in it.
func readSecrets(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the secret: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the secret: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("reading the secret: %s is no file", path)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("reading the secret: %s is open to others (mode %04o): chmod 600 it", path, info.Mode().Perm())
	case info.Size() > maxSecretFile:
		return nil, fmt.Errorf("reading the secret: %s is too large", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile))
	if err != nil {
		return nil, fmt.Errorf("reading the secret: %w", err)
	}
	lines := strings.Fields(string(text))
	if len(lines) == 0 {
		return nil, fmt.Errorf("reading the secret: %s is empty", path)
	}
	return lines, nil
}
