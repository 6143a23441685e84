// Package authz decides who may do what, with Cedar.
//
// Roles, grants and the tree of namespaces are data, decided by a handful of built-in policies; the schema in policy/ is
// the one source of actions and roles. What operators write, policies of a namespace and conditions of grants, is sliced
// by namespace and action. So a decision looks only at what applies to its principal, action and resource, and its cost
// does not grow with what else exists.
//
// It fails closed: an action, principal or resource that the schema does not know, a namespace that was not announced,
// a forbid that cannot be understood, and any error of evaluating an operator's policy all deny (Cedar by itself skips a
// forbid that fails). What was granted or permitted above an isolated namespace does not reach into it; forbids do. What
// threatens it is stale data: an Authorizer is as right as the feed that calls its Put and Delete methods. Only expiry
// needs no feed. The text of policies and conditions is not trusted: it is bounded before it is parsed.
package authz

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

var (
	// ErrSchema: the built-in schema or policies are inconsistent. Nothing may start.
	ErrSchema = errors.New("authz: built-in policies are invalid")
	// ErrRequest: the question does not fit the schema; the answer is deny.
	ErrRequest = errors.New("authz: not a valid request")
	// ErrEvaluation: a policy could not be evaluated; the answer is deny.
	ErrEvaluation = errors.New("authz: evaluating a policy")
	// ErrGrant: the grant cannot be understood, and counts for nothing.
	ErrGrant = errors.New("authz: not a valid grant")
	// ErrRole: the custom role cannot be understood, and gives nothing.
	ErrRole = errors.New("authz: not a valid role")
	// ErrPolicy: the text of a policy or of a condition is not valid. The rest of the error says where and why, and may be
	// told to who wrote it.
	ErrPolicy = errors.New("authz: not a valid policy")
	// ErrTree: the namespace would close a cycle or lie deeper than MaxDepth. The tree is unchanged.
	ErrTree = errors.New("authz: not a valid place in the tree of namespaces")
)

// Config configures an Authorizer.
type Config struct {
	Now func() time.Time // the clock that expires grants; nil: time.Now
}

// Authorizer holds the tree of namespaces, the grants, the custom roles and the operators' policies in memory and
// decides by them. It is safe for concurrent use; a decision sees every change whose method returned before it.
type Authorizer struct {
	now   func() time.Time
	model *model

	resources  *memo[seenResource]
	principals *memo[seenPrincipal]

	mu       sync.RWMutex
	tree     tree
	grants   grants
	roles    map[string]*CustomRole // by UID
	policies policySet
}

// New reads and validates the built-in schema and policies, and returns an Authorizer that denies everything.
func New(config Config) (*Authorizer, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	model, err := newModel()
	if err != nil {
		return nil, err
	}
	return &Authorizer{
		now:   config.Now,
		model: model,

		resources:  newMemo[seenResource](),
		principals: newMemo[seenPrincipal](),

		tree:     tree{nodes: map[string]*node{}, children: map[string]map[string]bool{}},
		grants:   newGrants(),
		roles:    map[string]*CustomRole{},
		policies: policySet{byUID: map[string]kept{}, byAction: map[Action]map[string]inForce{}},
	}, nil
}

// NamespaceInfo is a namespace and its place in the tree.
type NamespaceInfo struct {
	UID       string // required
	ParentUID string // empty for the root
	Name      string // for errors only
	// Isolated cuts what was granted or permitted above: it does not reach the namespace, nor what is in it or below, but
	// for getting the namespace itself, and listing it. Forbids from above reach on.
	Isolated bool
}

// PutNamespace adds a namespace below its parent, or moves it there. A parent may be announced after its children; until
// then they have nothing above them. Its error is ErrTree.
func (a *Authorizer) PutNamespace(n NamespaceInfo) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tree.put(n)
}

// DeleteNamespace forgets a namespace. Grants on it, and on what is above it, no longer reach what is in it or below.
func (a *Authorizer) DeleteNamespace(uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tree.remove(uid)
}

// PutGrant adds a grant, or replaces the one with the same UID, even when the new one is refused. Its error is ErrGrant.
func (a *Authorizer) PutGrant(g Grant) error {
	kept, err := a.model.readGrant(g)

	a.mu.Lock()
	defer a.mu.Unlock()
	a.grants.remove(g.UID)
	if err != nil {
		return err
	}
	a.grants.add(kept)
	return nil
}

// DeleteGrant takes a grant away, at once. An unknown one is ignored.
func (a *Authorizer) DeleteGrant(uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.grants.remove(uid)
}

// PutRole adds a custom role, or replaces the one with the same UID, even when the new one is refused. Its grants follow
// at once; they may be announced before it. Its error is ErrRole.
func (a *Authorizer) PutRole(r CustomRole) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.roles, r.UID)
	if err := a.model.checkRole(r); err != nil {
		return err
	}
	a.roles[r.UID] = &r
	return nil
}

// DeleteRole takes a custom role away; its grants give nothing. An unknown one is ignored.
func (a *Authorizer) DeleteRole(uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.roles, uid)
}

// PutPolicy adds an operator's policy, or replaces the one with the same UID. It applies to its namespace and what is
// below, whether or not that is announced, and never to the actions on policies.
//
// A statement that is not valid, of a newer version, say, fails closed: a permit is left out, a forbid is taken to forbid
// everything for its actions, and a text that cannot be read at all for every action. The error then is ErrPolicy.
func (a *Authorizer) PutPolicy(p Policy) error {
	if p.UID == "" || p.NamespaceUID == "" {
		return fmt.Errorf("%w: %q: a UID is missing", ErrPolicy, p.Name)
	}
	statements, err := a.model.readOperator(p)
	actions := map[Action][]*statement{}
	for _, s := range statements {
		for _, action := range a.model.actionsOf(s) {
			actions[action] = append(actions[action], s)
		}
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	a.policies.remove(p.UID)
	a.policies.add(p, actions)
	return err
}

// DeletePolicy takes a policy away, at once. An unknown one is ignored.
func (a *Authorizer) DeletePolicy(uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.policies.remove(uid)
}

// Roles is the table of built-in roles, in the order of their names.
func (a *Authorizer) Roles() []RoleInfo { return a.model.roleTable() }

// Actions lists every action of the schema, in order.
func (a *Authorizer) Actions() []Action { return a.model.actionList() }
