package render

import (
	"errors"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
)

// url is the URL that an item's secret makes. One that is optional is left out where the secret lacks a part of it.
func (f *filler) url(s slot) (plaintext.Value, bool) {
	login, err := renderlogin.Of(s.item.Payload, s.item.Connection, s.item.SecretType)
	if err == nil {
		var url plaintext.Value
		if url, err = renderlogin.URL(login, s.item.URL); err == nil {
			return url, true
		}
	}
	if !s.item.Optional || !errors.Is(err, renderlogin.ErrIncomplete) {
		f.addf(s.field+".url", "secret %q: %v", s.item.SecretName, err)
	}
	return plaintext.Value{}, false
}

// loginFile writes a file of logins, one of each item. One that is optional is left out where the secret lacks a part of
// it. It reports false if there are none.
func (f *filler) loginFile(file *filePlan) (plaintext.Value, bool) {
	var entries []renderlogin.DockerEntry
	var logins []renderlogin.Login
	for _, part := range file.parts {
		payload := plaintext.Payload{}
		for _, s := range part.slots {
			payload[s.name] = s.item.Payload[s.key]
		}
		entry, err := f.loginOf(file.Format, payload, part.item)
		switch {
		case err == nil:
			entry.Login.Secret = part.item.SecretName
			entries, logins = append(entries, entry), append(logins, entry.Login)
		case !part.item.Optional || !errors.Is(err, renderlogin.ErrIncomplete):
			f.addf(part.field, "secret %q: %v", part.item.SecretName, err)
			return plaintext.Value{}, false
		}
	}
	if len(entries) == 0 {
		return plaintext.Value{}, false
	}
	var content plaintext.Value
	var err error
	switch file.Format {
	case DockerConfig:
		content, err = renderlogin.DockerConfig(entries)
	case Netrc:
		content, err = renderlogin.Netrc(logins)
	default:
		content, err = renderlogin.Pgpass(logins)
	}
	if err != nil {
		f.addf(file.parts[0].field+".file", "%v", err)
	}
	return content, err == nil
}

func (f *filler) loginOf(format Format, payload plaintext.Payload, item *Item) (renderlogin.DockerEntry, error) {
	if format == DockerConfig {
		return renderlogin.DockerOf(payload, item.Connection, item.SecretType)
	}
	login, err := renderlogin.Of(payload, item.Connection, item.SecretType)
	return renderlogin.DockerEntry{Login: login}, err
}
