package secrets

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// maxAccessors bounds who is put in order for one answer.
const maxAccessors = 20_000

// Accessor is a principal that may do an action, and through what.
type Accessor struct {
	Principal  string // empty: whoever meets the conditions of a policy
	Action     string
	Reason     Reason
	Projection string // that delivers the secret to the principal, where it may not use it itself
}

// Accessors are a page of them, in the order of principals.
type Accessors struct {
	Accessors []Accessor
	Hidden    int // how many of the page the caller may not see
	NextPage  string
}

// ListAccessors is what ListAccessors asks.
type ListAccessors struct {
	Resource string // full name of a namespace, secret, projection or service account
	Action   string // empty: what delivers the values of a secret or a projection
	Size     int
	Token    string
}

// accessor is an Accessor that the caller may not be allowed to see.
type accessor struct {
	authz.Accessor
	action   authz.Action
	through  authz.Resource // the projection; zero: none
	position storage.Key    // among the others
}

// ListAccessors tells who may do an action on a resource. Who may see that a grant, a policy or a projection is there is
// told by the right to get it; the others are counted.
func (s *Service) ListAccessors(ctx context.Context, caller authn.Caller, req ListAccessors) (Accessors, error) {
	a, err := s.resolve(ctx, "resource", req.Resource)
	if err != nil {
		return Accessors{}, err
	}
	note := "who may " + cmp.Or(clip(req.Action), "read it")
	if err := s.gate.AllowAll(ctx, caller, a.resource, note, authz.AccessList); err != nil {
		return Accessors{}, retold(err, a.name)
	}
	actions, err := s.accessActions(a, req.Action)
	if err != nil {
		return Accessors{}, err
	}
	size, err := pageSize(req.Size)
	if err != nil {
		return Accessors{}, err
	}
	query := sha256.Sum256(fmt.Appendf(nil, "accessors %q %q", req.Resource, req.Action))
	at := cursor{Query: query[:]}
	if req.Token != "" {
		if err := s.openToken(ctx, caller, req.Token, &at); err != nil || !bytes.Equal(at.Query, query[:]) {
			return Accessors{}, Invalid("page_token", "is not the token of a page of this list")
		}
	}
	var page Accessors
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		all, err := s.accessors(ctx, snapshot, a, actions)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(e accessor) bool { return e.position <= at.After })
		if len(all) > size {
			at.After, all = all[size-1].position, all[:size]
		} else {
			at.After = ""
		}
		page, err = s.visibleAccessors(snapshot, caller, all)
		return err
	})
	if err == nil && at.After != "" {
		page.NextPage, err = s.sealToken(ctx, caller, &at)
	}
	return page, err
}

// accessActions are the actions that are asked about.
func (s *Service) accessActions(a asked, action string) ([]authz.Action, error) {
	if a.fault != nil {
		return nil, a.fault
	}
	if !a.there {
		return nil, a.absent()
	}
	switch a.get {
	case authz.SecretGet:
		if action == "" {
			return []authz.Action{authz.SecretAccess, authz.SecretUse}, nil
		}
	case authz.ProjectionGet:
		if action == "" {
			return []authz.Action{authz.ProjectionRender}, nil
		}
	case authz.NamespaceGet, authz.ServiceAccountGet:
	default:
		return nil, Invalid("resource", "must be a namespace, secret, projection or service account")
	}
	if action == "" {
		return nil, Invalid("action", "is required for this resource")
	}
	if !slices.Contains(s.authz.Actions(), authz.Action(action)) {
		return nil, Invalid("action", "%q is not an action", clip(action))
	}
	return []authz.Action{authz.Action(action)}, nil
}

// accessors are all that may do one of the actions, in order, whoever may see them.
func (s *Service) accessors(ctx context.Context, snapshot *sealed.Snapshot, a asked, actions []authz.Action) ([]accessor, error) {
	var all []accessor
	for _, action := range actions {
		found, err := s.accessorsOf(action, a.resource)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
		if action == authz.SecretUse && a.resource.Kind == authz.KindSecret {
			through, err := s.accessorsThrough(ctx, snapshot, a.resource, holdersOf(found), maxAccessors-len(all))
			if err != nil {
				return nil, err
			}
			all = append(all, through...)
		}
		if len(all) > maxAccessors {
			return nil, tooManyAccessors()
		}
	}
	slices.SortFunc(all, func(a, b accessor) int { return cmp.Compare(a.position, b.position) })
	return slices.CompactFunc(all, func(a, b accessor) bool { return a.position == b.position }), nil
}

func tooManyAccessors() error {
	return fmt.Errorf("%w: more than %d reasons to put in order; ask for one action, or about something below", ErrLimit, maxAccessors)
}

// accessorsOf are those that hold the action on the resource. A service account that is gone holds nothing.
func (s *Service) accessorsOf(action authz.Action, resource authz.Resource) ([]accessor, error) {
	found, err := s.authz.Accessors(action, resource)
	if errors.Is(err, authz.ErrRequest) {
		return nil, Invalid("action", "%s does not apply to the resource", action)
	} else if err != nil {
		return nil, err
	}
	var all []accessor
	for _, entry := range found {
		if entry.PrincipalUID != "" {
			principal, lives := s.directory.principal(entry.PrincipalUID)
			if !lives {
				continue
			}
			entry.Principal = principal.Name
		}
		e := accessor{Accessor: entry, action: action}
		e.position = positionOf(e)
		all = append(all, e)
	}
	return all, nil
}

// positionOf sorts by principal, with all that tells one entry from another behind it.
func positionOf(e accessor) storage.Key {
	return storage.Key(strings.Join([]string{e.Principal, string(e.action), e.Grant, e.Policy, e.Role, e.through.Name, "."}, "\x00"))
}

// holdersOf are the principals that hold the action whatever else is the case.
func holdersOf(found []accessor) map[string]bool {
	holders := map[string]bool{}
	for _, e := range found {
		if !e.Conditional {
			holders[e.Principal] = true
		}
	}
	return holders
}

// accessorsThrough are those that receive a secret through projections, as long as the author of each may use it, and are
// not among who may use it themselves.
func (s *Service) accessorsThrough(ctx context.Context, snapshot *sealed.Snapshot, secret authz.Resource, direct map[string]bool, room int) ([]accessor, error) {
	var all []accessor
	k := secretKey{secret.NamespaceUID, secret.UID}
	for shard := range dependentsShards {
		record, err := readShard(snapshot, k, shardKey(k, shard))
		if err != nil {
			return nil, err
		}
		for _, dependent := range record.GetProjections() {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			projection, err := s.delivers(snapshot, secret, cmp.Or(dependent.GetNamespaceUid(), k.nsUID), dependent)
			if err != nil {
				return nil, err
			}
			if projection.UID == "" {
				continue
			}
			through, err := s.receivers(projection, direct)
			if err != nil {
				return nil, err
			}
			if all = append(all, through...); len(all) > room {
				return nil, tooManyAccessors()
			}
		}
	}
	return all, nil
}

// receivers are those that may render or watch a projection, less those that may use the secret themselves.
func (s *Service) receivers(projection authz.Resource, direct map[string]bool) ([]accessor, error) {
	var all []accessor
	seen := map[storage.Key]bool{}
	for _, action := range []authz.Action{authz.ProjectionRender, authz.ProjectionWatch} {
		found, err := s.accessorsOf(action, projection)
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			e.action, e.through = authz.SecretUse, projection
			e.position = positionOf(e)
			if e.Principal != "" && direct[e.Principal] || seen[e.position] {
				continue
			}
			seen[e.position] = true
			all = append(all, e)
		}
	}
	return all, nil
}

// delivers is the resource of a projection that delivers the secret now; zero: it does not.
func (s *Service) delivers(r reader, secret authz.Resource, nsUID string, dependent *storev1.Dependents_Dependent) (authz.Resource, error) {
	n, ok := s.directory.namespaceByUID(nsUID)
	if !ok || n.deleted {
		return authz.Resource{}, nil
	}
	t := projectionAt{place: s.locate("", join(namespaces, n.id, projections, dependent.GetId()), namespaces, projections)}
	if err := t.read(r); err != nil || t.record.GetUid() != dependent.GetUid() {
		return authz.Resource{}, err
	}
	decision := s.authz.Decide(authz.Question{
		Principal: s.authorOf(t.record), Action: authz.SecretUse, Resource: secret, Context: authz.Context{Delegated: true},
	})
	if !decision.Allowed {
		return authz.Resource{}, nil
	}
	return s.projectionResource(t), nil
}

// visibleAccessors are those that the caller may see.
func (s *Service) visibleAccessors(r reader, caller authn.Caller, all []accessor) (Accessors, error) {
	var page Accessors
	for _, e := range all {
		reason, seen, err := s.reasonOf(r, caller, e)
		if err != nil {
			return Accessors{}, err
		}
		if !seen || e.through.UID != "" && !s.gate.Holds(caller, authz.ProjectionGet, e.through) {
			page.Hidden++
			continue
		}
		page.Accessors = append(page.Accessors, Accessor{
			Principal: e.Principal, Action: string(e.action), Reason: reason, Projection: e.through.Name,
		})
	}
	return page, nil
}

func (s *Service) reasonOf(r reader, caller authn.Caller, e accessor) (reason Reason, seen bool, err error) {
	switch {
	case e.Grant != "":
		reason, seen, err = s.reasonOfGrant(r, caller, e.Grant, ownOf(caller, e.Principal))
	case e.Policy != "":
		reason, seen, err = s.reasonOfPolicy(r, caller, e.action, e.Policy, e.Principal)
		reason.Conditional = e.Conditional
	default: // the owner, of whom every reader of the secret knows
		reason, seen = Reason{Role: e.Role, Policy: builtInPrefix + e.Role, Principal: e.Principal}, true
	}
	return reason, seen, err
}
