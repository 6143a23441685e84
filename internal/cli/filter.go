package cli

// filterOf is what filters of a kind's lists may name, and an example.
func filterOf(kindName string) (example, fields string) {
	const (
		common = "name, uid, description, created_by, create_time, update_time, labels.KEY"
		recent = `labels.team = "orders" AND create_time > "2027-01-01T00:00:00Z"`
	)
	switch kindName {
	case kindNamespace:
		return `parent = "namespaces/acme" AND labels.team = "orders"`, "name, parent, description, create_time, update_time, created_by, labels.KEY"
	case kindSecret:
		return `type = "postgres" AND labels.team = "orders"`, `name, uid, type, description, owner, access_mode, created_by, updated_by, create_time,
update_time, expire_time, active_version, labels.KEY, keys`
	case kindProjection:
		return `authorized_by = "user:alice" AND labels.team = "orders"`, "authorized_by, updated_by, " + common
	case kindGrant:
		return `role = "viewer" AND expire_time < "2027-01-01T00:00:00Z"`, "name, uid, principal, role, resource, description, created_by, create_time, expire_time"
	}
	return recent, common
}
