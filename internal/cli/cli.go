// Package cli is the program coffer: it turns arguments into calls of the API and answers into text.
//
// It guarantees that a value reaches standard output only where the user asked for it with --reveal (or passed it to a
// child with run, or used a verb of DataOS that is for that: resource get --unSanitize, operate get-secret, maintenance
// create-docker-secret), never standard error, an error or another process's arguments; that results go to standard output
// and everything else to standard error; and that a stored token is sent to no server but the one it was stored for. What
// threatens it are terminals (a value or a name with control characters), shells (their history) and the children of
// run, whose output is masked as a guard against accidents, not against a child that wants to leak.
//
// Exit codes: 0 done, 1 usage or local error, 2 the server refused or could not be reached, or access check says denied;
// run returns its child's.
package cli

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/coffer-dev/coffer/pkg/client"
)

// Exit codes of the program.
const (
	exitOK     = 0
	exitLocal  = 1
	exitServer = 2
)

// Stdio is what the process was started with. Prompts need In to be an *os.File of a terminal.
type Stdio struct {
	In       io.Reader
	Out, Err io.Writer
}

// app is one run of the program.
type app struct {
	Stdio
	settings settings
	output   string
	quiet    bool
	started  bool // the arguments were understood
}

// Main runs the program with the arguments of os.Args and returns its exit code.
func Main(ctx context.Context, args []string, stdio Stdio) int {
	a := &app{Stdio: stdio}
	root := a.root()
	root.SetArgs(asPlatform(root, args[1:]))
	root.SetIn(stdio.In)
	root.SetOut(stdio.Out)
	root.SetErr(stdio.Err)
	ran, err := root.ExecuteContextC(ctx)
	return a.report(ctx, ran, err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "coffer",
		Short: "Store secrets once, deliver exactly the keys a workload needs",
		Long: `coffer is the command line of Coffer, a secrets service.

It finds the server and your credential in flags, then in COFFER_ADDR, COFFER_TOKEN or COFFER_TOKEN_FILE,
COFFER_NAMESPACE, COFFER_CACERT, COFFER_CLIENT_CERT and COFFER_CLIENT_KEY, then in what 'coffer login' stored.
Values are shown only with --reveal. No colours are used.

Exit codes: 0 done, 1 usage or local error, 2 the server refused or could not be reached, or access check says denied;
run returns its child's.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.started = true
			if err := checkGiven(cmd); err != nil {
				return err
			}
			return checkOutput(a.output)
		},
	}
	asNoun(root)
	a.globalFlags(root.PersistentFlags())
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		a.loginCommand(), a.logoutCommand(), a.whoamiCommand(), a.statusCommand(), a.versionCommand(),
		a.namespaceCommand(), a.secretCommand(), a.projectionCommand(), a.serviceAccountCommand(), a.tokenCommand(),
		a.grantCommand(), a.roleCommand(), a.policyCommand(), a.accessCommand(), a.auditCommand(),
		a.getCommand(), a.listCommand(), a.deleteCommand(), a.searchCommand(), a.sourceTypesCommand(),
		a.applyCommand(), a.renderCommand(), a.resolveCommand(), a.runCommand(), a.agentCommand(), a.importCommand(), a.migrateCommand(),
	)
	root.AddCommand(a.dataosCommands()...)
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			asNoun(cmd) // as cobra makes it, it takes any word for a call for help
		}
	}
	a.completeAll(root)
	root.SetUsageTemplate(usageTemplate(root))
	wrapHelp(root)
	return root
}

func (a *app) globalFlags(flags *pflag.FlagSet) {
	s := &a.settings
	flags.StringVar(&s.Address, "address", "", "server URL: http, https, grpc or grpcs (COFFER_ADDR)")
	flags.StringVar(&s.TokenFile, "token-file", "", "file that holds the token (COFFER_TOKEN_FILE)")
	flags.StringVarP(&s.Namespace, "namespace", "n", "", "namespace of names given without one (COFFER_NAMESPACE)")
	flags.StringVar(&s.CACert, "ca-cert", "", "PEM file of the authority that vouches for the server (COFFER_CACERT)")
	flags.StringVar(&s.ClientCert, "client-cert", "", "PEM certificate for mutual TLS (COFFER_CLIENT_CERT)")
	flags.StringVar(&s.ClientKey, "client-key", "", "PEM key of the certificate (COFFER_CLIENT_KEY)")
	flags.BoolVar(&s.insecure, "insecure-no-tls", false, "allow plaintext to a server on another machine")
	flags.StringVarP(&a.output, "output", "o", outputTable, "table, json or yaml")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print names only, and no notes")
}

// connected runs a function with a client for the server that flags, environment and login name.
func (a *app) connected(do func(*client.Client) error) error {
	s, err := a.resolve()
	if err != nil {
		return err
	}
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	return do(c)
}

// resolve completes the settings that flags gave. It is done once, so that all parts of a command agree.
func (a *app) resolve() (settings, error) {
	if a.settings.resolved {
		return a.settings, nil
	}
	stored, err := loadLogin()
	if err != nil {
		return settings{}, err
	}
	a.settings = a.settings.complete(os.Getenv, stored)
	return a.settings, nil
}

// usageError is a mistake in the arguments.
type usageError struct{ error }

// Unwrap lets errors.Is see the cause.
func (e usageError) Unwrap() error { return e.error }

func usage(message string) error { return usageError{errors.New(message)} }
