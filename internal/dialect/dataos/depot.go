package dataos

import (
	"context"
	"slices"
	"strconv"
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
	if fault == nil && !resourceID.MatchString(naming.WorkloadID(typeDepot, req.GetDepot())) {
		fault = secrets.Invalid("depot", "is not the name of a depot")
	}
	acl := aclFor(purpose)
	modes := []secrets.AccessMode{secrets.AccessUnspecified, secrets.AccessRead}
	if acl == "rw" {
		modes[1] = secrets.AccessReadWrite
	}
	depot := s.referrer(req.GetDepot())
	depot.Pick = func(payload string, referred []secrets.Referred) int { return pick(payload, referred, purpose) }
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
func pick(payload string, referred []secrets.Referred, purpose string) int {
	document := parse(payload)
	for _, serves := range purposes[purpose] {
		i := slices.IndexFunc(referred, func(r secrets.Referred) bool { return document.purposeOf(r) == serves })
		if i >= 0 {
			return i
		}
	}
	return -1
}

// document is the manifest of a workload.
type document struct{ root any }

// parse reads a manifest. What cannot be read says nothing.
func parse(payload string) document {
	var d document
	if yaml.Unmarshal([]byte(payload), &d.root) != nil {
		return document{}
	}
	return d
}

// at is the text at a path of names, or empty.
func (d document) at(path ...string) string {
	text, _ := step(d.root, path...).(string)
	return text
}

func step(from any, path ...string) any {
	for _, name := range path {
		switch in := from.(type) {
		case map[string]any:
			from = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(in) {
				return nil
			}
			from = in[i]
		default:
			return nil
		}
	}
	return from
}

// said is the purpose that a manifest says a reference is for; empty: it says none.
func (d document) said(r secrets.Referred) string {
	path := strings.Split(strings.TrimPrefix(r.Place, "/"), "/")
	for i := range path {
		path[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(path[i])
	}
	item, ok := step(d.root, path...).(map[string]any)
	if !ok { // the place is that of its name
		item, _ = step(d.root, path[:len(path)-1]...).(map[string]any)
	}
	for _, name := range []string{"purpose", "acl"} {
		if purpose, ok := item[name].(string); ok && purposes[purpose] != nil {
			return purpose
		}
	}
	return ""
}

// purposeOf is what a secret that a depot refers to is for: as the depot says, else as the secret, else as its name does.
func (d document) purposeOf(r secrets.Referred) string {
	if said := d.said(r); said != "" {
		return said
	}
	if acl := aclOf(r.Mode); acl != "" {
		return acl
	}
	if strings.HasSuffix(hyphens(r.Name), "-rw") {
		return "rw"
	}
	return "r"
}
