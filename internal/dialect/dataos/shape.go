package dataos

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// maxBaseName bounds the base name of a file.
const maxBaseName = 255

// entries are the values of a secret as Heimdall answers them, by the type that DataOS says it has.
func entries(named secrets.Named) ([]*dataosv1.HeimdallSecret_Entry, error) {
	if named.Secret.Annotations[naming.DataOSType] == naming.KeyValueProperties {
		return propertyEntries(named)
	}
	var data []*dataosv1.HeimdallSecret_Entry
	for _, key := range slices.Sorted(maps.Keys(named.Payload)) {
		data = append(data, entry(key, named.Payload[key].Value.Reveal()))
	}
	return data, nil
}

func entry(key string, value []byte) *dataosv1.HeimdallSecret_Entry {
	encoded := base64.StdEncoding.EncodeToString(value)
	return &dataosv1.HeimdallSecret_Entry{Key: key, Base64Value: &encoded}
}

// propertyEntries are an entry that is named like the secret, with a line for each key, and an entry for each file, whose
// name is what its key has in the lines: the one under which DataOS mounts it.
func propertyEntries(named secrets.Named) ([]*dataosv1.HeimdallSecret_Entry, error) {
	files, err := filesOf(named.Secret)
	if err != nil {
		return nil, err
	}
	_, name := split(named.Secret.Name)
	var lines strings.Builder
	data := []*dataosv1.HeimdallSecret_Entry{nil}
	for _, key := range slices.Sorted(maps.Keys(named.Payload)) {
		e := named.Payload[key]
		var line string
		if base, isFile := files[key]; isFile {
			line = name + "_" + base
			if !isBaseName(base) || slices.ContainsFunc(data[1:], func(d *dataosv1.HeimdallSecret_Entry) bool { return d.GetKey() == line }) {
				return nil, fmt.Errorf("%w: the file of the key %q has a name that is none, or another file's", secrets.ErrNotRepresentable, key)
			}
			data = append(data, entry(line, e.Value.Reveal()))
		} else if line, err = property(key, e); err != nil {
			return nil, err
		}
		lines.WriteString(key + "=" + line + "\n")
	}
	data[0] = entry(name, []byte(lines.String()))
	slices.SortFunc(data[1:], func(a, b *dataosv1.HeimdallSecret_Entry) int { return strings.Compare(a.GetKey(), b.GetKey()) })
	return data, nil
}

// property is a value that a line can carry: readers know no escapes.
func property(key string, e plaintext.Entry) (string, error) {
	value := string(e.Value.Reveal())
	switch {
	case strings.ContainsAny(value, "\r\n"):
		return "", fmt.Errorf("%w: the value of the key %q has a line break, which lines of properties cannot carry: read it at /ds/api/v2/secrets/, or as key-value",
			secrets.ErrNotRepresentable, key)
	case !utf8.ValidString(value):
		return "", fmt.Errorf("%w: the value of the key %q is not text: make it a file of the secret", secrets.ErrNotRepresentable, key)
	}
	return value, nil
}

// filesOf are the keys of a secret that were files, and their base names.
func filesOf(secret secrets.Secret) (map[string]string, error) {
	files := map[string]string{}
	said := secret.Annotations[naming.DataOSFiles]
	if said == "" {
		return files, nil
	}
	if json.Unmarshal([]byte(said), &files) != nil {
		return nil, fmt.Errorf("%w: the annotation %s is not an object of texts in JSON", secrets.ErrNotRepresentable, naming.DataOSFiles)
	}
	return files, nil
}

// isBaseName tells whether a text names a file within a directory, and is no syntax in lines of properties.
func isBaseName(base string) bool {
	return base != "" && base != "." && base != ".." && len(base) <= maxBaseName && utf8.ValidString(base) && !strings.ContainsRune(base, '/') &&
		!strings.ContainsFunc(base, func(r rune) bool { return !unicode.IsPrint(r) })
}
