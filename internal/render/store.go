package render

import (
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderstore"
)

// storeFile writes a file of keys and certificates, or of Hadoop's credentials. The latter are texts; the others are made
// of PEM, which is the same whether it was stored as text or as binary data.
func (f *filler) storeFile(file *filePlan) (plaintext.Value, bool) {
	var entries []renderstore.Entry
	for _, s := range file.sorted() {
		value, ok := f.value(s.slot)
		if ok && file.Format == HadoopCredentials {
			value, ok = f.text(s.slot, ".file", s.name, noProblem)
		}
		if !ok {
			return plaintext.Value{}, false
		}
		entries = append(entries, renderstore.Entry{Name: s.name, Value: value})
	}
	field := file.parts[0].field + ".file"
	var password plaintext.Value
	var alias string
	if store := file.Store; store != nil {
		entry := store.Password[store.PasswordKey]
		if store.PasswordKey != "" && entry.Value.Len() == 0 { // it would be taken for none
			f.addf(field+".store.password_key", "key %q of secret %q is empty", store.PasswordKey, store.PasswordSecret)
			return plaintext.Value{}, false
		}
		password, alias = entry.Value, store.Alias
	}
	var content plaintext.Value
	var err error
	switch file.Format {
	case PEM:
		content, err = renderstore.PEM(f.ctx, entries)
	case PKCS12:
		content, err = renderstore.PKCS12(f.ctx, entries, alias, password)
	case JKS:
		content, err = renderstore.JKS(f.ctx, entries, alias, password)
	default:
		content, err = renderstore.HadoopCredentials(f.ctx, entries, password)
	}
	if err != nil {
		f.addf(field, "%v", err)
	}
	return content, err == nil
}
