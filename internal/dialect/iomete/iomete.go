// Package iomete serves the secrets of IOMETE's domains and resolves what is deployed there.
//
// It guarantees that no secret's value is answered but where a workload's references are resolved, and that global secrets
// are not changed through a domain. It decides nothing: every call is one of the domain, through its gate. What threatens it
// are names of domains that would be other namespaces, which naming.Domain rules out, and updates of secrets that have more
// than the one value that IOMETE knows: they are refused, since they would break what refers to those.
//
// A domain is the namespace naming.Domain makes of its name, which an administrator creates; global secrets are those of the
// root namespace, written `instance` where a source's ID stands. In a path, a name is percent-encoded as everywhere, so
// spaces, dots, upper case and umlauts are fine. A slash is not, whichever way it is written: /api/v2/domains/a%2Fb is no
// route. Over gRPC there is no such limit.
//
// # Permissions
//
// What IOMETE calls a permission is a role here, granted on the namespace of the domain or on one secret or backend:
//
//	permission                    role             on
//	LIST_SECRETS                  viewer           the domain
//	MANAGE_SECRETS                developer        the domain
//	VIEW_SECRETS                  secret-reader    the domain, or one secret
//	use of a secret in workloads  developer (who registers), workload (which renders)
//	View of a Vault               viewer           the backend
//	Update of a Vault             data-admin       the backend
//	Use of a Vault                secret-user      the backend
//	use of global secrets         secret-user      the secrets of the root namespace, or its labels
//
// Where these give too much or too little, a role of one's own can carry the permission's very name, as LIST_SECRETS does
// with secret:list and secret:get alone; a grant then names namespaces/{namespace}/roles/LIST_SECRETS.
//
// # Resource bundles
//
// A resource bundle is a label, and a grant whose condition asks for it. What is in the bundle is labelled bundle=finance, and
//
//	coffer grant create secret-user --to group:analysts -n sales \
//	  --when 'resource.hasTag("bundle") && resource.getTag("bundle") == "finance"'
//
// gives the group Use of all of it, of what joins it later too. Labels are set by coffer.v1 alone: an update of a secret
// through IOMETE's API keeps them.
package iomete

import (
	iometev1 "github.com/coffer-dev/coffer/gen/go/coffer/iomete/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// Config says what the service serves.
type Config struct {
	Service *secrets.Service // required
}

// New returns the service.
func New(config Config) iometev1.IometeServiceServer { return &server{service: config.Service} }

type server struct {
	iometev1.UnimplementedIometeServiceServer
	service *secrets.Service
}
