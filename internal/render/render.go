// Package render turns a projection's recipe and the payloads it names into a bundle: environment variables and files.
//
// It is pure: no clock, no disk, no randomness, and the same items always yield the same bytes. It guarantees that what
// a consumer parses back is what was stored, byte for byte, or else refuses. What threatens that are formats whose
// readers disagree (dotenv.go), names that hand a program's start-up to whoever may write projections (name.go) and
// paths that leave the bundle's directory (check.go). No error of this package carries a value or a part of one.
//
// A text value must be UTF-8 and is written as it is. A binary value is written as standard base64 with padding, which
// YAML tags as !!binary, so that parsers undo it. Raw writes the bytes of either unchanged.
package render

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// Bounds of one projection.
const (
	// MaxItems bounds the items of a recipe.
	MaxItems = 256
	// MaxSecrets bounds the different secrets that the items name.
	MaxSecrets = 40
	// MaxBundle bounds the bytes of all names, paths and contents of a bundle.
	MaxBundle = 3 << 20
	// DefaultMode is the mode of a file whose target gives none: its owner may read it.
	DefaultMode = 0o400
)

// Format is the shape of a file.
type Format int

// The formats. Each maps key names to values, sorted by name, except Raw.
const (
	// Raw is the bytes of one key, unchanged.
	Raw Format = iota
	// JSON is one object of strings on one line.
	JSON
	// YAML is one mapping of strings. Keys and values are quoted, so that none becomes a number, boolean or null.
	// Binary values are !!binary.
	YAML
	// Dotenv is NAME=value lines for shells and dotenv libraries. Names are made from keys as for environment variables.
	Dotenv
	// Properties is what java.util.Properties loads, in ASCII, so that Latin-1 and UTF-8 readers agree.
	Properties
)

var formatNames = [...]string{Raw: "RAW", JSON: "JSON", YAML: "YAML", Dotenv: "DOTENV", Properties: "PROPERTIES"}

// String is the format's name on the API.
func (f Format) String() string {
	if f < 0 || int(f) >= len(formatNames) {
		return fmt.Sprintf("Format(%d)", int(f))
	}
	return formatNames[f]
}

// Render makes the bundle of a recipe, all or nothing. It checks it again, so that a recipe stored under older rules is
// refused rather than delivered. Every error is an *InvalidError, but for that of a context that ended.
func Render(ctx context.Context, recipe Recipe) (Bundle, error) {
	if err := Check(recipe); err != nil {
		return Bundle{}, err
	}
	items := recipe.Items
	r := renderer{owners: owners{}}
	for i, item := range items {
		r.add(fmt.Sprintf("items[%d]", i), item)
		if r.size > MaxBundle {
			r.addf("items", "the bundle would be larger than %d bytes", MaxBundle)
			break
		}
	}
	if err := r.err(); err != nil {
		return Bundle{}, err
	}
	return r.bundle, nil
}

type renderer struct {
	violations
	owners owners
	bundle Bundle
	size   int
}

func (r *renderer) add(field string, item Item) {
	payload, ok := r.selectKeys(field, item)
	switch {
	case !ok:
	case item.Env != nil:
		r.addEnv(field, item, payload)
	default:
		r.addFile(field, item, payload)
	}
}

// selectKeys narrows the payload to what the item asks for. It reports false if there is nothing to deliver.
func (r *renderer) selectKeys(field string, item Item) (plaintext.Payload, bool) {
	if item.AllKeys {
		if item.Payload == nil && !item.Optional {
			r.addf(field, "secret %q has no payload", item.SecretName)
		}
		for _, key := range sortedKeys(item.Payload) {
			if !payloadKey.MatchString(key) { // Coffer's own are checked when written; formats here rely on it
				r.addf(field, "secret %q has a key that does not match %s", item.SecretName, payloadKey)
				return nil, false
			}
		}
		return item.Payload, item.Payload != nil
	}
	entry, ok := item.Payload[item.Key]
	if !ok && !item.Optional {
		r.addf(field+".key", "secret %q has no key %q", item.SecretName, item.Key)
	}
	return plaintext.Payload{item.Key: entry}, ok
}

func (r *renderer) addEnv(field string, item Item, payload plaintext.Payload) {
	for _, key := range sortedKeys(payload) {
		name := item.Env.Name
		if item.AllKeys {
			name = EnvName(item.Env.Prefix, key)
			if why := envNameProblem(name); why != "" {
				r.addf(field+".env", "key %q of secret %q gives a variable name that %s", key, item.SecretName, why)
				continue
			}
		}
		if other, taken := r.owners.claim(name, fmt.Sprintf("key %q of %s", key, field)); taken {
			r.addf(field+".env", "key %q of secret %q gives the variable %s, which %s sets too", key, item.SecretName, name, other)
			continue
		}
		value, ok := r.text(field, item, key, payload[key])
		if !ok {
			continue
		}
		if strings.ContainsRune(value, 0) {
			r.addf(field+".env", "the value for variable %s contains a NUL byte, which no environment can carry", name)
			continue
		}
		r.size += len(name) + len(value)
		r.bundle.Env = append(r.bundle.Env, EnvVar{Name: name, Value: plaintext.New([]byte(value))})
	}
}

func (r *renderer) addFile(field string, item Item, payload plaintext.Payload) {
	target := *item.File
	file := File{Path: target.Path, Mode: target.Mode}
	if file.Mode == 0 {
		file.Mode = DefaultMode
	}
	if target.Format == Raw {
		file.Content = payload[item.Key].Value
	} else {
		pairs, ok := r.pairs(field, item, payload)
		if !ok {
			return
		}
		file.Content = plaintext.New(encode(target.Format, pairs))
	}
	r.size += len(file.Path) + file.Content.Len()
	r.bundle.Files = append(r.bundle.Files, file)
}

// pair is a named text on its way into a file.
type pair struct {
	name, text string
	binary     bool // text is base64
}

// pairs is the payload as texts, sorted by key. It reports false if the format cannot carry one of them.
func (r *renderer) pairs(field string, item Item, payload plaintext.Payload) ([]pair, bool) {
	names := owners{}
	pairs := make([]pair, 0, len(payload))
	for _, key := range sortedKeys(payload) {
		value, ok := r.text(field, item, key, payload[key])
		if !ok {
			continue
		}
		name := key
		if item.File.Format == Dotenv {
			if name, ok = r.dotenvName(field, item, key, names); !ok {
				continue
			}
			if dotenvStyle(value) == dotenvRefused {
				r.addf(field+".file.format", "the value of key %q of secret %q cannot be written as DOTENV so that shells and "+
					"dotenv libraries agree on it; choose another format", key, item.SecretName)
				continue
			}
		}
		pairs = append(pairs, pair{name: name, text: value, binary: payload[key].Binary})
	}
	return pairs, len(pairs) == len(payload)
}

func (r *renderer) dotenvName(field string, item Item, key string, names owners) (string, bool) {
	name := EnvName("", key)
	why := envNameProblem(name)
	if why == "" && shellOwned[name] {
		why = "shells keep for themselves"
	}
	if why != "" {
		r.addf(field+".file.format", "key %q of secret %q gives a variable name that %s", key, item.SecretName, why)
		return "", false
	}
	if other, taken := names.claim(name, key); taken {
		r.addf(field+".file.format", "keys %q and %q of secret %q both give the variable %s", other, key, item.SecretName, name)
		return "", false
	}
	return name, true
}

// text is how a value is written by everything but Raw.
func (r *renderer) text(field string, item Item, key string, e plaintext.Entry) (string, bool) {
	if e.Binary {
		return base64.StdEncoding.EncodeToString(e.Value.Reveal()), true
	}
	if !utf8.Valid(e.Value.Reveal()) {
		r.addf(field, "key %q of secret %q is stored as text but is not UTF-8: store it as binary data or deliver it as a RAW file",
			key, item.SecretName)
		return "", false
	}
	return string(e.Value.Reveal()), true
}

func sortedKeys(p plaintext.Payload) []string { return slices.Sorted(maps.Keys(p)) }
