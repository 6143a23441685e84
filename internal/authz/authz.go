// Package authz decides who may do what, with Cedar.
//
// Roles, grants and the tree of namespaces are data, decided by a handful of built-in policies; the schema in policy/ is
// the one source of actions and roles. A decision looks only at the grants that its principal holds on the resource and
// on the namespaces above it, so its cost does not grow with what else exists.
//
// It fails closed: an action, principal or resource that the schema does not know, a namespace that was not announced,
// and any error of evaluation all deny (Cedar by itself skips a forbid that fails). What threatens it is stale data: an
// Authorizer is as right as the feed that calls its Put and Delete methods. Only expiry needs no feed.
package authz

import (
	"errors"
	"sync"
	"time"

	"github.com/cedar-policy/cedar-go"
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
	// ErrTree: the namespace would close a cycle or lie deeper than MaxDepth. The tree is unchanged.
	ErrTree = errors.New("authz: not a valid place in the tree of namespaces")
)

// Config configures an Authorizer.
type Config struct {
	Now func() time.Time // the clock that expires grants; nil: time.Now
}

// Authorizer holds the grants and the tree of namespaces in memory and decides by them. It is safe for concurrent use;
// a decision sees every change whose method returned before it.
type Authorizer struct {
	now   func() time.Time
	model *model

	mu     sync.RWMutex
	tree   tree
	grants grants
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
		now:    config.Now,
		model:  model,
		tree:   tree{nodes: map[string]*node{}, children: map[string]map[string]bool{}},
		grants: grants{byUID: map[string]*grant{}, byHolder: map[cedar.EntityUID]map[cedar.EntityUID][]*grant{}},
	}, nil
}

// PutNamespace adds a namespace below its parent, or moves it there. The root has no parent (""). A parent may be
// announced after its children; until then they have nothing above them. The name is for errors only. Its error is
// ErrTree.
func (a *Authorizer) PutNamespace(uid, parentUID, name string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tree.put(uid, parentUID, name)
}

// DeleteNamespace forgets a namespace. Grants on it, and on what is above it, no longer reach what is in it or below.
func (a *Authorizer) DeleteNamespace(uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tree.remove(uid)
}

// PutGrant adds a grant, or replaces the one with the same UID, even when the new one is refused. Its error is ErrGrant.
func (a *Authorizer) PutGrant(g Grant) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.grants.remove(g.UID)
	return a.grants.put(g, a.model)
}

// DeleteGrant takes a grant away, at once. An unknown one is ignored.
func (a *Authorizer) DeleteGrant(uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.grants.remove(uid)
}

// Roles is the role table, in the order of their names.
func (a *Authorizer) Roles() []RoleInfo { return a.model.roleTable() }

// Actions lists every action of the schema, in order.
func (a *Authorizer) Actions() []Action { return a.model.actionList() }
