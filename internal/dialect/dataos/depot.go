package dataos

import (
	"context"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

const typeDepot = "depot"

// purposes are what a depot's secrets are asked for, and which of them serve, the best first: an access list, or a purpose
// of v2.
var purposes = map[string][]string{
	"r": {"r", "scan", "query"}, "rw": {"rw"}, "scan": {"scan", "r"}, "query": {"query", "r"},
}

// aclFor is the access list of a purpose.
func aclFor(purpose string) string {
	if purpose == "rw" {
		return purpose
	}
	return "r"
}

// ListDepotSecrets implements dataosv1.DataOSServiceServer.
func (s *server) ListDepotSecrets(ctx context.Context, req *dataosv1.ListDepotSecretsRequest) (*dataosv1.HeimdallSecret, error) {
	purpose, fault := purposeAsked("acl", req.GetAcl())
	if fault == nil && !naming.IsSecret(naming.WorkloadID(typeDepot, req.GetDepot())) {
		fault = secrets.Invalid("depot", "is not the name of a depot")
	}
	acl := aclFor(purpose)
	modes := []secrets.AccessMode{secrets.AccessUnspecified, secrets.AccessRead}
	if acl == "rw" {
		modes[1] = secrets.AccessReadWrite
	}
	depot := s.referrer(req.GetDepot())
	depot.Pick = func(referred []secrets.Referred) int { return pick(referred, purpose) }
	named, err := s.config.Service.AccessNamed(ctx, rpc.Caller(ctx), secrets.AccessNamed{
		Default:  s.defaultNamespace(),
		Readings: []secrets.Reading{{Secret: req.GetDepot() + "-" + acl}, {Secret: req.GetDepot(), Modes: modes}},
		Referrer: &depot,
		Fault:    fault,
	})
	if err != nil {
		return nil, err
	}
	namespace, name := split(named.Secret.Name)
	return heimdallSecret(s.idOf(namespace, name, named.Secret.AccessMode), named)
}

// purposeAsked is a purpose that a caller asks for; none is r.
func purposeAsked(field, asked string) (string, error) {
	if asked == "" {
		return "r", nil
	}
	if purposes[asked] == nil {
		return "r", secrets.Invalid(field, "want r, rw, scan or query")
	}
	return asked, nil
}

// referrer is the depot of a name: that of the instance, or else of the caller's tenant.
func (s *server) referrer(depot string) secrets.Referrer {
	return secrets.Referrer{
		ID: naming.WorkloadID(typeDepot, depot), First: []string{s.config.Names.InstanceNamespace()}, Default: s.defaultNamespace(),
	}
}

// pick is the index of the secret that serves a purpose; negative: there is none.
func pick(referred []secrets.Referred, purpose string) int {
	for _, serves := range purposes[purpose] {
		i := slices.IndexFunc(referred, func(r secrets.Referred) bool { return purposeOf(r) == serves })
		if i >= 0 {
			return i
		}
	}
	return -1
}

// purposeOf is what a secret that a depot refers to is for: as the depot says, else as the secret, else as its name does.
func purposeOf(r secrets.Referred) string {
	if purposes[r.Purpose] != nil {
		return r.Purpose
	}
	if acl := aclOf(r.Mode); acl != "" {
		return acl
	}
	if strings.HasSuffix(hyphens(r.Name), "-rw") {
		return "rw"
	}
	return "r"
}

// sourceType is the type of the source of a depot, as its manifest says. Aliases are not followed, since they make much of a
// little.
func sourceType(manifest string) string {
	var document yaml.Node
	if yaml.Unmarshal([]byte(manifest), &document) != nil || len(document.Content) == 0 {
		return ""
	}
	for _, body := range []string{typeDepot, "spec"} {
		if n := member(member(document.Content[0], body), "type"); n != nil && n.Kind == yaml.ScalarNode {
			return n.Value
		}
	}
	return ""
}

// member is a value of a mapping; nil: there is none.
func member(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}
