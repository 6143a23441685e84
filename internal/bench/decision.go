package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// decision is what one decision takes.
type decision struct {
	what string
	took time.Duration
}

// decisions measures one decision among all the grants and policies that the stores have: of a principal with a grant on
// the namespace, of one with ten on single secrets, and of one to whose question ten policies apply.
func decisions(grants, policies int, each time.Duration) ([]decision, error) {
	a, err := authz.New(authz.Config{})
	if err != nil {
		return nil, err
	}
	for _, edge := range [][2]string{{"root", ""}, {"ns", "root"}, {"ruled", "root"}, {"elsewhere", "root"}} {
		if err := a.PutNamespace(authz.NamespaceInfo{UID: edge[0], ParentUID: edge[1]}); err != nil {
			return nil, err
		}
	}
	accounts := max(1, grants/10)
	for i := range grants {
		if err := give(a, i, account(i%accounts), secretAt("ns", i)); err != nil {
			return nil, err
		}
	}
	reader := account(accounts)
	if err := cmp.Or(give(a, grants, reader, authz.Namespace("ns", namespaceName)), give(a, grants+1, reader, authz.Namespace("ruled", ruledName)), putPolicies(a, policies)); err != nil {
		return nil, err
	}
	ruled := secretAt("ruled", 0)
	ruled.Type, ruled.AccessMode, ruled.Labels = "key-value", "READ", map[string]string{"env": "prod", "team": "orders", "tier": "1"}
	var measured []decision
	for _, of := range []struct {
		what     string
		question func() (authn.Principal, authz.Resource)
	}{
		{"granted on the namespace", func() (authn.Principal, authz.Resource) { return reader, secretAt("ns", rand.IntN(grants)) }},
		{"granted on the secret", func() (authn.Principal, authz.Resource) {
			i := rand.IntN(grants)
			return account(i % accounts), secretAt("ns", i)
		}},
		{"ten policies applicable", func() (authn.Principal, authz.Resource) { return reader, ruled }},
	} {
		took, err := timeDecisions(a, each, of.question)
		if err != nil {
			return nil, err
		}
		measured = append(measured, decision{of.what, took})
	}
	return measured, nil
}

func account(i int) authn.Principal {
	id := fmt.Sprintf("a%d", i)
	return authn.Principal{Name: "serviceAccount:" + namespaceName + "/serviceAccounts/" + id, UID: id, NamespaceUID: "ns"}
}

func secretAt(namespace string, i int) authz.Resource {
	return authz.Resource{Kind: authz.KindSecret, UID: fmt.Sprintf("%s-%d", namespace, i), NamespaceUID: namespace, Name: secretName(i)}
}

func give(a *authz.Authorizer, i int, to authn.Principal, scope authz.Resource) error {
	return a.PutGrant(authz.Grant{UID: fmt.Sprint(i), Name: fmt.Sprint(i), Principal: to.Name, PrincipalUID: to.UID, Role: authz.RoleSecretReader, Scope: scope})
}

func putPolicies(a *authz.Authorizer, policies int) error {
	for i := range policies {
		p := authz.Policy{UID: fmt.Sprint(i), Name: fmt.Sprintf("%s/policies/p%03d", elsewhereName, i), NamespaceUID: "elsewhere", Text: notApplicable}
		if i < len(applicable) {
			p.NamespaceUID, p.Text = "ruled", applicable[i]
		}
		if err := a.PutPolicy(p); err != nil {
			return err
		}
	}
	return nil
}

func timeDecisions(a *authz.Authorizer, each time.Duration, question func() (authn.Principal, authz.Resource)) (time.Duration, error) {
	const batch = 256
	context := authz.Context{Address: netip.MustParseAddr("127.0.0.1"), AuthnMethod: authn.MethodToken}
	var spent time.Duration
	n := 0
	for start := time.Now(); time.Since(start) < each; n += batch {
		principals, resources := make([]authn.Principal, batch), make([]authz.Resource, batch)
		for i := range batch {
			principals[i], resources[i] = question()
		}
		begin := time.Now()
		for i := range batch {
			if d := a.Decide(authz.Question{Principal: principals[i], Action: authz.SecretAccess, Resource: resources[i], Context: context}); !d.Allowed {
				return 0, fmt.Errorf("%s may not access %s: %v", principals[i].Name, resources[i].Name, d)
			}
		}
		spent += time.Since(begin)
	}
	return spent / time.Duration(n), nil
}
