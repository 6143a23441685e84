package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// maxToken bounds what login reads, in bytes.
const maxToken = 64 << 10

// loginFlags say how to log in, and where that is kept.
type loginFlags struct {
	oidc   bool
	issuer issuer
	store  string
}

func (a *app) loginCommand() *cobra.Command {
	var f loginFlags
	cmd := &cobra.Command{
		Use:   "login [--oidc] [--address URL] [-n NAMESPACE]",
		Short: "Log in to a server, and keep that for later commands",
		Long: `Log in to a server, with a token of Coffer or, with --oidc, through an OpenID provider, and keep that for later
commands, with the address, certificates and namespace given.

A token comes from --token-file, from standard input, or from a prompt that does not echo it.

With --oidc a page of the provider and a code to type in there are shown, on whatever device you like. The server names
its providers; --issuer chooses among them by name or, with --client-id, names one that the server does not. The login
is renewed as long as the provider allows it. The system's authorities must vouch for the provider's certificate. Make
sure that its page asks about the server you mean: the token that it gives is sent to that server.

The credential is kept in the system's keyring where there is one, and else in $XDG_CONFIG_HOME/coffer/config.yaml,
readable by you only. It is sent to no server but this one.`,
		Example: `  coffer login --oidc --address https://coffer.example.org -n acme
  coffer login --address https://coffer.example.org -n acme < token
  coffer login --token-file data/operator.token --store file`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.login(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.oidc, "oidc", false, "log in through an OpenID provider")
	flags.StringVar(&f.issuer.URL, "issuer", "", "with --oidc: name or URL of the provider (default: the server's only one)")
	flags.StringVar(&f.issuer.ClientID, "client-id", "", "with --oidc: ID of the client to log in with (default: the server tells)")
	flags.StringArrayVar(&f.issuer.Scopes, "scope", nil, "with --oidc: scope to ask for; repeatable (default: the server tells)")
	flags.StringVar(&f.store, "store", storeAuto, "where to keep the credential: keyring, file, or auto")
	return cmd
}

func (f loginFlags) check() error {
	switch {
	case f.store != storeAuto && f.store != storeFile && f.store != storeKeyring:
		return usage(fmt.Sprintf("--store %q: want keyring, file or auto", f.store))
	case !f.oidc && (f.issuer.URL != "" || f.issuer.ClientID != "" || len(f.issuer.Scopes) > 0):
		return usage("--issuer, --client-id and --scope are for --oidc")
	}
	return nil
}

func (a *app) login(ctx context.Context, f loginFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	file := a.settings.TokenFile
	if f.oidc && file != "" {
		return usage("want one of --oidc and --token-file")
	}
	s := a.settings.complete(func(name string) string {
		if strings.HasPrefix(name, "COFFER_TOKEN") {
			return "" // the token to store is the one given now
		}
		return os.Getenv(name)
	}, settings{})
	var err error
	for _, path := range []*string{&s.CACert, &s.ClientCert, &s.ClientKey} {
		if *path != "" {
			if *path, err = filepath.Abs(*path); err != nil {
				return fmt.Errorf("finding %s: %w", *path, err)
			}
		}
	}
	if f.oidc {
		s.Issuer, s.credential, err = a.loginOIDC(ctx, s, f.issuer)
	} else {
		s.Token, err = a.loginToken(ctx, file)
	}
	if err != nil {
		return err
	}
	s.TokenFile = ""
	a.settings = s
	return a.connected(func(c *client.Client) error {
		me, err := c.WhoAmI(ctx, &cofferv1.WhoAmIRequest{})
		if err != nil {
			return fmt.Errorf("logging in: %w", err)
		}
		where, err := a.saveLogin(ctx, s, f.store)
		if err != nil {
			return err
		}
		a.note("logged in to %s as %s", s.Address, me.GetPrincipal())
		a.note("stored in %s", where)
		return nil
	})
}

func (a *app) loginToken(ctx context.Context, file string) (string, error) {
	var from io.Reader = a.In
	switch {
	case file != "":
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("reading the token: %w", err)
		}
		defer f.Close()
		from = f
	case isTerminal(a.In):
		return a.askValue(ctx, "token")
	}
	content, err := io.ReadAll(io.LimitReader(from, maxToken))
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	token := strings.TrimSpace(string(content))
	if token == "" {
		return "", usage("no token was given: pipe it in, or name its file with --token-file")
	}
	return token, nil
}

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget what login stored",
		Long:  "Forget what login stored, in the keyring too. The credential stays valid until it expires or is deleted.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// What is damaged, or has a keyring that does not answer, is removed all the same.
			var failed error
			if stored, err := loadLogin(); err == nil && stored.Keyring {
				failed = forget(cmd.Context(), stored.Address)
			}
			if err := os.Remove(loginPath()); errors.Is(err, fs.ErrNotExist) {
				a.note("there was no stored login")
			} else if err != nil {
				failed = errors.Join(failed, fmt.Errorf("removing the stored login: %w", err))
			}
			return failed
		},
	}
}
