package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"

	"google.golang.org/grpc/credentials"
)

// maxTokenFile bounds a token file, in bytes.
const maxTokenFile = 64 << 10

// bearer attaches the token to each try of each call.
type bearer struct {
	source func(context.Context) (string, error) // nil: the token is fixed, or in a file
	path   string                                // empty: it is fixed

	mu    sync.Mutex
	token string
	seen  fs.FileInfo // of the file that token was read from
}

var _ credentials.PerRPCCredentials = (*bearer)(nil)

// newBearer is asked only where there is a token.
func newBearer(config Config) (*bearer, error) {
	switch {
	case config.Token != "" && config.TokenFile != "", config.TokenSource != nil && config.Token+config.TokenFile != "":
		return nil, errors.New("more than one of a token, a token file and a source of tokens is given: want one")
	case config.TokenSource != nil:
		return &bearer{source: config.TokenSource}, nil
	case config.Token != "":
		if err := checkToken(config.Token); err != nil {
			return nil, err
		}
		return &bearer{token: config.Token}, nil
	}
	b := &bearer{path: config.TokenFile}
	_, err := b.fromFile()
	return b, err
}

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b *bearer) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	token, err := b.current(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]string{"authorization": "Bearer " + token}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials. New has already refused plaintext where it must.
func (b *bearer) RequireTransportSecurity() bool { return false }

func (b *bearer) current(ctx context.Context) (string, error) {
	switch {
	case b.source != nil:
		token, err := b.source(ctx)
		if err == nil {
			err = checkToken(token)
		}
		return token, err
	case b.path != "":
		return b.fromFile()
	}
	return b.token, nil
}

func (b *bearer) fromFile() (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, err := os.Stat(b.path)
	if err != nil {
		return "", fmt.Errorf("reading the token file: %w", err)
	}
	if b.seen != nil && os.SameFile(b.seen, now) && b.seen.ModTime().Equal(now.ModTime()) && b.seen.Size() == now.Size() {
		return b.token, nil
	}
	token, err := readToken(b.path)
	if err != nil {
		return "", err
	}
	b.token, b.seen = token, now
	return token, nil
}

func readToken(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading the token file: %w", err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxTokenFile+1))
	if err != nil {
		return "", fmt.Errorf("reading the token file: %w", err)
	}
	if len(content) > maxTokenFile {
		return "", fmt.Errorf("reading the token file: %s is larger than %d bytes", path, maxTokenFile)
	}
	token := string(bytes.TrimSpace(content))
	if err := checkToken(token); err != nil {
		return "", fmt.Errorf("reading the token file %s: %w", path, err)
	}
	return token, nil
}

// checkToken refuses what cannot stand in a header, before a transport does so in an error that might quote it.
func checkToken(token string) error {
	if token == "" {
		return errors.New("the token is empty")
	}
	if strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return errors.New("the token holds characters that no token has: was a wrong file or line given?")
	}
	return nil
}
