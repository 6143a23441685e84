package cli_test

import (
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
	"github.com/coffer-dev/coffer/internal/authn/oidctest"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// TestOIDC runs each script with a server that takes the tokens of an OpenID provider.
func TestOIDC(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/oidc",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			p := oidctest.Start(t)
			env.Values["provider"] = p
			setUp(t, env, servertest.Config{Change: func(c *server.Config) {
				c.Auth.Issuers = []server.Issuer{{
					Issuer: authnoidc.Issuer{
						Name: "corp", URL: p.URL, Audiences: []string{oidctest.Client}, Prefix: "corp", GroupsClaim: "groups", Claims: []string{"department"},
					},
					ClientID: oidctest.Client, Scopes: []string{"openid", "offline_access"},
				}}
			}})
			env.Setenv("ISSUER", p.URL)
			env.Setenv("COFFER_TOKEN_FILE", "")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "person": person},
	})
}

// userCode finds the code among what a login tells.
var userCode = regexp.MustCompile(`enter the code (\S+)`)

// person reads what a login tells from a file, when it is there, and approves as USER or denies: person FILE USER|-
func person(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	provider := ts.Value("provider").(*oidctest.Provider)
	for end := time.Now().Add(time.Minute); ; {
		content, _ := os.ReadFile(path)
		found := userCode.FindSubmatch(content)
		switch {
		case found == nil && time.Now().After(end):
			ts.Fatalf("no login asks for a code: %s", content)
		case found == nil:
			time.Sleep(20 * time.Millisecond)
			continue
		case args[1] == "-":
			provider.Deny(string(found[1]))
		default:
			provider.Approve(string(found[1]), args[1], map[string]any{"groups": []string{"data", "release"}, "department": "finance"})
		}
		return
	}
}
