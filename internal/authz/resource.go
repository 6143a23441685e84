package authz

import (
	"fmt"
	"strings"

	"github.com/cedar-policy/cedar-go"
)

// Kind is the kind of a resource. Its value is the entity type of the schema.
type Kind string

// The kinds of resources. What concerns the whole instance is decided on the root namespace.
const (
	KindNamespace      Kind = "Namespace"
	KindSecret         Kind = "Secret"
	KindProjection     Kind = "Projection"
	KindServiceAccount Kind = "ServiceAccount"
	KindToken          Kind = "Token"
	KindGrant          Kind = "Grant"
	KindPolicy         Kind = "Policy"
	KindRole           Kind = "Role" // a custom one
)

// Resource is what an action is asked on, or a grant given on.
type Resource struct {
	Kind Kind
	// UID is empty for a resource that does not exist. It is then decided by the namespace alone, and has no attribute
	// but the ID in its name.
	UID string
	// NamespaceUID is the namespace that the resource is in. Of a namespace that PutNamespace has announced it is
	// ignored; of one that does not exist it is the parent to decide by: the root, when the parent is unknown.
	NamespaceUID string
	// Name is the full resource name, or that of a part such as a version. Policies and conditions see the ID in it: where
	// one applies, a question about a resource that exists must name it.
	Name string

	// What policies and conditions see. Whoever asks must give all that the resource has: a forbid does not know of a
	// label that it is not shown.

	Labels     map[string]string
	Type       string // of a secret
	AccessMode string // of a secret: READ, READ_WRITE
	Owner      string // of a secret: authn.Principal.OwnerID of its owner
}

// Namespace is the Resource of an existing namespace.
func Namespace(uid, name string) Resource { return Resource{Kind: KindNamespace, UID: uid, Name: name} }

// space is the UID of the namespace that the resource lies in, or is.
func (r Resource) space() string {
	if r.Kind == KindNamespace {
		return r.UID
	}
	return r.NamespaceUID
}

func (r Resource) entityUID() cedar.EntityUID {
	return cedar.EntityUID{Type: cedar.EntityType(r.Kind), ID: cedar.String(r.UID)}
}

// id is the ID that the name gives to the resource, or to the resource that it names a part of. Its error is ErrRequest.
func (r Resource) id() (string, error) {
	whole := r.whole()
	found := whole[strings.LastIndexByte(whole, '/')+1:]
	if found == "" && r.UID != "" {
		return "", fmt.Errorf("%w: %q does not name a %s, and a policy may look at the name", ErrRequest, r.Name, r.Kind)
	}
	return found, nil
}

// whole is the name of the resource itself, where Name is that of a part of it, such as a token of a service account.
func (r Resource) whole() string {
	end, at := 0, 0
	for rest, more := r.Name, r.Name != ""; more; {
		var collection, id string
		collection, rest, more = strings.Cut(rest, "/")
		if !more {
			break
		}
		id, rest, more = strings.Cut(rest, "/")
		at += len(collection) + len("/") + len(id)
		if kindOfCollection(collection) == r.Kind {
			end = at
		}
		at += len("/")
	}
	return r.Name[:end]
}

func kindOfCollection(collection string) Kind {
	switch collection {
	case "namespaces":
		return KindNamespace
	case "secrets", "deletedSecrets":
		return KindSecret
	case "projections":
		return KindProjection
	case "serviceAccounts":
		return KindServiceAccount
	case "tokens":
		return KindToken
	case "grants":
		return KindGrant
	case "policies":
		return KindPolicy
	case "roles":
		return KindRole
	}
	return ""
}

// attributes are what policies see of the resource, but for its labels.
func (r Resource) attributes(id string) cedar.Record {
	attributes := cedar.RecordMap{"id": cedar.String(id), "namespace": namespaceIn(r.Name)}
	set := func(name, value string) {
		if value != "" {
			attributes[cedar.String(name)] = cedar.String(value)
		}
	}
	switch r.Kind {
	case KindSecret:
		set("type", r.Type)
		set("accessMode", r.AccessMode)
		set("owner", r.Owner)
	case KindServiceAccount:
		set("name", "serviceAccount:"+r.whole())
	}
	return cedar.NewRecord(attributes)
}

// namespaceIn is the ID of the namespace in a full name.
func namespaceIn(name string) cedar.String {
	rest, _ := strings.CutPrefix(name, "namespaces/")
	id, _, _ := strings.Cut(rest, "/")
	return cedar.String(id)
}

func tags(of map[string]string) cedar.Record {
	if len(of) == 0 {
		return cedar.Record{}
	}
	values := make(cedar.RecordMap, len(of))
	for key, value := range of {
		values[cedar.String(key)] = cedar.String(value)
	}
	return cedar.NewRecord(values)
}

func namespaceUID(uid string) cedar.EntityUID {
	return cedar.EntityUID{Type: cedar.EntityType(KindNamespace), ID: cedar.String(uid)}
}

// scopeOf is the scope of the schema that the entity is in.
func scopeOf(uid cedar.EntityUID) cedar.EntityUID {
	return cedar.EntityUID{Type: "Scope", ID: cedar.String(uid.Type) + "/" + uid.ID}
}
