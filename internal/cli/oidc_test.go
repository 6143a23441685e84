package cli_test

import (
	"net/http"
	"net/url"
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
			setUp(t, env, servertest.Config{Change: func(c *server.Config) {
				c.Auth.Issuers = []server.Issuer{{
					Issuer:   authnoidc.Issuer{Name: "corp", URL: p.URL, Audiences: []string{oidctest.Client}, Prefix: "corp"},
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
	form := url.Values{}
	for form.Get("code") == "" {
		content, _ := os.ReadFile(path)
		if found := userCode.FindSubmatch(content); found != nil {
			form.Set("code", string(found[1]))
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if form.Set("user", args[1]); args[1] == "-" {
		form.Set("deny", "true")
	}
	resp, err := http.PostForm(ts.Getenv("ISSUER")+"/device", form)
	ts.Check(err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("the provider answers %s", resp.Status)
	}
}
