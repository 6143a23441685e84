package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/coffer-dev/coffer/internal/platformimport"
)

// importKeyVariable holds the credential of the platform that is imported from.
const importKeyVariable = "COFFER_IMPORT_API_KEY"

// maxValuesFile bounds a file of values, in bytes: there is one for each of many secrets.
const maxValuesFile = maxSource

// remoteFlags say where a platform's API is and who asks.
type remoteFlags struct {
	url, keyFile, caCert string
	insecure             bool
}

func (f *remoteFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.url, "from", "", "URL of the platform, to read from its API instead of a file")
	flags.StringVar(&f.keyFile, "api-key-file", "", "with --from: file that holds the platform's API key or token, - for standard input ("+
		importKeyVariable+"; else it is asked for)")
	flags.StringVar(&f.caCert, "from-ca-cert", "", "with --from: PEM file of the authority that vouches for the platform")
	flags.BoolVar(&f.insecure, "from-insecure-no-tls", false, "with --from: allow plaintext to a platform on another machine")
}

// connect makes what reads from the platform. The header's text is what stands before the credential.
func (f *remoteFlags) connect(ctx context.Context, a *app, header, before string) (*platformimport.Remote, error) {
	key, err := f.credential(ctx, a)
	if err != nil {
		return nil, err
	}
	r, err := platformimport.NewRemote(platformimport.RemoteConfig{
		URL: f.url, Header: header, Credential: before + key, CACert: f.caCert, Insecure: f.insecure,
		UserAgent: "coffer/" + buildVersion(),
	})
	if err != nil {
		return nil, usageError{err}
	}
	return r, nil
}

func (f *remoteFlags) credential(ctx context.Context, a *app) (string, error) {
	key := os.Getenv(importKeyVariable)
	var err error
	switch {
	case f.keyFile != "":
		key, err = a.readNamed(f.keyFile, maxToken)
	case key == "":
		key, err = a.askValue(ctx, "API key or token of the platform, which --api-key-file and "+importKeyVariable+" can give")
	}
	if key = strings.TrimSpace(key); err == nil && key == "" {
		err = usage("the platform's API key is empty")
	}
	return key, err
}

// readNamed reads a file, or standard input.
func (a *app) readNamed(path string, limit int64) (string, error) {
	from := a.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("reading %s: %w", path, err)
		}
		defer f.Close()
		from = f
	}
	content, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	if int64(len(content)) > limit {
		return "", usage(fmt.Sprintf("%s is larger than %d bytes", path, limit))
	}
	return string(content), nil
}

// remoteFault gives what the platform refused the exit code of a refusal.
func (a *app) remoteFault(err error) error {
	var refused *platformimport.RemoteError
	if !errors.As(err, &refused) {
		return err
	}
	a.warn("%v", err)
	if refused.Status == 401 || refused.Status == 403 {
		a.note("  hint: the platform does not accept the API key for that")
	}
	return exitError{exitServer}
}

// importDocuments reads the documents of a source.
func importDocuments(s source) ([]platformimport.Document, error) {
	var docs []platformimport.Document
	for _, doc := range s.documents() {
		object, err := decodeDocument(doc)
		if err != nil {
			return nil, usageError{fmt.Errorf("%s: %w", doc.where, err)}
		}
		if object != nil {
			docs = append(docs, platformimport.Document{Where: doc.where, Object: object})
		}
	}
	return docs, nil
}

// fillValues gives secrets the values that --values has for them.
func (a *app) fillValues(f *importFlags, items []platformimport.Item) error {
	if f.values == "" {
		return nil
	}
	values, err := a.readImportValues(f.values)
	if err != nil {
		return err
	}
	if unused := platformimport.Fill(items, values); len(unused) > 0 {
		a.warn("%s holds values that no secret lacks: %s", f.values, strings.Join(unused, ", "))
	}
	return nil
}

func (a *app) readImportValues(path string) (map[string]string, error) {
	content, err := a.readNamed(path, maxValuesFile)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	add := func(key, value string) error {
		if _, twice := values[key]; twice {
			return usage(fmt.Sprintf("%s: the key %s is given twice", path, key))
		}
		values[key] = value
		return nil
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".json", ".yaml", ".yml":
		docs, err := importDocuments(source{name: path, content: strings.TrimPrefix(content, "\uFEFF")})
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			for key, value := range doc.Object {
				text, ok := value.(string)
				if !ok {
					return nil, usage(fmt.Sprintf("%s: %s: want a string: put it into quotes", doc.Where, key))
				}
				if err := add(key, text); err != nil {
					return nil, err
				}
			}
		}
		return values, nil
	}
	pairs, err := parseDotenv(content)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	for _, pair := range pairs {
		if err := add(pair.key, pair.value); err != nil {
			return nil, err
		}
	}
	return values, nil
}
