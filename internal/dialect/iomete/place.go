package iomete

import (
	"cmp"
	"errors"
	"strings"

	iometev1 "github.com/coffer-dev/coffer/gen/go/coffer/iomete/v1"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// place is the namespace that a request is about.
type place struct {
	namespace string // full name
	source    *iometev1.Source
	fault     error // why nothing is done there; told only after the decision
}

// global is where the secrets are that all domains share.
func global() place { return placeOf(naming.Instance, naming.Instance) }

func placeOf(namespace, source string) place {
	return place{
		namespace: "namespaces/" + namespace,
		source:    &iometev1.Source{Type: iometev1.Source_KUBERNETES, Id: source},
	}
}

// domain is the namespace of a domain. `instance` is what global secrets are addressed by, and so no domain: whoever means
// them by it must not be led elsewhere, nor change them here.
func domain(name string) place {
	if name == naming.Instance {
		p := global()
		p.fault = secrets.Invalid("domain", "%s is not a domain: global secrets are read only here; list them with scope=GLOBAL in any "+
			"domain, and manage them as those of namespaces/%[1]s", naming.Instance)
		return p
	}
	id, err := naming.Domain(name)
	p := placeOf(id, name)
	if err != nil {
		p.fault = secrets.Invalid("domain", "%v", err)
	}
	return p
}

// secret is the full name of a secret there.
func (p place) secret(key string) string { return p.namespace + "/secrets/" + key }

// ofSecret and ofWorkload are what this API calls the fields of the domain's requests.
var (
	ofSecret = map[string]string{
		"secret_id": "secret.key", "secret.payload": "secret.value", "payload": "secret.value", "name": "key", "secret.name": "key", "parent": "domain",
	}
	ofWorkload = map[string]string{"projection_id": "payload.name", "projection.workload.payload": "payload", "parent": "domain"}
)

// told is what a call is answered with that failed, or that must not be made: then the domain has only decided on it.
func (p place) told(err error, fields map[string]string) error {
	if p.fault != nil && !errors.Is(err, gate.ErrDenied) && !errors.Is(err, gate.ErrUnavailable) {
		return p.fault
	}
	if invalid, ok := errors.AsType[*secrets.InvalidError](err); ok {
		renamed := &secrets.InvalidError{}
		for _, v := range invalid.Violations {
			renamed.Violations = append(renamed.Violations, secrets.Violation{Field: cmp.Or(fields[v.Field], v.Field), Description: v.Description})
		}
		return renamed
	}
	return err
}

// check refuses to write where nothing may be written, and a source that is not that of the place. None is right.
func (p place) check(source *iometev1.Source) error {
	switch {
	case p.fault != nil:
		return p.fault
	case source == nil:
		return nil
	case source.GetType() == iometev1.Source_VAULT:
		return secrets.Invalid("secret.source", "a Vault is read only: write to it with its own tools")
	case source.GetId() == naming.Instance:
		return secrets.Invalid("secret.source", "global secrets are read only in a domain: manage them as those of namespaces/%s", naming.Instance)
	case source.GetId() != p.source.GetId() || source.GetType() != p.source.GetType():
		return secrets.Invalid("secret.source", "is not the domain of the path")
	}
	return nil
}

// sourceOf tells where a secret or a backend is, and the ID of it. A namespace that no domain has is named in full, which is
// no name of a domain.
func sourceOf(name string) (source *iometev1.Source, id string) {
	namespace, id, backend := strings.Cut(strings.TrimPrefix(name, "namespaces/"), "/backends/")
	if backend {
		return &iometev1.Source{Type: iometev1.Source_VAULT, Id: id}, id
	}
	namespace, id, _ = strings.Cut(namespace, "/secrets/")
	of := namespace
	if namespace != naming.Instance {
		of = cmp.Or(naming.DomainOf(namespace), "namespaces/"+namespace)
	}
	return placeOf(namespace, of).source, id
}
