package dataosmanifest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/naming"
)

// Grant is one role for one principal.
type Grant struct {
	ID    string
	Place Place
	// Secret is the one it is given on. Empty: all of the place.
	Secret string
	// Heimdall tells that Secret is an ID of Heimdall, which naming.HeimdallSecrets reads.
	Heimdall bool
	// Grant has no resource yet, which takes the namespace.
	Grant *cofferv1.Grant
}

// reach is what a use case is given on.
type reach int

const (
	onInstance reach = iota
	onSystem
	onWorkspaces
	onSecrets
	onNamed // what values name, or the instance
)

type useCase struct {
	id, role string
	on       reach
}

// useCases are those that concern secrets. The package documents them.
var useCases = []useCase{
	{"manage-secrets", "developer", onWorkspaces},
	{"manage-secret-in-system-workspaces", "developer", onSystem},
	{"manage-all-other-resources-in-user-layer", "developer", onInstance},
	{"read-specific-secret", "secret-reader", onSecrets},
	{"read-stack-secrets", "secret-reader", onSecrets},
	{"read-all-secrets-from-heimdall", "secret-reader", onInstance},
	{"un-sanitize-resource", "secret-reader", onNamed},
}

// grantFields are all that a grant says. What is misspelt is not passed over: it could have made the grant narrower.
var grantFields = []string{
	"policy_use_case_id", "policy-use-case-id", "subjects", "values", "requester", "notes", "approve", "collection", "manageAsUser",
}

// target is what a grant is given on.
type target struct {
	place    Place
	secret   string
	heimdall bool
}

func (t *translator) grant(body *node, key string) {
	if body == nil || body.kind != mapping {
		t.faultf(t.manifest.root, "grant", "want a mapping with policy_use_case_id and subjects")
		return
	}
	id := firstOf(body.str("policy_use_case_id"), body.str("policy-use-case-id"))
	i := slices.IndexFunc(useCases, func(u useCase) bool { return u.id == t.expand(id) })
	if i < 0 {
		known := make([]string, len(useCases))
		for i, u := range useCases {
			known[i] = u.id
		}
		t.faultf(body, key+".policy_use_case_id", "no use case that concerns secrets: want one of %s", strings.Join(known, ", "))
	}
	for _, f := range body.fields {
		if !slices.Contains(grantFields, f.key) {
			t.faults = append(t.faults, Fault{f.line, key + "." + f.key, "unknown field"})
		}
	}
	approved := t.approved(body, key)
	principals := t.subjects(body, key)
	named := t.values(body, key)
	if i < 0 || len(t.faults) > 0 {
		return
	}
	targets := t.targets(useCases[i], named, body, key)
	if !approved {
		t.noticef("the grant is not approved: nothing is granted")
		return
	}
	annotations := maps.Clone(t.annotations)
	annotations[naming.DataOSResource] = t.manifest.ID()
	for _, principal := range principals {
		for _, on := range targets {
			t.manifest.Grants = append(t.manifest.Grants, Grant{
				ID: t.grantID(principal, useCases[i].role, on), Place: on.place, Secret: on.secret, Heimdall: on.heimdall,
				Grant: &cofferv1.Grant{
					Principal: principal, Role: useCases[i].role, Annotations: annotations,
					Description: firstOf(body.str("notes"), t.manifest.Description),
				},
			})
		}
	}
}

// grantID differs with what is granted, since grants cannot be changed: applied again, a grant becomes others.
func (t *translator) grantID(principal, role string, on target) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %q %q", principal, role, on.place.Scope, on.place.Name, on.secret))
	return t.manifest.Name + "." + hex.EncodeToString(sum[:4])
}

func (t *translator) subjects(body *node, key string) []string {
	subjects := body.get("subjects")
	at := key + ".subjects"
	if subjects == nil || subjects.kind != list || len(subjects.items) == 0 {
		t.faultf(body, at, "want a list of roles:id:NAME and users:id:NAME")
		return nil
	}
	var principals []string
	for i, subject := range subjects.items {
		principal, ok := Principal(t.expand(subject.text))
		if !ok {
			t.faultf(subject, fmt.Sprintf("%s[%d]", at, i), "want roles:id:NAME or users:id:NAME")
		} else if !slices.Contains(principals, principal) {
			principals = append(principals, principal)
		}
	}
	return principals
}

// Tags of the platform, and the principals that they stand for.
var principalTags = []struct{ tag, principal string }{{"roles:id:", "group:"}, {"users:id:", "user:"}}

// Principal is whom a tag of the platform stands for: roles:id:NAME is group:NAME, and users:id:NAME user:NAME.
func Principal(tag string) (principal string, ok bool) {
	for _, p := range principalTags {
		if name, ok := strings.CutPrefix(tag, p.tag); ok && name != "" {
			return p.principal + name, true
		}
	}
	return "", false
}

// Tag is what the platform calls a principal; empty for one that it has no tag for.
func Tag(principal string) string {
	for _, p := range principalTags {
		if name, ok := strings.CutPrefix(principal, p.principal); ok {
			return p.tag + name
		}
	}
	return ""
}

// values are what the variable groups of a grant name.
func (t *translator) values(body *node, key string) []target {
	values, at := body.get("values"), key+".values"
	switch {
	case values == nil:
		return nil
	case values.kind != mapping || len(values.fields) == 0:
		t.faultf(values, at, "want a mapping of groups, each a list of paths")
		return nil
	}
	var targets []target
	for _, group := range values.fields {
		at := at + "." + group.key
		if group.value.kind != list || len(group.value.items) == 0 {
			t.faults = append(t.faults, Fault{group.line, at, "want a list of paths"})
		}
		for _, item := range group.value.items {
			path := item.get("path")
			if path == nil || path.kind != scalar || len(item.fields) != 1 {
				t.faultf(item, at, "want a path and nothing else")
				continue
			}
			on, ok := parsePath(t.expand(path.text))
			if !ok {
				t.faultf(item, at, "want the path of a secret or a workspace: /heimdall/api/v1/secrets/ID, secret:v1:NAME:WORKSPACE, dataos:workspace:NAME")
			} else if !slices.Contains(targets, on) {
				targets = append(targets, on)
			}
		}
	}
	return targets
}

// approved tells whether a grant is more than a request. What is neither true nor false, grants nothing.
func (t *translator) approved(body *node, key string) bool {
	approve := body.get("approve")
	switch {
	case approve == nil || approve.kind == null || approve.kind == scalar && strings.EqualFold(approve.text, "true"):
		return true
	case approve.kind != scalar || !strings.EqualFold(approve.text, "false"):
		t.faultf(approve, key+".approve", "want true or false")
	}
	return false
}

// parsePath reads what policies name a secret or a workspace by: a path of Heimdall or Poros, an ID of a resource, a tag.
func parsePath(path string) (target, bool) {
	path = strings.TrimRight(path, "/*")
	if workspace, ok := strings.CutPrefix(path, "dataos:workspace:"); ok && workspace != "" {
		return target{place: Place{Workspace, workspace}}, true
	}
	if r, err := ParseID(path); err == nil && r.IsSecret() && !strings.Contains(path, "/") {
		return secretTarget(r), true
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	last, before := parts[len(parts)-1], ""
	if len(parts) > 1 {
		before = parts[len(parts)-2]
	}
	workspace := ""
	if i := slices.Index(parts, "workspaces"); i >= 0 && i+1 < len(parts) {
		workspace = parts[i+1]
	}
	switch {
	case last == "":
		return target{}, false
	case before == "workspaces":
		return target{place: Place{Workspace, last}}, true
	case before == TypeSecret || before == TypeInstanceSecret:
		return secretTarget(Resource{Type: before, Name: last, Workspace: workspace}), true
	case before == "secrets":
		tenant, id, ok := strings.Cut(last, ":")
		if !ok {
			return target{secret: last, heimdall: true}, true
		}
		return target{Place{Tenant, tenant}, id, true}, tenant != "" && id != ""
	case len(parts) == 1 && (nameV1.MatchString(last) || nameV2.MatchString(last)):
		return target{secret: last, heimdall: true}, true
	}
	return target{}, false
}

func secretTarget(r Resource) target {
	if r.Type == TypeInstanceSecret {
		return target{secret: r.Name}
	}
	return target{place: Place{Workspace, firstOf(r.Workspace, DefaultWorkspace)}, secret: r.Name}
}

// targets are what a use case is given on, of what values name.
func (t *translator) targets(u useCase, named []target, body *node, key string) []target {
	secretsOnly := !slices.ContainsFunc(named, func(on target) bool { return on.secret == "" })
	switch {
	case len(named) > 0 && (u.on == onInstance || u.on == onSystem):
		t.faultf(body, key+".values", "%s takes none: it is for all there is", u.id)
	case u.on == onSecrets && (len(named) == 0 || !secretsOnly):
		t.faultf(body, key+".values", "%s takes the paths of secrets", u.id)
	case len(named) > 0:
		return named
	case u.on == onSystem:
		return []target{{place: Place{Workspace, "system"}}}
	case u.on == onWorkspaces:
		return []target{{place: Place{Workspace, firstOf(t.options.Workspace, DefaultWorkspace)}}}
	default:
		return []target{{}}
	}
	return nil
}
