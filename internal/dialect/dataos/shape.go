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
	"github.com/coffer-dev/coffer/internal/dialect/dataosproperties"
	"github.com/coffer-dev/coffer/internal/naming"
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
	var lines []byte
	data := []*dataosv1.HeimdallSecret_Entry{nil}
	for _, key := range slices.Sorted(maps.Keys(named.Payload)) {
		value := named.Payload[key].Value.Reveal()
		if base, isFile := files[key]; isFile {
			file := name + "_" + base
			if !isBaseName(base) || slices.ContainsFunc(data[1:], func(d *dataosv1.HeimdallSecret_Entry) bool { return d.GetKey() == file }) {
				return nil, fmt.Errorf("%w: the file of the key %q has a name that is none, or another file's", secrets.ErrNotRepresentable, key)
			}
			data = append(data, entry(file, value))
			value = []byte(file)
		}
		if lines, err = dataosproperties.Append(lines, key, value); err != nil {
			return nil, fmt.Errorf("%w: %w", secrets.ErrNotRepresentable, err)
		}
	}
	data[0] = entry(name, lines)
	slices.SortFunc(data[1:], func(a, b *dataosv1.HeimdallSecret_Entry) int { return strings.Compare(a.GetKey(), b.GetKey()) })
	return data, nil
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
