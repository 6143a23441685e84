package server_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// accessTable is what every method answers to every role: the expectation of TestAccessMatrix, and documentation.
const accessTable = "testdata/access.md"

// relations are the namespaces that are asked for, seen from the one that the role was granted on.
var relations = []string{"parent", "own", "sibling", "child"}

// Requests that differ from the fixtures of deny_test.go: those that would otherwise wait, and methods whose answer
// depends on what their request names.
var (
	matrixFixtures = map[protoreflect.Name]string{
		"CreateNamespace":   `{"namespaceId": "new", "namespace": {"parent": "namespaces/acme"}}`,
		"UndeleteNamespace": `{"name": "namespaces/gone-acme"}`,
		"WatchAuditEvents":  `{"afterSequence": "1"}`,
	}
	personFixtures = map[protoreflect.Name]string{
		"CreateToken": `{"parent": "users/alice", "tokenId": "new"}`,
		"GetToken":    `{"name": "users/alice/tokens/t1"}`,
		"ListTokens":  `{"parent": "users/alice"}`,
		"RenewToken":  `{"name": "users/alice/tokens/t1"}`,
		"DeleteToken": `{"name": "users/alice/tokens/t1"}`,
	}
)

// row is a method as one kind of request calls it.
type row struct {
	title   string
	method  protoreflect.MethodDescriptor
	request string // names the namespace acme, the secret db, the projection etl
}

func (r row) placed() bool { return strings.Contains(r.request, "acme") }

// TestAccessMatrix calls every method with every role, granted on a namespace, on what is in that namespace, above, below
// and beside it, and with every role granted on one secret or projection. A method without a fixture, a role without a
// column and an answer that is not in the table fail. COFFER_TEST_UPDATE=1 writes the table anew, to be read.
func TestAccessMatrix(t *testing.T) {
	m := newMatrix(t)
	rows := m.rows()
	got := m.text(rows, m.roles())
	if os.Getenv("COFFER_TEST_UPDATE") != "" {
		if err := os.WriteFile(accessTable, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(accessTable)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("who may call what is not what %s says (-want +got):\n%s", accessTable, diff)
	}
}

type matrix struct {
	*servertest.Server
	t    *testing.T
	door door
	bins map[string]string // UID of a deleted secret, by namespace
}

// newMatrix is a server with the namespaces instance > parent > own > child and parent > sibling, each with one of
// everything.
func newMatrix(t *testing.T) *matrix {
	t.Helper()
	s := servertest.Start(t, servertest.Config{})
	m := &matrix{Server: s, t: t, door: grpcDoor{s, s.Conn}, bins: map[string]string{}}
	for _, edge := range [][2]string{{"parent", "instance"}, {"own", "parent"}, {"child", "own"}, {"sibling", "parent"}} {
		m.must("CreateNamespace", `{"namespaceId": "`+edge[0]+`", "namespace": {"parent": "namespaces/`+edge[1]+`"}}`)
		m.fill(edge[0])
	}
	m.must("CreateSecret", sharedSecret)
	m.must("CreateProjection", strings.ReplaceAll(ordersDepot, "acme", "own"))
	m.must("CreateToken", personFixtures["CreateToken"][:len(personFixtures["CreateToken"])-len(`"new"}`)]+`"t1"}`)
	return m
}

// fill makes what the fixtures name, and a second secret and projection that nobody is granted anything on.
func (m *matrix) fill(namespace string) {
	m.t.Helper()
	for _, step := range []struct{ method, request string }{
		{"CreateNamespace", `{"namespaceId": "gone-acme", "namespace": {"parent": "namespaces/acme"}}`},
		{"DeleteNamespace", `{"name": "namespaces/gone-acme"}`},
		{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "deleted", "secret": {"payload": {"data": {"k": "v"}}}}`},
		{"DeleteSecret", `{"name": "namespaces/acme/secrets/deleted"}`},
		{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "db", "secret": {"payload": {"data": {"k": "v"}}}}`},
		{"AddSecretVersion", `{"parent": "namespaces/acme/secrets/db", "payload": {"data": {"k": "w"}}}`},
		{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "db2", "secret": {"payload": {"data": {"k": "v"}}}}`},
		{"AddSecretVersion", `{"parent": "namespaces/acme/secrets/db2", "payload": {"data": {"k": "w"}}}`},
		{"CreateProjection", `{"parent": "namespaces/acme", "projectionId": "etl", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`},
		{"CreateProjection", `{"parent": "namespaces/acme", "projectionId": "etl2", "projection": {"items": [{"secret": "db2", "key": "k", "env": "K"}]}}`},
		{"CreateProjection", ordersService},
		{"CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "nobody"}`},
		{"CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "other"}`},
		{"CreateToken", `{"parent": "namespaces/acme/serviceAccounts/other", "tokenId": "t1"}`},
		{"CreateRole", `{"parent": "namespaces/acme", "roleId": "lookout", "role": {"actions": ["secret:get"]}}`},
		{"CreatePolicy", `{"parent": "namespaces/acme", "policyId": "rule", "policy": {"text": "forbid (principal, action == Action::\"secret:get\", resource) when { context.delegated };"}}`},
		{"CreateGrant", `{"parent": "namespaces/acme", "grantId": "there", "grant": {"principal": "user:alice", "role": "viewer"}}`},
	} {
		r := m.must(step.method, strings.ReplaceAll(step.request, "acme", namespace))
		if deleted, ok := r.answer.(*cofferv1.Secret); ok && step.method == "DeleteSecret" {
			m.bins[namespace] = deleted.GetUid()
		}
	}
}

// must calls a method as the operator.
func (m *matrix) must(method, request string) result {
	m.t.Helper()
	desc := methodNamed(m.t, method)
	r := m.door.call(m.t, m.OperatorToken, desc, requestFrom(m.t, desc, request))
	if r.code() != codes.OK {
		m.t.Fatalf("%s %s: %v", method, request, r.status)
	}
	return r
}

// roles are the built-in roles that can be granted.
func (m *matrix) roles() []string {
	answer := m.must("ListRoles", `{"parent": "namespaces/-", "pageSize": 100}`).answer.(*cofferv1.ListRolesResponse)
	var ids []string
	for _, role := range answer.GetRoles() {
		if id := role.GetName()[strings.LastIndex(role.GetName(), "/")+1:]; id != "owner" { // is not granted, and has a column
			ids = append(ids, id)
		}
	}
	return ids
}

func (m *matrix) rows() []row {
	var rows []row
	for _, method := range allMethods() {
		request, ok := matrixFixtures[nameOf(method)]
		if !ok {
			request = fixtures[nameOf(method)]
		}
		if request == "" {
			m.t.Errorf("%s has no fixture", method.FullName())
			continue
		}
		rows = append(rows, row{string(nameOf(method)), method, request})
		if of := personFixtures[nameOf(method)]; of != "" {
			rows = append(rows, row{string(nameOf(method)) + " of a person", method, of})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return strings.Compare(string(a.method.FullName()), string(b.method.FullName())) })
	return rows
}

// allowed tells whether the call is allowed: it does, at most, a check that writes nothing.
func (m *matrix) allowed(token string, r row, namespace string) bool {
	m.t.Helper()
	text := strings.NewReplacer("acme", namespace, "$bin", m.bins[namespace], "$new", rand.Text()).Replace(r.request)
	request := requestFrom(m.t, r.method, text)
	if field := request.ProtoReflect().Descriptor().Fields().ByName("validate_only"); field != nil {
		request.ProtoReflect().Set(field, protoreflect.ValueOfBool(true))
	}
	got := m.door.call(m.t, token, r.method, request)
	switch got.code() {
	case codes.PermissionDenied:
		return false
	case codes.NotFound:
		if nameOf(r.method) != "core.mgmt.v1beta/GetOrganization" { // no namespace is one
			m.t.Errorf("%s %s: %v, want an answer or a denial", r.title, text, got.status)
		}
	case codes.InvalidArgument, codes.Unauthenticated, codes.Internal, codes.Unavailable, codes.Unimplemented:
		m.t.Errorf("%s %s: %v, want an answer or a denial", r.title, text, got.status)
	}
	return true
}

// text is the table.
func (m *matrix) text(rows []row, roles []string) string {
	var b strings.Builder
	b.WriteString(`# Who may call what

What TestAccessMatrix expects, and has seen, of every method and every role.

## With a role on a namespace

Granted on a namespace, each role may call a method for what is in that namespace (own), in the one above (parent), in one
beside it (sibling), and in one below (child). Where a method names no namespace, the cell tells whether the role may call
it when it was granted on the instance.

`)
	header(&b, roles)
	tokens, atRoot := map[string]string{}, map[string]string{}
	for _, role := range roles {
		tokens[role] = m.Account("namespaces/own", "has-"+role, role, "")
		atRoot[role] = m.Account("namespaces/instance", "has-"+role, role, "")
	}
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |", r.title)
		for _, role := range roles {
			fmt.Fprintf(&b, " %s |", m.cell(r, tokens[role], atRoot[role]))
		}
		b.WriteString("\n")
	}
	b.WriteString(`
## With a role on one secret or projection

Granted on the secret db or the projection etl alone, each role may call a method for it (this), or for another one of the
same namespace (other). The last column is a developer of the namespace, for a secret that it owns and for another one.

`)
	header(&b, append(slices.Clone(roles), "owner"))
	m.single(&b, rows, roles)
	return b.String()
}

func header(b *strings.Builder, columns []string) {
	fmt.Fprintf(b, "| method | %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)+1))
}

func (m *matrix) cell(r row, token, atRoot string) string {
	if !r.placed() {
		switch {
		case m.allowed(token, r, ""):
			return "anywhere"
		case m.allowed(atRoot, r, ""):
			return "instance"
		}
		return "–"
	}
	var where []string
	for _, relation := range relations {
		if m.allowed(token, r, relation) {
			where = append(where, relation)
		}
	}
	return orDash(where)
}

func orDash(words []string) string {
	if len(words) == 0 {
		return "–"
	}
	return strings.Join(words, " ")
}

// single adds the rows of the methods that name a secret, a projection or a grant on one.
func (m *matrix) single(b *strings.Builder, rows []row, roles []string) {
	tokens := map[string]string{}
	for _, role := range roles {
		tokens[role] = m.Account("namespaces/own", "one-secret-"+role, role, "namespaces/own/secrets/db")
		m.Grant("namespaces/own", "one-projection-"+role, "serviceAccount:namespaces/own/serviceAccounts/one-secret-"+role, role, "namespaces/own/projections/etl")
	}
	owner := m.Account("namespaces/own", "owner", string(authz.RoleDeveloper), "")
	create := methodNamed(m.t, "CreateSecret")
	if r := m.door.call(m.t, owner, create, requestFrom(m.t, create, `{"parent": "namespaces/own", "secretId": "mine", "secret": {"payload": {"data": {"k": "v"}}}}`)); r.code() != codes.OK {
		m.t.Fatalf("creating the owner's secret: %v", r.status)
	}
	add := methodNamed(m.t, "AddSecretVersion")
	if r := m.door.call(m.t, owner, add, requestFrom(m.t, add, `{"parent": "namespaces/own/secrets/mine", "payload": {"data": {"k": "w"}}}`)); r.code() != codes.OK {
		m.t.Fatalf("adding to the owner's secret: %v", r.status)
	}
	// What is used is not deleted, though it may be.
	m.must("CreateProjection", `{"parent": "namespaces/own", "projectionId": "of-mine", "projection": {"items": [{"secret": "mine", "key": "k", "env": "K"}]}}`)
	grant := methodNamed(m.t, "CreateGrant")
	rows = append(rows, row{
		"CreateGrant of secret-user", grant,
		`{"parent": "namespaces/acme", "grantId": "new", "grant": {"principal": "user:alice", "role": "secret-user", "resource": "namespaces/acme/secrets/db"}}`,
	})
	for _, r := range rows {
		if !strings.Contains(r.request, "/secrets/db") && !strings.Contains(r.request, "/projections/etl") {
			continue
		}
		fmt.Fprintf(b, "| %s |", r.title)
		for _, role := range roles {
			fmt.Fprintf(b, " %s |", m.which(tokens[role], r, "db", "db2"))
		}
		fmt.Fprintf(b, " %s |\n", m.which(owner, r, "mine", "db2"))
	}
}

// which tells for which of two secrets, or of their projections, a call is allowed.
func (m *matrix) which(token string, r row, this, other string) string {
	var which []string
	for name, id := range map[string]string{"this": this, "other": other} {
		one := r
		one.request = strings.ReplaceAll(one.request, "secrets/db", "secrets/"+id)
		if id == "db2" {
			one.request = strings.ReplaceAll(one.request, "projections/etl", "projections/etl2")
		}
		if m.allowed(token, one, "own") {
			which = append(which, name)
		}
	}
	slices.Sort(which)
	slices.Reverse(which)
	return orDash(which)
}
