package server_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// Who may write a secret and not read it guesses at its value. No guess is told right but by a write that is seen where it
// was wrong; nothing of sizes, digests or quotas tells either.
func TestEscalation_guessingValues(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.secret("db", "r1ght-guess")
		s.secret("twin", "r1ght-guess")
		developer := s.with("developer")
		guess := func(value, more string) *cofferv1.SecretVersion {
			t.Helper()
			return s.ok(developer, "AddSecretVersion", `{"parent": "namespaces/acme/secrets/db", "payload": {"data": {"k": "`+value+`"}}`+more+`}`).(*cofferv1.SecretVersion)
		}
		for _, more := range []string{`, "validateOnly": true`, `, "validateOnly": true, "merge": true`, `, "validateOnly": true, "activate": false`, `, "validateOnly": true, "activate": false, "merge": true`} {
			right, wrong := guess("r1ght-guess", more), guess("wr0ng-guess", more)
			for _, v := range []*cofferv1.SecretVersion{right, wrong} {
				v.CreateTime, v.UpdateTime, v.Uid = nil, nil, ""
			}
			if !proto.Equal(right, wrong) || right.GetUnchanged() {
				t.Errorf("a right guess%s is answered %v, a wrong one %v", more, right, wrong)
			}
		}
		// Staged, each guess is a version that everybody sees.
		right, wrong := guess("r1ght-guess", `, "activate": false`), guess("wr0ng-guess", `, "activate": false`)
		if right.GetUnchanged() || wrong.GetUnchanged() || right.GetName() == wrong.GetName() {
			t.Errorf("staged guesses are %v and %v, want a version of each", right, wrong)
		}
		// A wrong one in force replaces what is being guessed at.
		if before, v := s.active("db"), guess("wr0ng-guess", ""); v.GetUnchanged() || s.active("db") == before {
			t.Errorf("a wrong guess is %v, and nobody sees it", v)
		}
		s.secretsTellNoSizes(developer)
		// Of two secrets with the same value, and of one value in two keys, nothing is alike but what is known.
		a, b := s.ok(developer, "GetSecret", `{"name": "namespaces/acme/secrets/db"}`).(*cofferv1.Secret), s.ok(developer, "GetSecret", `{"name": "namespaces/acme/secrets/twin"}`).(*cofferv1.Secret)
		if a.GetEtag() == b.GetEtag() {
			t.Errorf("two secrets have the etag %s", a.GetEtag())
		}
		for _, filter := range []string{`payload.data.k = \"r1ght-guess\"`, `keys.size > 3`, `size > 3`, `data:r1ght`, `value = \"r1ght-guess\"`} {
			s.fails(codes.InvalidArgument, developer, "ListSecrets", `{"parent": "namespaces/acme", "filter": "`+filter+`"}`)
		}
	})
}

// active is the number of the version in force.
func (s *story) active(id string) int64 {
	s.t.Helper()
	return s.does("GetSecret", `{"name": "namespaces/acme/secrets/`+id+`"}`).(*cofferv1.Secret).GetActiveVersion()
}

// secretsTellNoSizes looks for the sizes of values in all that a caller without access gets.
func (s *story) secretsTellNoSizes(token string) {
	s.t.Helper()
	for _, request := range []struct{ method, text string }{
		{"GetSecret", `{"name": "namespaces/acme/secrets/db"}`},
		{"ListSecrets", `{"parent": "namespaces/acme"}`},
		{"GetSecretVersion", `{"name": "namespaces/acme/secrets/db/versions/1"}`},
		{"ListSecretVersions", `{"parent": "namespaces/acme/secrets/db"}`},
		{"UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/db", "description": "d"}}`},
		{"GetNamespace", `{"name": "namespaces/acme"}`},
		{"ListNamespaces", `{"parent": "namespaces/instance"}`},
	} {
		r := s.call(token, request.method, request.text)
		if strings.Contains(r.raw, "size") {
			s.t.Errorf("%s tells sizes to who may not read: %s", request.method, r.raw)
		}
		if n, ok := r.answer.(*cofferv1.Namespace); ok && n.GetUsage().GetBytes()%(1<<20) != 0 { // told in whole MiB
			s.t.Errorf("%s tells who may not read that there are %d bytes", request.method, n.GetUsage().GetBytes())
		}
	}
	if text := fmt.Sprint(s.does("GetSecret", `{"name": "namespaces/acme/secrets/db"}`)); !strings.Contains(text, "size") {
		s.t.Errorf("GetSecret tells no size to who may read: %s: the test does not reach it", text)
	}
}

// What holds of sizes: how much a merge may still add tells how large the whole payload is, if not which value of it, and
// so does a quota of bytes. Every attempt at measuring takes the right to write the secret, and is on the record.
func TestEscalation_measuringByMerging(t *testing.T) {
	s := newStory(t, servertest.Config{})
	s.Namespace("acme")
	s.secret("db", strings.Repeat("v", 10_000))
	merge := `{"parent": "namespaces/acme/secrets/db", "payload": {"data": {"fill": "` + strings.Repeat("x", 512<<10-5_000) + `"}}, "merge": true, "validateOnly": true}`
	s.denied(s.with("viewer"), "AddSecretVersion", merge)
	s.denied(s.with("secret-user"), "AddSecretVersion", merge)
	r := s.fails(codes.InvalidArgument, s.with("developer"), "AddSecretVersion", merge)
	if strings.Contains(r.raw, "10") || strings.Contains(r.raw, "by ") {
		t.Errorf("a merge that does not fit tells by how much: %s", r.raw)
	}
	if events := s.AuditOutcome(r.requestID); len(events) != 2 || events[0].Action != "secret:addVersion" || events[0].Decision != "ALLOW" || events[1].Code != "INVALID_ARGUMENT" {
		t.Errorf("measuring is recorded as %+v", events)
	}
}

// Whoever may not know of a thing is told the same of it as of one that is not there: whatever the method, by an answer,
// by a code, by a text, and by what is recorded on the way, which is all that the time of an answer depends on here.
func TestEscalation_existence(t *testing.T) {
	s := newStory(t, servertest.Config{})
	stored := seed(t, s.Server)
	s.secret("mine", "v")
	// They hold something beside: on one secret, on the namespace beside it, nothing at all.
	s.Namespace("other")
	callers := map[string]string{
		"nobody": stored.nobody, "reader": s.Account("namespaces/acme", "reader", "secret-reader", "namespaces/acme/secrets/mine"),
		"workload": s.Account("namespaces/acme", "workload", "workload", "namespaces/acme/projections/etl"), "neighbour": s.Account("namespaces/other", "neighbour", "namespace-admin", ""),
	}
	absent := strings.NewReplacer("secrets/db", "secrets/d8", "projections/etl", "projections/e7l", "grants/there", "grants/th3re", "serviceAccounts/nobody", "serviceAccounts/n0body",
		"serviceAccounts/other", "serviceAccounts/0ther", "roles/lookout", "roles/l00kout", "policies/rule", "policies/ru1e", stored.bin, strings.Repeat("a", len(stored.bin)))
	tried := &trails{story: s}
	for who, token := range callers {
		for _, method := range allMethods() {
			name, request := string(nameOf(method)), stored.fixture(nameOf(method))
			gone := absent.Replace(request)
			if gone == request || who == "workload" && strings.Contains(request, "projections/etl") {
				continue
			}
			there, not := s.denied(token, name, request), s.denied(token, name, gone)
			if a, b := neutralText(told(there)), neutralText(told(not)); a != b {
				t.Errorf("%s by %s tells\n%s\nof what is there, and of what is not\n%s", name, who, a, b)
			}
			tried.add(name+" by "+who, there, not)
		}
	}
	if len(tried.pairs) < 100 {
		t.Errorf("only %d calls were tried: the fixtures have changed", len(tried.pairs))
	}
	checksTellNothing(t, s, callers, absent, tried)
	tried.compare()
}

var anyName = regexp.MustCompile(`namespaces/[-\w/.]+`)

func neutralText(text string) string { return anyName.ReplaceAllString(text, "*") }

// trails are the calls about what is there and what is not, whose records are to be the same in number and kind.
type trails struct {
	*story
	pairs []struct{ what, there, not string }
}

func (s *trails) add(what string, there, not result) {
	s.pairs = append(s.pairs, struct{ what, there, not string }{what, there.requestID, not.requestID})
}

// compare reads the log once, when the last call is in it.
func (s *trails) compare() {
	s.t.Helper()
	s.AuditOutcome(s.pairs[len(s.pairs)-1].not)
	recorded := map[string]string{}
	for _, e := range s.AuditEvents("") {
		recorded[e.RequestID] += fmt.Sprintf("%s %s %s %s %v; ", e.Kind, e.Action, e.Decision, e.Code, e.Reasons)
	}
	for _, p := range s.pairs {
		if recorded[p.there] != recorded[p.not] || recorded[p.there] == "" {
			s.t.Errorf("%s records %s of what is there, and %s of what is not", p.what, recorded[p.there], recorded[p.not])
		}
	}
}

// checksTellNothing: explanations tell no more than calls.
func checksTellNothing(t *testing.T, s *story, callers map[string]string, absent *strings.Replacer, tried *trails) {
	t.Helper()
	for who, token := range callers {
		for _, name := range []string{
			"namespaces/acme", "namespaces/acme/secrets/db", "namespaces/acme/projections/etl", "namespaces/acme/grants/there", "namespaces/acme/roles/lookout",
			"namespaces/acme/policies/rule", "namespaces/acme/serviceAccounts/other", "namespaces/acme/serviceAccounts/other/tokens/t1", "namespaces/acme/secrets/db/versions/1",
		} {
			gone := absent.Replace(name)
			if gone == name {
				gone = "namespaces/acm3"
			}
			if who == "workload" && strings.Contains(name, "etl") {
				continue
			}
			for _, action := range []string{"namespace:get", "secret:get", "secret:access", "secret:list", "projection:get", "projection:render", "grant:get", "grant:create", "role:get", "policy:get", "serviceAccount:get", "token:create", "access:list"} {
				a, b := s.call(token, "CheckAccess", `{"action": "`+action+`", "resource": "`+name+`"}`), s.call(token, "CheckAccess", `{"action": "`+action+`", "resource": "`+gone+`"}`)
				if told(a) != told(b) || protojsonOf(a.answer) != protojsonOf(b.answer) {
					t.Errorf("CheckAccess of %s on %s by %s is %v %v, on what is not there %v %v", action, name, who, a.status, a.answer, b.status, b.answer)
				}
				tried.add("CheckAccess of "+action+" on "+name+" by "+who, a, b)
			}
			for _, method := range []string{"ListAccessors", "CheckAccess"} {
				more := map[string]string{"CheckAccess": `, "principal": "user:alice", "groups": ["group:all"]`}[method]
				a, b := s.denied(token, method, `{"action": "secret:get", "resource": "`+name+`"`+more+`}`), s.denied(token, method, `{"action": "secret:get", "resource": "`+gone+`"`+more+`}`)
				if neutralText(told(a)) != neutralText(told(b)) {
					t.Errorf("%s on %s by %s is %s, on what is not there %s", method, name, who, told(a), told(b))
				}
			}
		}
	}
	// Lists and their filters find what may be seen, and nothing of what may not.
	s.denied(callers["reader"], "ListSecrets", `{"parent": "namespaces/acme"}`) // the right to read a value is not that to see it
	viewer := s.Account("namespaces/acme", "one", "viewer", "namespaces/acme/secrets/mine")
	for _, filter := range []string{``, `name:db`, `NOT name:mine`, `name = \"namespaces/acme/secrets/db\"`, `keys:k`, `active_version > 0`} {
		want := []string{"mine"}
		if strings.Contains(filter, "name") {
			want = nil
		}
		s.lists(viewer, "ListSecrets", `{"parent": "namespaces/acme", "filter": "`+filter+`"}`, want...)
		s.lists(viewer, "ListSecrets", `{"parent": "namespaces/acme", "showDeleted": true, "orderBy": "create_time", "filter": "`+filter+`"}`, want...)
	}
	there, not := s.denied(viewer, "ListProjections", `{"parent": "namespaces/acme"}`), s.denied(viewer, "ListProjections", `{"parent": "namespaces/acm3"}`)
	if a, b := neutralText(told(there)), neutralText(told(not)); a != b {
		t.Errorf("ListProjections tells %s, and of a namespace that is not there %s", a, b)
	}
}
