// Package dataosmanifest translates manifests of DataOS into messages of Coffer's API.
//
// It guarantees that all that is wrong with a manifest is told at once, by file, line and field, and never with a value;
// that a value arrives as it is written, byte for byte, unless whoever applies it asks for variables to be expanded; and
// that no value ends up in the text of a workload, which others may see. It asks nobody and writes nothing: files are read
// by a function that it is handed. What threatens it are manifests made to be expensive (bounded), values where a name is
// expected (never quoted), and secrets written into other resources (taken out of depots, refused elsewhere).
//
// # What becomes what
//
//	secret, v1                    secret in the namespace of its workspace, `public` where it names none
//	instance-secret, v1           secret in the namespace of the instance
//	secret, v2                    secret in the namespace of the tenant that is selected
//	grant                         grants, see below
//	depot with connectionSecret   secrets DEPOT-ACL, and the depot with references to them
//	anything else                 a projection TYPE.NAME with the document as its workload
//
// A v2 manifest has `version: v2alpha`; a secret of that version with an `acl`, which v2 does not have, is one of v1. `acl`
// becomes the access mode: r is READ, rw is READ_WRITE. Every secret has the type generic, since a type of the catalog could
// not change with the keys of the next apply; what DataOS calls its type, tags, layer, owner and files are annotations, of
// package naming.
//
// # Oddities of published manifests that are taken as they are meant
//
// A body that is a list of one; a body called `secret` in an instance-secret, or `instance-secret` in a secret; `file` for
// `files`; `certificates` for `certificate`; a `key_json` beside `data`, which is a file unless it holds JSON; a name that
// ends in -r where acl is rw, of which a notice tells; numbers and booleans as values, which stay as they are written; tags
// that are missing; an owner that is nobody.
//
// # Variables
//
// The platform's command line puts the environment into manifests in place of `$NAME` and `${NAME}`. Here the header of a
// manifest, subjects and paths are expanded so, where Options.Lookup is set and knows the variable, and a notice names each
// that is; what it does not know stays. Values of secrets and the texts of workloads, which others see, are not, unless
// Options.ExpandValues is set: then a variable that is not there stays in a text, and in a value is an error, rather than an
// empty password. References to secrets, `${secret…}`, are never touched.
//
// # Use cases of grants
//
//	use case                                    role             on
//	manage-secrets                              developer        secrets and workspaces that values name, or the workspace of the command
//	manage-secret-in-system-workspaces          developer        the workspace system
//	manage-all-other-resources-in-user-layer    developer        the instance
//	read-specific-secret                        secret-reader    secrets that values name
//	read-stack-secrets                          secret-reader    secrets that values name
//	read-all-secrets-from-heimdall              secret-reader    the instance
//	un-sanitize-resource                        secret-reader    secrets and workspaces that values name, or the instance
//
// A subject `roles:id:NAME` is `group:NAME`, and `users:id:NAME` is `user:NAME`. The role tags themselves are groups whose
// members the identity provider tells; what they may do, grants of the instance say: `roles:id:operator` the role operator,
// `roles:id:system-dev` and `roles:id:data-dev` developer, `roles:id:user` viewer, Tenant Admin namespace-admin on the
// tenant, Data Admin data-admin, Data Developer developer.
package dataosmanifest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// Types of manifests that are more than a workload.
const (
	TypeSecret         = "secret"
	TypeInstanceSecret = "instance-secret"
	TypeGrant          = "grant"
	TypeDepot          = "depot"
)

const (
	// DefaultWorkspace is where what names no workspace belongs.
	DefaultWorkspace = "public"

	versionV2 = "v2alpha"
)

var (
	// ErrForeign: the document is no manifest of DataOS.
	ErrForeign = errors.New("not a manifest of DataOS")
	// ErrMissingRead: a depot refers to a secret to write with and to none to read with. The text is the platform's.
	ErrMissingRead error = refusal("Invalid Parameter - failure validating instance resource : invalid depot, missing a secret reference with acl: r")
)

// refusal is an error in the words of the platform.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

// Options say how manifests are read.
type Options struct {
	// ReadFile reads a file that a manifest names. nil: manifests that name files are refused.
	ReadFile func(path string) ([]byte, error)
	// Lookup tells the value of a variable. nil: nothing is expanded.
	Lookup func(name string) (value string, ok bool)
	// ExpandValues has the values of secrets and the texts of workloads expanded too. It needs Lookup.
	ExpandValues bool
	// Workspace is that of manifests which name none. Empty: DefaultWorkspace.
	Workspace string
}

// Scope is what a resource belongs to.
type Scope int

// The scopes.
const (
	// Instance is the whole instance.
	Instance Scope = iota
	// Workspace is one of v1.
	Workspace
	// Tenant is one of v2.
	Tenant
)

// Place is where a resource belongs.
type Place struct {
	Scope Scope
	// Name is that of the workspace, or of the tenant; empty: the tenant that is selected.
	Name string
}

// Manifest is what a document says.
type Manifest struct {
	File string
	Line int
	Resource
	Place Place
	// Description is that of the resource.
	Description string
	// Secrets are that of a secret, and those that a depot has in it.
	Secrets []Secret
	// Workload is a projection whose workload is the document; nil where there is nothing but secrets or grants.
	Workload *cofferv1.Projection
	// Depot is what a depot refers to.
	Depot []Reference
	// Grants are those that a grant stands for. There are none where it was not approved.
	Grants []Grant
	// Notices are what may not be meant as it is written. They hold no values.
	Notices []string

	root   *node   // as it is written
	bodies []*node // of the secrets, in it
}

// Secret is a secret with its payload.
type Secret struct {
	ID     string
	Secret *cofferv1.Secret
}

// Fault is what is wrong with a field.
type Fault struct {
	Line  int
	Field string // empty: the document as a whole
	Text  string
}

// Error is all that is wrong with a manifest, one thing a line. It quotes no value.
type Error struct {
	File   string
	Faults []Fault
}

// Error implements error.
func (e *Error) Error() string {
	texts := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		texts[i] = fmt.Sprintf("%s:%d: ", e.File, f.Line)
		if f.Field != "" {
			texts[i] += f.Field + ": "
		}
		texts[i] += f.Text
	}
	return strings.Join(texts, "\n")
}

// Recognizes tells whether a document is a manifest of DataOS rather than one of Coffer, as far as it can be read.
func Recognizes(text string) bool {
	root, fault := decode(text, 1)
	return fault == nil && root.recognized()
}

func (n *node) recognized() bool {
	return n != nil && n.kind == mapping && n.get("apiVersion") == nil && n.get("kind") == nil &&
		(n.get("type") != nil || n.get("version") != nil)
}

// Parse translates a document. An error is ErrForeign or an *Error.
func Parse(doc Document, o Options) (*Manifest, error) {
	root, fault := decode(doc.Text, doc.Line)
	if fault != nil {
		return nil, &Error{doc.File, []Fault{*fault}}
	}
	if !root.recognized() {
		return nil, ErrForeign
	}
	t := translator{options: o, doc: doc, manifest: &Manifest{File: doc.File, Line: root.line, root: root}}
	t.translate(root)
	if len(t.faults) > 0 {
		slices.SortStableFunc(t.faults, func(a, b Fault) int { return a.Line - b.Line })
		return nil, &Error{doc.File, t.faults}
	}
	return t.manifest, nil
}

// ParseAll translates all documents of a stream that are manifests of DataOS, and tells all that is wrong with any.
func ParseAll(file, text string, o Options) ([]*Manifest, error) {
	var manifests []*Manifest
	var errs []error
	for _, doc := range Split(file, text) {
		switch m, err := Parse(doc, o); {
		case errors.Is(err, ErrForeign):
		case err != nil:
			errs = append(errs, err)
		default:
			manifests = append(manifests, m)
		}
	}
	return manifests, errors.Join(errs...)
}
