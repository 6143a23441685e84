// Package resolve finds the references to secrets in a workload's own JSON or YAML, and puts values in their place.
//
// It guarantees that a payload comes back byte for byte but for the texts that held references, that those parse to
// exactly the text with the values in it, and that a value is never looked through for references. What threatens that are
// values that would be syntax (splice.go quotes them), texts whose extent a parser does not tell (yaml.go makes sure by
// parsing what it wrote), payloads made to be expensive (bounded, read in time and memory that grow as they do, and aliases
// are never followed), and references that nobody sees (whatever looks like one and is none is refused). No error carries a
// value.
//
// References are:
//
//   - `${secret.NAME}`, `${secrets.NAME}`, `${secret.NAME.KEY}` in any text that is no name of a member, alone or within
//     other text, with spaces inside the braces or without. Of the dollars before a brace that opens a reference, each two
//     stand for one, so `$${secret.NAME}` is the literal text. `${secret.INSTILL_SECRET}` is none: it is a word of Instill.
//   - `{"key": NAME, "secretObject": {"key": …, "source": {"type": "KUBERNETES", "id": DOMAIN}}}` in `envSecrets` and
//     `sparkConfSecrets`, at the top or in `sparkConfig`, `template` and `config`. They stay in the payload as they are:
//     Bundle.Env and Bundle.SparkConf carry the values, and win over `envVars` and `sparkConf` of the same name. The domain
//     `instance` is the whole instance; the source VAULT is a backend, and its id that of the backend.
//   - `"storageSecret": {"key": …, "source": …}`: its value becomes the `secretKey` beside it, in the place of one that
//     stands there.
//   - in manifests of DataOS: the lists `dataosSecrets`, and `secrets` where its items are those of DataOS, that of a storage
//     also as `secret`; `imagePullSecret`; `secretId`, and `secret` as TENANT:NAME, of a `repo`; the `secrets` of a
//     `projection`. They too stay as they are.
//
// What DataOS leaves open is done so. A bundle's files are meant for its directory of secrets, DATAOS_SECRET_DIR, which is
// /etc/dataos/secret there. What a consumption is of:
//
//   - envVars: a variable for each key, called as it is. A secret of the type key-value-properties gives its pairs.
//   - propFile: a file NAME of properties, and a file NAME_BASE for each key that was a file, which the properties name.
//   - file: a file NAME_KEY for each key, or NAME_BASE; of the type key-value-properties, as propFile.
//
// Depots and storages deliver by propFile unless they say otherwise, since their secrets have the same keys. A key that is
// called as its secret, with or without the workspace before it, means the whole of it. The login to a registry is
// NAME/config.json, so that NAME is a DOCKER_CONFIG. A repository's login is variables. One bundle is for all nodes of a
// workflow: what two of them deliver alike is delivered once, and two values of one name are an error.
//
// A projection's templates give variables (`key`), files (`path`, `name` or `key`, and maybe a `directory`, of which what is
// not below the directory of secrets keeps its path below the bundle's), arguments (`key` is the option, and may be left
// out) and entries of a dictionary (`key`; its `name`, if it is not to be `dictionary`). A `value` is Go's template and a
// `template` Liquid unless `templateType` says otherwise; values come as base64 to Liquid alone. Its depots are kept and give
// nothing: a template that draws from one is refused. So are credentials that a depot has in itself no references.
package resolve

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
)

// Bounds of a payload.
const (
	// MaxPayload bounds its bytes.
	MaxPayload = 256 << 10
	// MaxReferences bounds the references in it.
	MaxReferences = 256

	maxDepth = 100
	maxNodes = 50_000
	maxPlace = 4 << 10         // names above a reference
	maxDots  = 8               // in a name, each of which could divide it into secret and key
	maxTime  = 5 * time.Second // of all templates together
)

var (
	// ErrUnresolved: what a reference asks for is missing, or not for the caller. Look-ups return it; it is told alike.
	ErrUnresolved = errors.New("there is no such secret or key, or you may not access it")
	// ErrBackend: the backend that has it cannot be asked now. Look-ups return it.
	ErrBackend = errors.New("the backend that has it does not answer")
	// ErrTooLarge: the payload or the bundle would be too large, or have too many parts.
	ErrTooLarge = errors.New("what the references resolve to is too large")
	// ErrTooMuch: the templates would do too much.
	ErrTooMuch = errors.New("its templates do too much, all of them together")

	errTooManyBytes = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, render.MaxBundle)
)

// SyntaxError tells where a payload cannot be read. It quotes nothing of it.
type SyntaxError struct {
	Line        int // 0 where it is about the whole
	Description string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Description
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Description)
}

// Problem is why one reference cannot be resolved.
type Problem struct {
	Reference   Reference
	Description string
}

// UnresolvedError names the references that cannot be resolved, in the order of the payload.
type UnresolvedError struct{ Problems []Problem }

// Error implements error.
func (e *UnresolvedError) Error() string {
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = p.Reference.Place + ": " + p.Description
	}
	return "unresolved references: " + strings.Join(parts, "; ")
}

// Kind is the form of a reference.
type Kind int

// The forms.
const (
	// Secret is `${secret.NAME}`, which a call may override.
	Secret Kind = iota
	// Secrets is `${secrets.NAME}`.
	Secrets
	// Object is a secretObject.
	Object
	// DataOS is a secret that a manifest of DataOS names.
	DataOS
)

// Reference is a place in a payload that names a secret.
type Reference struct {
	// Place is a JSON pointer.
	Place string
	// Text is what stands there: the placeholder, or what a secretObject or an item of a list names.
	Text string
	// Kind is its form.
	Kind Kind
	// Names are its readings, of which the first that exists counts: the dots in `${secret.a.b}` may be part of the name,
	// or divide it from the key. None: Problem says why.
	Names []Name
	// Backend is the ID of the backend that has it; empty: Coffer itself. Then there is one name, which is that of the key.
	Backend string
	// Purpose is what an item of a list of DataOS is for, as it says: its purpose, or its acl.
	Purpose string
	// Problem is why it cannot be resolved whatever is stored; empty for none.
	Problem string
}

// Name is what a reference asks for.
type Name struct {
	// Namespace is the ID of the namespace that holds the secret; empty: the payload's, and then those above it.
	Namespace string
	// Secret is its ID.
	Secret string
	// Key is the one to deliver; empty: the only one. A reference of DataOS picks its keys by itself.
	Key string
	// ACL is the access list of DataOS that the secret must have, r or rw; empty: any.
	ACL string
}

// Found is what a reference was found to mean.
type Found struct {
	Name    Name // one of the reference's
	Payload plaintext.Payload
	// Annotations are those of the secret: what DataOS says of it is in them.
	Annotations map[string]string
}

// Result is a payload without references, and what it delivers besides.
type Result struct {
	// Payload is the text with the references in its texts replaced.
	Payload plaintext.Value
	// Bundle has the environment, the files and Spark's configuration.
	Bundle render.Bundle
	// Takeovers are the variables, and properties of Spark, that the payload sets without a secret, and that take over a
	// process: whoever uses the bundle has to want them. Those that a secret would set are refused.
	Takeovers []string
}

// Document is a payload whose references are known.
type Document struct {
	source string
	uses   []use
	edits  []*edit
	env    []setting
	spark  []setting
}

// use is a reference together with what is done with its value.
type use struct {
	Reference
	env, spark string  // variable or property of a secretObject
	list       *dataOS // a reference of DataOS
	output     *output // no reference, but a template over some
}

// setting is a variable or property that the payload itself sets.
type setting struct {
	name, value string
	edit        *edit // that makes the value; nil: value
}

// use is the reference that a setting gets its value from; false: the payload has the value itself.
func (s setting) use() (index int, ok bool) {
	if s.edit == nil {
		return 0, false
	}
	return s.edit.use()
}

// Config says what references mean where a payload is resolved. The zero value: workspaces and tenants are called as their
// namespaces, and there is no backend.
type Config struct {
	// DataOS says which namespaces workspaces and tenants are.
	DataOS naming.DataOS
	// ObjectsOff makes a problem of each secretObject and storageSecret.
	ObjectsOff bool
	// Backend is whether there is one that references to VAULT can be asked of.
	Backend bool
	// Domain is the ID of the only namespace that references may name, beside the instance's; empty: they may name any.
	Domain string
}

// Parse reads a payload: JSON, or else one document of YAML. Errors are *SyntaxError.
func Parse(payload string, config Config) (*Document, error) {
	if len(payload) > MaxPayload {
		return nil, &SyntaxError{0, fmt.Sprintf("is larger than %d KiB", MaxPayload>>10)}
	}
	parse := parseYAML
	if isJSON(payload) {
		parse = parseJSON
	}
	root, err := parse(payload)
	if err != nil {
		return nil, err
	}
	f := finder{Config: config, doc: &Document{source: payload}, editOf: map[*node]*edit{}}
	if err := f.find(root); err != nil {
		return nil, err
	}
	if err := f.doc.verify(root); err != nil {
		return nil, err
	}
	return f.doc, nil
}

// References are the references of a payload, in its order, and the templates of projections that can never run.
func (d *Document) References() []Reference {
	var references []Reference
	for _, u := range d.uses {
		if u.output == nil || u.Problem != "" {
			references = append(references, u.Reference)
		}
	}
	return references
}

// takeovers are the names, sorted, that the payload sets itself and that take over a process.
func (d *Document) takeovers() []string {
	var names []string
	for _, s := range slices.Concat(d.env, d.spark) {
		if _, secret := s.use(); !secret && render.TakesOver(s.name) {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
