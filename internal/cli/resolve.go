package cli

import (
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) resolveCommand() *cobra.Command {
	var f revealFlags
	var values valueFlags
	var file string
	var set []string
	cmd := &cobra.Command{
		Use:   "resolve -f FILE|-",
		Short: "Resolve the references to secrets in a workload's own payload",
		Long: `Resolve the references to secrets in a payload, JSON or YAML: ${secret.NAME}, ${secret.NAME.KEY}, secretObject and
dataosSecrets. They are looked up in the namespace and then in those above it, by your own right to access them. References
that cannot be resolved are told one a line, with their places, and then nothing is shown. Values are shown only with
--reveal.

Dollars before the brace of a reference count in pairs: each pair is one dollar, and one left over makes it a reference.
So $${secret.NAME} is a literal ${secret.NAME}. All other dollars are untouched, those of ${HOME} and $${HOME} too. In a
flow mapping of YAML, a reference stands in quotes, {key: "${secret.NAME}"}: bare braces there are YAML's own.

With --set, a value takes the place of ${secret.NAME} for this time, which the payload is to have. It is given as

  NAME          asked for on the terminal, without an echo
  NAME=@FILE    the content of a file
  NAME=-        standard input
  NAME=VALUE    as it stands: shells keep it in their history, and it shows in
                the process list`,
		Example: `  coffer resolve -f workload.yaml -n acme
  coffer resolve -f workload.yaml --reveal --field payload > resolved.yaml
  coffer resolve -f - --set api-key=@key.txt --reveal -o json < job.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			bundle, err := a.resolveWorkload(cmd.Context(), file, set, values)
			if err != nil {
				return err
			}
			return a.printBundle(bundle, f)
		},
	}
	f.register(cmd, "variable, file or property of Spark, or payload")
	flags := cmd.Flags()
	flags.StringVarP(&file, "file", "f", "", "file of the payload, or - for standard input")
	flags.StringArrayVar(&set, "set", nil, "NAME[=@FILE | =- | =VALUE] to take the place of ${secret.NAME}; repeatable")
	flags.BoolVar(&values.trim, "trim", false, "cut white space off around values of --set from files and standard input")
	flags.BoolVar(&values.verbatim, "verbatim", false, "keep white space around values of --set from files and standard input")
	return cmd
}

// resolveWorkload returns what a payload yields as a bundle.
func (a *app) resolveWorkload(ctx context.Context, file string, set []string, f valueFlags) (*cofferv1.RenderProjectionResponse, error) {
	s, err := a.resolve()
	if err != nil {
		return nil, err
	}
	req := &cofferv1.ResolveWorkloadRequest{}
	if req.Parent, err = namespaceName(s.Namespace); err != nil {
		return nil, err
	}
	if req.Payload, err = a.readPayload(file, set); err != nil {
		return nil, err
	}
	for _, given := range set {
		name, _, _ := strings.Cut(given, "=")
		if !regexp.MustCompile(`\{[ \t]*secret\.\s*` + regexp.QuoteMeta(name) + `\s*\}`).MatchString(req.Payload) {
			return nil, usage(fmt.Sprintf("--set %s: the payload has no ${secret.%s}", name, name))
		}
	}
	overrides, err := a.readValues(ctx, set, f)
	if err != nil {
		return nil, err
	}
	if binary := slices.Sorted(maps.Keys(overrides.GetBinaryData())); len(binary) > 0 {
		return nil, usage("the value of " + binary[0] + " is binary, and a payload is text")
	}
	req.Overrides = overrides.GetData()
	var bundle *cofferv1.RenderProjectionResponse
	err = a.connected(func(c *client.Client) error {
		answer, err := c.ResolveWorkload(ctx, req)
		bundle = &cofferv1.RenderProjectionResponse{
			Payload: answer.GetPayload(), Env: answer.GetEnv(), SparkConf: answer.GetSparkConf(), Files: answer.GetFiles(), Revision: answer.GetRevision(),
			Arguments: answer.GetArguments(), Dictionaries: answer.GetDictionaries(),
		}
		return err
	})
	return bundle, err
}

// readPayload reads the file that holds references.
func (a *app) readPayload(file string, set []string) (string, error) {
	isStdin := func(given string) bool { return strings.HasSuffix(given, "=-") && strings.Count(given, "=") == 1 }
	switch {
	case file == "":
		return "", usage("which payload? Give -f FILE, or -f - for standard input")
	case file == "-" && slices.ContainsFunc(set, isStdin):
		return "", usage("standard input gives the payload already")
	case file == "-":
		return readBounded("standard input", a.In)
	}
	from, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("reading the payload: %w", err)
	}
	defer from.Close()
	return readBounded(file, from)
}
