package authz

// Action is one right, as noun:verb with the verb of the RPC.
type Action string

// The actions of the schema.
const (
	NamespaceCreate   Action = "namespace:create"
	NamespaceGet      Action = "namespace:get"
	NamespaceList     Action = "namespace:list"
	NamespaceUpdate   Action = "namespace:update"
	NamespaceDelete   Action = "namespace:delete"
	NamespaceUndelete Action = "namespace:undelete"

	SecretCreate     Action = "secret:create"
	SecretGet        Action = "secret:get" // metadata of the secret and of its versions
	SecretList       Action = "secret:list"
	SecretUpdate     Action = "secret:update"
	SecretDelete     Action = "secret:delete"
	SecretUndelete   Action = "secret:undelete"
	SecretPurge      Action = "secret:purge"
	SecretAddVersion Action = "secret:addVersion"
	SecretAccess     Action = "secret:access" // read the payload
	SecretUse        Action = "secret:use"    // deliver the payload through a projection, without reading it
	SecretEnable     Action = "secret:enable"
	SecretDisable    Action = "secret:disable"
	SecretActivate   Action = "secret:activate"
	SecretMove       Action = "secret:move"
	SecretCopy       Action = "secret:copy"
	SecretDestroy    Action = "secret:destroy"
	SecretSetOwner   Action = "secret:setOwner"

	ProjectionCreate   Action = "projection:create"
	ProjectionGet      Action = "projection:get"
	ProjectionList     Action = "projection:list"
	ProjectionUpdate   Action = "projection:update"
	ProjectionDelete   Action = "projection:delete"
	ProjectionRender   Action = "projection:render"
	ProjectionWatch    Action = "projection:watch"
	ProjectionTakeOver Action = "projection:takeOver"

	ServiceAccountCreate Action = "serviceAccount:create"
	ServiceAccountGet    Action = "serviceAccount:get"
	ServiceAccountList   Action = "serviceAccount:list"
	ServiceAccountUpdate Action = "serviceAccount:update"
	ServiceAccountDelete Action = "serviceAccount:delete"

	TokenCreate Action = "token:create"
	TokenGet    Action = "token:get"
	TokenList   Action = "token:list"
	TokenRenew  Action = "token:renew"
	TokenDelete Action = "token:delete"

	UserImpersonate Action = "user:impersonate" // mint and manage the personal tokens of people

	GrantCreate Action = "grant:create"
	GrantGet    Action = "grant:get"
	GrantList   Action = "grant:list"
	GrantDelete Action = "grant:delete"

	CustomRoleCreate Action = "role:create"
	CustomRoleGet    Action = "role:get"
	CustomRoleList   Action = "role:list"
	CustomRoleUpdate Action = "role:update"
	CustomRoleDelete Action = "role:delete"

	PolicyCreate Action = "policy:create"
	PolicyGet    Action = "policy:get"
	PolicyList   Action = "policy:list"
	PolicyUpdate Action = "policy:update"
	PolicyDelete Action = "policy:delete"

	AccessCheck Action = "access:check" // ask what another principal may do
	AccessList  Action = "access:list"  // ask who may do something

	AuditList   Action = "audit:list"
	AuditVerify Action = "audit:verify"
	AuditWatch  Action = "audit:watch"

	SystemStatus Action = "system:status"
)

// GrantRole is the right to give and to take the role, needed beside GrantCreate and GrantDelete.
func GrantRole(role Role) Action { return Action("grant:" + string(role)) }
