package oidctest

import (
	"context"
	"crypto"
	"errors"
	"maps"
	"sync"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// store is the example storage of the library, which keeps everything in memory, with users, claims and keys of ours.
type store struct {
	*storage.Storage

	mu     sync.Mutex
	key    jose.JSONWebKey
	claims map[string]map[string]any // of everybody who was named, by subject
}

var (
	_ op.Storage                  = (*store)(nil)
	_ op.ClientCredentialsStorage = (*store)(nil)
	_ storage.UserStore           = (*store)(nil)

	errUnknown = errors.New("unknown client or wrong secret")
)

func newStore(key jose.JSONWebKey) *store {
	s := &store{key: key, claims: map[string]map[string]any{}}
	s.Storage = storage.NewStorageWithClients(s, map[string]*storage.Client{Client: storage.NativeClient(Client, redirectURL)})
	return s
}

func (s *store) set(subject string, claims map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims[subject] = maps.Clone(claims)
}

func (s *store) claimsOf(subject string) (map[string]any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	claims, ok := s.claims[subject]
	return claims, ok
}

func (s *store) currentKey() jose.JSONWebKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key
}

func (s *store) setKey(key jose.JSONWebKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = key
}

// GetUserByID implements storage.UserStore.
func (s *store) GetUserByID(id string) *storage.User {
	if _, ok := s.claimsOf(id); !ok {
		return nil
	}
	return &storage.User{ID: id, Username: id}
}

// GetUserByUsername implements storage.UserStore.
func (s *store) GetUserByUsername(name string) *storage.User { return s.GetUserByID(name) }

// ExampleClientID implements storage.UserStore.
func (s *store) ExampleClientID() string { return Client }

// SetUserinfoFromRequest gives an ID token its claims.
func (s *store) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, token op.IDTokenRequest, _ []string) error {
	claims, _ := s.claimsOf(token.GetSubject())
	info.Subject = token.GetSubject()
	for name, value := range claims {
		info.AppendClaims(name, value)
	}
	return nil
}

// GetPrivateClaimsFromScopes gives an access token its claims.
func (s *store) GetPrivateClaimsFromScopes(_ context.Context, subject, _ string, _ []string) (map[string]any, error) {
	claims, _ := s.claimsOf(subject)
	return maps.Clone(claims), nil
}

// signingKey is a key as the library wants it, for signing and for publishing.
type signingKey struct {
	jwk jose.JSONWebKey
	key crypto.PrivateKey
}

func (k signingKey) ID() string { return k.jwk.KeyID }
func (k signingKey) Algorithm() jose.SignatureAlgorithm {
	return jose.SignatureAlgorithm(k.jwk.Algorithm)
}
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return k.Algorithm() }
func (k signingKey) Use() string                                 { return k.jwk.Use }
func (k signingKey) Key() any                                    { return k.key }

// SigningKey implements op.Storage.
func (s *store) SigningKey(context.Context) (op.SigningKey, error) {
	key := s.currentKey()
	return signingKey{jwk: key, key: key.Key}, nil
}

// KeySet implements op.Storage.
func (s *store) KeySet(context.Context) ([]op.Key, error) {
	key := s.currentKey()
	return []op.Key{signingKey{jwk: key, key: key.Public().Key}}, nil
}

// SignatureAlgorithms implements op.Storage.
func (s *store) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.SignatureAlgorithm(s.currentKey().Algorithm)}, nil
}

// client is the example's native client, which may use the device flow as well.
type client struct{ *storage.Client }

func (client) LoginURL(id string) string { return "/login?id=" + id }
func (client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeDeviceCode, oidc.GrantTypeRefreshToken}
}

// machine is a client that logs in by itself. Its access tokens are JWTs.
type machine struct {
	*storage.Client
	id string
}

func (m machine) GetID() string                       { return m.id }
func (m machine) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }
func (m machine) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeClientCredentials}
}

// GetClientByClientID implements op.Storage.
func (s *store) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != Client {
		return nil, errUnknown
	}
	return client{storage.NativeClient(Client, redirectURL)}, nil
}

// ClientCredentials implements op.ClientCredentialsStorage.
func (s *store) ClientCredentials(_ context.Context, id, secret string) (op.Client, error) {
	if _, ok := s.claimsOf(id); !ok || secret != Secret {
		return nil, errUnknown
	}
	return machine{storage.NativeClient(id), id}, nil
}

// ClientCredentialsTokenRequest implements op.ClientCredentialsStorage.
func (s *store) ClientCredentialsTokenRequest(_ context.Context, id string, scopes []string) (op.TokenRequest, error) {
	return &oidc.JWTTokenRequest{Subject: id, Audience: []string{Client}, Scopes: scopes}, nil
}

// TokenRequestByRefreshToken implements op.Storage. The example forgets which client a device logged in with.
func (s *store) TokenRequestByRefreshToken(ctx context.Context, token string) (op.RefreshTokenRequest, error) {
	request, err := s.Storage.TokenRequestByRefreshToken(ctx, token)
	if err != nil {
		return nil, err
	}
	return renewal{request}, nil
}

type renewal struct{ op.RefreshTokenRequest }

func (renewal) GetClientID() string { return Client }
