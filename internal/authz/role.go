package authz

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
)

// RoleInfo is a row of the role table.
type RoleInfo struct {
	Role        Role
	Description string
	Actions     []Action // in order
}
