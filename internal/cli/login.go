package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// maxToken bounds what login reads, in bytes.
const maxToken = 64 << 10

func (a *app) loginCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "login [--address URL] [-n NAMESPACE] [--token-file FILE]",
		Short: "Check a token and store it with the server's address",
		Long: `Check a token with the server and store it, with the address, certificates and namespace given, in
$XDG_CONFIG_HOME/coffer/config.yaml, readable by you only. The token comes from --token-file, from standard input, or
from a prompt that does not echo it.`,
		Example: "  coffer login --address https://coffer.example.org -n acme\n  coffer login --token-file data/operator.token",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.login(cmd.Context()) },
	}
}

func (a *app) login(ctx context.Context) error {
	file := a.settings.TokenFile
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
	if s.Token, err = a.loginToken(ctx, file); err != nil {
		return err
	}
	s.TokenFile = ""
	a.settings = s
	return a.connected(func(c *client.Client) error {
		me, err := c.WhoAmI(ctx, &cofferv1.WhoAmIRequest{})
		if err != nil {
			return fmt.Errorf("logging in: %w", err)
		}
		path, err := saveLogin(s)
		if err != nil {
			return err
		}
		a.note("logged in to %s as %s", s.Address, me.GetPrincipal())
		a.note("stored in %s", path)
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
		Long:  "Forget what login stored. The token stays valid until it expires or is deleted.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := os.Remove(loginPath()); errors.Is(err, fs.ErrNotExist) {
				a.note("there was no stored login")
			} else if err != nil {
				return fmt.Errorf("removing the stored login: %w", err)
			}
			return nil
		},
	}
}

func (a *app) whoamiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Show whom the server takes you for",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.connected(func(c *client.Client) error {
				me, err := c.WhoAmI(cmd.Context(), &cofferv1.WhoAmIRequest{})
				if err != nil {
					return err
				}
				if a.quiet {
					return a.printLine(me.GetPrincipal())
				}
				return a.printResource(me)
			})
		},
	}
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the state of the server",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.connected(func(c *client.Client) error {
				status, err := c.GetStatus(cmd.Context(), &cofferv1.GetStatusRequest{})
				if err != nil {
					return err
				}
				if err := a.printResource(status); err != nil {
					return err
				}
				if !status.GetReady() {
					return exitError{exitServer}
				}
				return nil
			})
		},
	}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version of this program",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch {
			case a.quiet:
				return a.printLine(buildVersion())
			case a.output != outputTable:
				return a.printValue(map[string]string{"version": buildVersion()})
			}
			return a.printLine("coffer " + buildVersion())
		},
	}
}

// buildVersion is the module's version, or the commit it was built from.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
