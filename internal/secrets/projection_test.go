package secrets_test

import (
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// env is an item that delivers a key as a variable.
func env(secret, key, name string) secrets.Item {
	return secrets.Item{Secret: secret, Key: key, Env: &render.EnvTarget{Name: name}}
}
