package authz

import (
	"fmt"
	"slices"
)

// Role is a named group of actions.
type Role string

// The roles of the schema.
const (
	RoleViewer         Role = "viewer"
	RoleDeveloper      Role = "developer"
	RoleDataAdmin      Role = "data-admin"
	RoleNamespaceAdmin Role = "namespace-admin"
	RoleOperator       Role = "operator"
	RoleAuditor        Role = "auditor"
	RoleSecretUser     Role = "secret-user"
	RoleSecretReader   Role = "secret-reader"
	RoleWorkload       Role = "workload"
	RoleOwner          Role = "owner" // of a secret, by its Owner; never granted
)

// RoleInfo is a row of the role table.
type RoleInfo struct {
	Role        Role
	Description string
	Actions     []Action // in order
	Grantable   bool     // false for what is only held by being something
}

// CustomRole is a role that an instance made of actions. Its grants follow it when it changes.
type CustomRole struct {
	UID  string // required
	Name string // full resource name, told by decisions
	// NamespaceUID is where the role can be granted: there and below, but not across the border of an isolated
	// namespace, so that nobody outside changes what it means inside.
	NamespaceUID string
	Actions      []Action
}

func (m *model) checkRole(r CustomRole) error {
	if r.UID == "" || r.NamespaceUID == "" || len(r.Actions) == 0 {
		return fmt.Errorf("%w: %q: a UID is missing, or it has no action", ErrRole, r.Name)
	}
	for _, action := range r.Actions {
		if _, ok := m.rules[action]; !ok {
			return fmt.Errorf("%w: %q: no action %q", ErrRole, r.Name, action)
		}
	}
	return nil
}

func (r *CustomRole) has(action Action) bool { return slices.Contains(r.Actions, action) }
