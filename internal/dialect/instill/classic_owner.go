package instill

import (
	"context"

	classicv1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/pipeline/v1beta"
)

// The methods of users and of organizations, which are deprecated.

func (c classic) CreateUserSecret(ctx context.Context, req *classicv1beta.CreateUserSecretRequest) (*classicv1beta.CreateUserSecretResponse, error) {
	namespace, _ := idsIn(req.GetParent(), users)
	s, err := c.createIn(ctx, namespace, req.GetSecret())
	return &classicv1beta.CreateUserSecretResponse{Secret: s}, err
}

func (c classic) ListUserSecrets(ctx context.Context, req *classicv1beta.ListUserSecretsRequest) (*classicv1beta.ListUserSecretsResponse, error) {
	namespace, _ := idsIn(req.GetParent(), users)
	page, err := c.listIn(ctx, namespace, req)
	return &classicv1beta.ListUserSecretsResponse{Secrets: page.GetSecrets(), NextPageToken: page.GetNextPageToken(), TotalSize: page.GetTotalSize()}, err
}

func (c classic) GetUserSecret(ctx context.Context, req *classicv1beta.GetUserSecretRequest) (*classicv1beta.GetUserSecretResponse, error) {
	namespace, id := idsIn(req.GetName(), users, secretsOf)
	s, err := c.getIn(ctx, namespace, id)
	return &classicv1beta.GetUserSecretResponse{Secret: s}, err
}

func (c classic) UpdateUserSecret(ctx context.Context, req *classicv1beta.UpdateUserSecretRequest) (*classicv1beta.UpdateUserSecretResponse, error) {
	namespace, id := idsIn(req.GetSecret().GetName(), users, secretsOf)
	s, err := c.updateIn(ctx, namespace, id, req.GetSecret(), req.GetUpdateMask())
	return &classicv1beta.UpdateUserSecretResponse{Secret: s}, err
}

func (c classic) DeleteUserSecret(ctx context.Context, req *classicv1beta.DeleteUserSecretRequest) (*classicv1beta.DeleteUserSecretResponse, error) {
	namespace, id := idsIn(req.GetName(), users, secretsOf)
	return &classicv1beta.DeleteUserSecretResponse{}, c.remove(ctx, namespace, id)
}

func (c classic) CreateOrganizationSecret(ctx context.Context, req *classicv1beta.CreateOrganizationSecretRequest) (*classicv1beta.CreateOrganizationSecretResponse, error) {
	namespace, _ := idsIn(req.GetParent(), organizations)
	s, err := c.createIn(ctx, namespace, req.GetSecret())
	return &classicv1beta.CreateOrganizationSecretResponse{Secret: s}, err
}

func (c classic) ListOrganizationSecrets(ctx context.Context, req *classicv1beta.ListOrganizationSecretsRequest) (*classicv1beta.ListOrganizationSecretsResponse, error) {
	namespace, _ := idsIn(req.GetParent(), organizations)
	page, err := c.listIn(ctx, namespace, req)
	return &classicv1beta.ListOrganizationSecretsResponse{Secrets: page.GetSecrets(), NextPageToken: page.GetNextPageToken(), TotalSize: page.GetTotalSize()}, err
}

func (c classic) GetOrganizationSecret(ctx context.Context, req *classicv1beta.GetOrganizationSecretRequest) (*classicv1beta.GetOrganizationSecretResponse, error) {
	namespace, id := idsIn(req.GetName(), organizations, secretsOf)
	s, err := c.getIn(ctx, namespace, id)
	return &classicv1beta.GetOrganizationSecretResponse{Secret: s}, err
}

func (c classic) UpdateOrganizationSecret(ctx context.Context, req *classicv1beta.UpdateOrganizationSecretRequest) (*classicv1beta.UpdateOrganizationSecretResponse, error) {
	namespace, id := idsIn(req.GetSecret().GetName(), organizations, secretsOf)
	s, err := c.updateIn(ctx, namespace, id, req.GetSecret(), req.GetUpdateMask())
	return &classicv1beta.UpdateOrganizationSecretResponse{Secret: s}, err
}

func (c classic) DeleteOrganizationSecret(ctx context.Context, req *classicv1beta.DeleteOrganizationSecretRequest) (*classicv1beta.DeleteOrganizationSecretResponse, error) {
	namespace, id := idsIn(req.GetName(), organizations, secretsOf)
	return &classicv1beta.DeleteOrganizationSecretResponse{}, c.remove(ctx, namespace, id)
}
