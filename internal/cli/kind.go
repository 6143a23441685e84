package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/pkg/client"
)

// kind is a kind of resource as get, list, delete and apply know it.
type kind struct {
	name       string   // on the command line, e.g. service-account
	plural     string   // in sentences
	aliases    []string // other ways to write it
	manifest   string   // kind of its manifests; empty: it has none
	field      string   // of requests and answers, e.g. service_account
	collection string   // segment of its resource names
	columns    []string // fields shown in tables

	get, list, create, update, delete rpc // request nil: there is none
}

const (
	kindNamespace      = "namespace"
	kindSecret         = "secret"
	kindProjection     = "projection"
	kindServiceAccount = "service-account"
	kindToken          = "token"
	kindRole           = "role"
	kindPolicy         = "policy"
	kindGrant          = "grant"
)

// kinds lists them in the order in which apply writes them: what others refer to comes first.
func kinds() []kind {
	return []kind{{
		name: kindNamespace, plural: "namespaces", aliases: []string{"namespaces", "ns"}, manifest: "Namespace", field: "namespace",
		collection: "namespaces",
		columns:    []string{"name", "parent", "description", "create_time", "delete_time"},
		get:        method((*client.Client).GetNamespace), list: method((*client.Client).ListNamespaces),
		create: method((*client.Client).CreateNamespace), update: method((*client.Client).UpdateNamespace),
		delete: method((*client.Client).DeleteNamespace),
	}, {
		name: kindServiceAccount, plural: "service accounts", aliases: []string{"service-accounts", "serviceaccount", "serviceaccounts", "sa"},
		manifest: "ServiceAccount", field: "service_account", collection: "serviceAccounts",
		columns: []string{"name", "description", "create_time"},
		get:     method((*client.Client).GetServiceAccount), list: method((*client.Client).ListServiceAccounts),
		create: method((*client.Client).CreateServiceAccount), update: method((*client.Client).UpdateServiceAccount),
		delete: method((*client.Client).DeleteServiceAccount),
	}, {
		name: kindSecret, plural: "secrets", aliases: []string{"secrets"}, manifest: "Secret", field: "secret", collection: "secrets",
		columns: []string{"name", "type", "active_version", "keys", "update_time", "delete_time"},
		get:     method((*client.Client).GetSecret), list: method((*client.Client).ListSecrets),
		create: method((*client.Client).CreateSecret), update: method((*client.Client).UpdateSecret),
		delete: method((*client.Client).DeleteSecret),
	}, {
		name: kindProjection, plural: "projections", aliases: []string{"projections"}, manifest: "Projection", field: "projection",
		collection: "projections",
		columns:    []string{"name", "items", "authorized_by", "update_time"},
		get:        method((*client.Client).GetProjection), list: method((*client.Client).ListProjections),
		create: method((*client.Client).CreateProjection), update: method((*client.Client).UpdateProjection),
		delete: method((*client.Client).DeleteProjection),
	}, {
		name: kindToken, plural: "tokens", aliases: []string{"tokens"}, field: "token", collection: "tokens",
		columns: []string{"name", "description", "create_time", "expire_time", "renewable_until", "use_limit", "source_ranges"},
		get:     method((*client.Client).GetToken), list: method((*client.Client).ListTokens),
		create: method((*client.Client).CreateToken), delete: method((*client.Client).DeleteToken),
	}, {
		name: kindRole, plural: "roles", aliases: []string{"roles"}, manifest: "Role", field: "role", collection: "roles",
		columns: []string{"name", "actions", "description"},
		get:     method((*client.Client).GetRole), list: method((*client.Client).ListRoles),
		create: method((*client.Client).CreateRole), update: method((*client.Client).UpdateRole),
		delete: method((*client.Client).DeleteRole),
	}, {
		name: kindPolicy, plural: "policies", aliases: []string{"policies"}, manifest: "Policy", field: "policy", collection: "policies",
		columns: []string{"name", "tests", "description", "update_time", "updated_by"},
		get:     method((*client.Client).GetPolicy), list: method((*client.Client).ListPolicies),
		create: method((*client.Client).CreatePolicy), update: method((*client.Client).UpdatePolicy),
		delete: method((*client.Client).DeletePolicy),
	}, {
		name: kindGrant, plural: "grants", aliases: []string{"grants"}, manifest: "Grant", field: "grant", collection: "grants",
		columns: []string{"name", "role", "principal", "resource", "condition", "expire_time", "dangling"},
		get:     method((*client.Client).GetGrant), list: method((*client.Client).ListGrants),
		create: method((*client.Client).CreateGrant), delete: method((*client.Client).DeleteGrant),
	}}
}

// findKind looks a kind up by any of its names.
func findKind(name string) (kind, error) {
	var names []string
	for _, k := range kinds() {
		if k.name == name || slices.Contains(k.aliases, name) {
			return k, nil
		}
		names = append(names, k.name)
	}
	return kind{}, usage(fmt.Sprintf("no kind %q: want one of %s", name, strings.Join(names, ", ")))
}

// kindOf looks a kind up by its own name, which the program itself gives.
func kindOf(name string) kind {
	k, err := findKind(name)
	if err != nil {
		panic(err)
	}
	return k
}

// fullName completes a name as the user gives it: a full resource name stays, an ID is one in the namespace of the
// settings, and a token is ACCOUNT/TOKEN there.
func (k kind) fullName(name, namespace string) (string, error) {
	if k.name == kindNamespace {
		if name == "" || strings.Contains(name, "/") {
			return name, k.check(name)
		}
		return namespaceName(name)
	}
	if !isFullName(name) {
		parent, err := namespaceName(namespace)
		if err != nil {
			return "", err
		}
		if account, token, ok := strings.Cut(name, "/"); ok && k.name == kindToken {
			parent, name = parent+"/serviceAccounts/"+account, token
		}
		name = parent + "/" + k.collection + "/" + name
	}
	return name, k.check(name)
}

// argument is how usage lines call a name of the kind.
func (k kind) argument() string {
	if k.name == kindToken {
		return "ACCOUNT/TOKEN | users/USER/tokens/TOKEN"
	}
	return "NAME"
}

// isFullName tells whether a name is one of the API rather than a short form of the command line.
func isFullName(name string) bool {
	return strings.HasPrefix(name, "namespaces/") || strings.HasPrefix(name, "users/")
}

// check refuses a name of another kind. What IDs may look like, the server knows.
func (k kind) check(name string) error {
	parts := strings.Split(name, "/")
	want := []string{"namespaces", "*", k.collection, "*"}
	switch {
	case k.name == kindNamespace:
		want = want[:2]
	case k.name == kindToken && parts[0] == "users":
		want = []string{"users", "*", k.collection, "*"}
	case k.name == kindToken:
		want = []string{"namespaces", "*", "serviceAccounts", "*", k.collection, "*"}
	case k.name == kindSecret && len(parts) > 2 && parts[2] == "deletedSecrets":
		want[2] = parts[2]
	}
	for i := range max(len(parts), len(want)) {
		if i >= len(parts) || i >= len(want) || parts[i] == "" || want[i] != "*" && want[i] != parts[i] {
			return usage(fmt.Sprintf("%q is not the name of a %s: want an ID or %s", name, k.name, strings.Join(want, "/")))
		}
	}
	return nil
}

// namespaceName completes the name of a namespace, which must have been given.
func namespaceName(namespace string) (string, error) {
	if namespace == "" {
		return "", usage("which namespace? Give -n, set COFFER_NAMESPACE, or write the full resource name")
	}
	id := strings.TrimPrefix(namespace, "namespaces/")
	if !namespaceID.MatchString(id) {
		return "", usage(fmt.Sprintf("%q is not the ID of a namespace: want %s", id, namespaceID))
	}
	return "namespaces/" + id, nil
}

// namespaceID is what the API takes for the ID of a namespace, or - for where built-in roles are.
var namespaceID = regexp.MustCompile(`^([a-z0-9_][-_a-z0-9]{0,62}|-)$`)

// splitKind takes apart what get and delete are given: KIND NAME, KIND/NAME, KIND/NAMESPACE/NAME as apply prints it, or
// a full resource name.
func splitKind(args []string) (kind, string, error) {
	if len(args) > 1 {
		k, err := findKind(args[0])
		return k, args[1], err
	}
	if isFullName(args[0]) {
		k, err := kindOfName(args[0])
		return k, args[0], err
	}
	name, rest, ok := strings.Cut(args[0], "/")
	if !ok {
		return kind{}, "", usage("want KIND NAME or a full resource name")
	}
	k, err := findKind(name)
	if err != nil {
		return kind{}, "", err
	}
	namespace, id, ok := strings.Cut(rest, "/")
	if !ok || k.name == kindNamespace {
		return k, rest, nil
	}
	if k.name == kindToken {
		account, token, ok := strings.Cut(id, "/")
		if !ok {
			return k, rest, nil
		}
		return k, "namespaces/" + namespace + "/serviceAccounts/" + account + "/tokens/" + token, nil
	}
	return k, "namespaces/" + namespace + "/" + k.collection + "/" + id, nil
}

// kindOfName tells the kind of a full resource name.
func kindOfName(name string) (kind, error) {
	for _, k := range kinds() {
		if k.check(name) == nil {
			return k, nil
		}
	}
	return kind{}, usage(fmt.Sprintf("%q is not a resource name", name))
}

// reference is the short way to write a resource name, kind/namespace/id. A person's token is in no namespace and has none.
func reference(name string) string {
	k, err := kindOfName(name)
	if err != nil || strings.HasPrefix(name, "users/") {
		return name
	}
	parts := strings.Split(name, "/")
	ref := []string{k.name}
	for i := 1; i < len(parts); i += 2 {
		ref = append(ref, parts[i])
	}
	return strings.Join(ref, "/")
}
