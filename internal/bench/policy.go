package main

import (
	"fmt"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// applicable are texts of policies of which every one is looked at when a secret is accessed, and none forbids it.
var applicable = []string{
	`forbid (principal, action == Action::"secret:access", resource) when { resource.hasTag("env") && resource.getTag("env") == "staging" };`,
	`forbid (principal, action == Action::"secret:access", resource) unless { context has address && context.address.isLoopback() };`,
	`forbid (principal, action == Action::"secret:access", resource) when { context.now < datetime("2000-01-01") };`,
	`forbid (principal, action == Action::"secret:access", resource) when { context.now > datetime("2999-01-01") };`,
	`forbid (principal, action in [Action::"secret:access", Action::"secret:use"], resource) when { resource.id like "*.bak" };`,
	`forbid (principal in Group::"interns", action == Action::"secret:access", resource);`,
	`forbid (principal, action == Action::"secret:access", resource is Secret) when { resource has accessMode && resource.accessMode == "READ_WRITE" };`,
	`forbid (principal is User, action == Action::"secret:access", resource) when { context has authnMethod && context.authnMethod == "token" };`,
	`permit (principal in Group::"dba", action == Action::"secret:access", resource is Secret) when { resource has type && resource.type == "key-value" };`,
	`permit (principal, action == Action::"secret:access", resource is Secret) when { resource.hasTag("public") && resource.getTag("public") == "yes" };`,
}

// notApplicable is the text of the others.
const notApplicable = `forbid (principal, action, resource) when { resource.id like "*.bak" };`

// policies seeds a secret to which ten policies apply, and the others in a namespace of their own.
func (s *seeder) policies() error {
	for _, id := range []string{"ruled", "elsewhere"} {
		if _, err := s.api.Namespaces.CreateNamespace(s.ctx, &cofferv1.CreateNamespaceRequest{NamespaceId: id}); err != nil {
			return err
		}
	}
	_, err := s.api.Secrets.CreateSecret(s.ctx, &cofferv1.CreateSecretRequest{Parent: ruledName, SecretId: "ruled", Secret: &cofferv1.Secret{
		Type: "key-value", AccessMode: cofferv1.Secret_READ, Labels: map[string]string{"env": "prod", "team": "orders", "tier": "1"}, Payload: payload(0, 0),
	}})
	if err != nil {
		return err
	}
	_, err = s.api.Access.CreateGrant(s.ctx, &cofferv1.CreateGrantRequest{Parent: ruledName, GrantId: "reader", Grant: &cofferv1.Grant{
		Principal: "serviceAccount:" + namespaceName + "/serviceAccounts/reader", Role: "secret-reader", Resource: ruledSecret,
	}})
	if err != nil {
		return err
	}
	for i := range s.config.Policies {
		in, text := elsewhereName, notApplicable
		if i < len(applicable) {
			in, text = ruledName, applicable[i]
		}
		_, err := s.api.Access.CreatePolicy(s.ctx, &cofferv1.CreatePolicyRequest{
			Parent: in, PolicyId: fmt.Sprintf("p%03d", i), Policy: &cofferv1.Policy{Text: text},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
