package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// decisions measures one decision, of a principal with a grant on the namespace and of one with ten on single secrets,
// among all the grants that the large store has. It returns the slower.
func decisions(grants int, each time.Duration) (time.Duration, error) {
	a, err := authz.New(authz.Config{})
	if err != nil {
		return 0, err
	}
	if err := cmp.Or(a.PutNamespace(authz.NamespaceInfo{UID: "root"}), a.PutNamespace(authz.NamespaceInfo{UID: "ns", ParentUID: "root"})); err != nil {
		return 0, err
	}
	secret := func(i int) authz.Resource {
		return authz.Resource{Kind: authz.KindSecret, UID: fmt.Sprintf("secret-%d", i), NamespaceUID: "ns", Name: secretName(i)}
	}
	principal := func(id string) authn.Principal {
		return authn.Principal{Name: "serviceAccount:" + namespaceName + "/serviceAccounts/" + id, UID: id, NamespaceUID: "ns"}
	}
	give := func(i int, to authn.Principal, scope authz.Resource) error {
		return a.PutGrant(authz.Grant{UID: fmt.Sprint(i), Name: fmt.Sprint(i), Principal: to.Name, PrincipalUID: to.UID, Role: authz.RoleSecretReader, Scope: scope})
	}
	accounts := max(1, grants/10)
	for i := range grants {
		if err := give(i, principal(fmt.Sprintf("a%d", i%accounts)), secret(i)); err != nil {
			return 0, err
		}
	}
	reader := principal("reader")
	if err := give(grants, reader, authz.Namespace("ns", namespaceName)); err != nil {
		return 0, err
	}
	onNamespace, err := timeDecisions(a, each, func() (authn.Principal, authz.Resource) { return reader, secret(rand.IntN(grants)) })
	if err != nil {
		return 0, err
	}
	onSecrets, err := timeDecisions(a, each, func() (authn.Principal, authz.Resource) {
		i := rand.IntN(grants)
		return principal(fmt.Sprintf("a%d", i%accounts)), secret(i)
	})
	return max(onNamespace, onSecrets), err
}

func timeDecisions(a *authz.Authorizer, each time.Duration, question func() (authn.Principal, authz.Resource)) (time.Duration, error) {
	const batch = 256
	var spent time.Duration
	n := 0
	for start := time.Now(); time.Since(start) < each; n += batch {
		principals, resources := make([]authn.Principal, batch), make([]authz.Resource, batch)
		for i := range batch {
			principals[i], resources[i] = question()
		}
		begin := time.Now()
		for i := range batch {
			if d := a.Decide(authz.Question{Principal: principals[i], Action: authz.SecretAccess, Resource: resources[i]}); !d.Allowed {
				return 0, fmt.Errorf("%s may not access %s", principals[i].Name, resources[i].Name)
			}
		}
		spent += time.Since(begin)
	}
	return spent / time.Duration(n), nil
}
