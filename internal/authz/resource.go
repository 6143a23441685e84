package authz

import "github.com/cedar-policy/cedar-go"

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
)

// Resource is what an action is asked on, or a grant given on.
type Resource struct {
	Kind Kind
	// UID is empty for a resource that does not exist. It is then decided by the namespace alone.
	UID string
	// NamespaceUID is the namespace that the resource is in. Of a namespace that PutNamespace has announced it is
	// ignored; of one that does not exist it is the parent to decide by: the root, when the parent is unknown.
	NamespaceUID string
	// Name is the full resource name, for the audit log. No decision depends on it.
	Name string
}

// Namespace is the Resource of an existing namespace.
func Namespace(uid, name string) Resource { return Resource{Kind: KindNamespace, UID: uid, Name: name} }

func (r Resource) entityUID() cedar.EntityUID {
	return cedar.EntityUID{Type: cedar.EntityType(r.Kind), ID: cedar.String(r.UID)}
}

func namespaceUID(uid string) cedar.EntityUID {
	return cedar.EntityUID{Type: cedar.EntityType(KindNamespace), ID: cedar.String(uid)}
}

// scopeOf is the scope of the schema that the entity is in.
func scopeOf(uid cedar.EntityUID) cedar.EntityUID {
	return cedar.EntityUID{Type: "Scope", ID: cedar.String(uid.Type) + "/" + uid.ID}
}
