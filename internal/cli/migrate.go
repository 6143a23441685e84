package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/iometemigrate"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/pkg/client"
)

// What migrate did with a file.
const (
	migrateRewritten = "rewritten"
	migrateDeclined  = "declined"
	migrateUnchanged = "unchanged"
	migrateFailed    = "failed"
)

func (a *app) migrateCommand() *cobra.Command {
	return nounCommand("migrate", "Rewrite files of other platforms to their newer forms", nil, a.migrateIOMETE())
}

// migrateFlags are those of migrate iomete.
type migrateFlags struct {
	domain               string
	global               []string
	offline, yes, dryRun bool
}

func (a *app) migrateIOMETE() *cobra.Command {
	var f migrateFlags
	cmd := &cobra.Command{
		Use:   "iomete FILE|FOLDER…",
		Short: "Rewrite payloads of IOMETE from ${secrets.key} to secretObject",
		Long: `Rewrite payloads of IOMETE, JSON files, from placeholders to structured references. A placeholder that is the whole
value of a variable or of a property of Spark moves from envVars to envSecrets, from sparkConf to sparkConfSecrets. A
secretKey that is one becomes storageSecret. All else stays byte for byte.

Each file is shown as a diff, and you are asked before it is written; --yes does not ask, --dry-run writes nothing. Of a
folder, all files named .json are looked at, also below, but for what begins with a dot. Symbolic links are not followed.

Which scope holds a key is asked of the server: the domain, then the global secrets. Those that --global names are taken
for global, and with --offline all others for the domain's, without asking.

What the second form has no words for stays, and is told: placeholders within other text, and those of secrets that are
not there. A plain secretKey stays too, with a warning. Diffs show names and references; of all other texts and numbers,
which may be values, they show only that they are there. Migrating again changes nothing more.

Exit codes: 0 all files could be read and written, 1 some could not, 2 the server refused or could not be reached.`,
		Example: `  coffer migrate iomete payloads/ --domain sales --dry-run
  coffer migrate iomete job.json --domain sales --global s3-key --offline --yes`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.domain == "" {
				return usage("which domain? Give --domain with its name in IOMETE")
			}
			if _, err := naming.Domain(f.domain); err != nil || f.domain == naming.Instance {
				return usage(fmt.Sprintf("%q: %v", f.domain, cmp.Or(err, errors.New("is not a domain: it stands for the global secrets"))))
			}
			if a.output != outputTable && !f.yes && !f.dryRun {
				return usage("--output " + a.output + " goes with --dry-run or --yes")
			}
			files, err := payloadFiles(args)
			if err != nil {
				return err
			}
			if f.offline {
				return a.migrateFiles(cmd.Context(), files, f, nil)
			}
			return a.connected(func(c *client.Client) error { return a.migrateFiles(cmd.Context(), files, f, c) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.domain, "domain", "", "name of the domain whose payloads they are, as IOMETE spells it")
	flags.StringSliceVar(&f.global, "global", nil, "keys of global secrets, which are not asked for")
	flags.BoolVar(&f.offline, "offline", false, "ask no server: keys are the domain's, but for those of --global")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show what would be done, and write nothing")
	return cmd
}

// locate tells which scope holds a key. The readings of a name with dots are those that the server tries.
func (f *migrateFlags) locate(ctx context.Context, c *client.Client, key string) (string, error) {
	switch {
	case slices.Contains(f.global, key):
		return naming.Instance, nil
	case f.offline:
		return f.domain, nil
	}
	domain, err := naming.Domain(f.domain)
	if err != nil {
		return "", err
	}
	for _, scope := range []struct{ namespace, id string }{{domain, f.domain}, {naming.Instance, naming.Instance}} {
		for name := key; name != ""; name = name[:max(0, strings.LastIndexByte(name, '.'))] {
			_, err := c.GetSecret(ctx, &cofferv1.GetSecretRequest{Name: "namespaces/" + scope.namespace + "/secrets/" + name})
			if err == nil {
				return scope.id, nil
			}
			if !errors.Is(err, client.ErrNotFound) && !errors.Is(err, client.ErrDenied) {
				return "", fmt.Errorf("looking for the secret %s: %w", key, err)
			}
		}
	}
	return "", iometemigrate.ErrNoSecret
}

// migrated is a line of the answer.
type migrated struct {
	File   string                `json:"file"`
	Result string                `json:"result"`
	Moved  []iometemigrate.Moved `json:"moved,omitempty"`
	Left   []iometemigrate.Left  `json:"left,omitempty"`
	Diff   string                `json:"diff,omitempty"`
	Error  string                `json:"error,omitempty"`
}

// migrateFiles rewrites files, one after the other. What is wrong with one does not keep the others; that the server cannot
// be asked does.
func (a *app) migrateFiles(ctx context.Context, files []payloadFile, f migrateFlags, c *client.Client) error {
	answer := []migrated{}
	count := map[string]int{}
	left := 0
	for _, file := range files {
		row, err := a.migrateFile(ctx, file, f, c)
		if err != nil && row.Result != migrateFailed {
			return err
		}
		if err != nil {
			row.Error = err.Error()
			a.warn("%s: %v", file.shown, err)
		}
		for _, l := range row.Left {
			a.warn("%s: %s: %s", file.shown, l.Place, l.Reason)
		}
		left += len(row.Left)
		count[row.Result]++
		answer = append(answer, row)
	}
	if a.output != outputTable {
		if err := a.printValue(map[string]any{"files": answer, "dryRun": f.dryRun}); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("%d rewritten, %d unchanged", count[migrateRewritten], count[migrateUnchanged])
	if n := count[migrateDeclined]; n > 0 {
		text += fmt.Sprintf(", %d declined", n)
	}
	if left > 0 {
		text += fmt.Sprintf("; places left as they are: %d", left)
	}
	a.note("%s", doneText(text, f.dryRun))
	if count[migrateFailed] > 0 {
		return exitError{exitLocal}
	}
	return nil
}

// migrateFile rewrites a file. An error of a row that failed is about the file; any other ends the whole.
func (a *app) migrateFile(ctx context.Context, file payloadFile, f migrateFlags, c *client.Client) (migrated, error) {
	row := migrated{File: file.shown, Result: migrateFailed}
	content, err := file.read()
	if err != nil {
		return row, err
	}
	result, err := iometemigrate.Migrate(content, func(key string) (string, error) { return f.locate(ctx, c, key) })
	if errors.Is(err, iometemigrate.ErrPayload) {
		return row, err
	}
	if err != nil {
		return migrated{}, err
	}
	row.Left = result.Left
	if len(result.Moved) == 0 {
		row.Result = migrateUnchanged
		return row, nil
	}
	row.Moved, row.Diff = result.Moved, string(result.Diff(file.shown))
	if a.output == outputTable && !a.quiet {
		if err := a.printDiff(row.Diff); err != nil {
			return migrated{}, err
		}
	}
	if !f.dryRun && !f.yes {
		yes, err := a.ask(ctx, "rewrite "+file.shown+"?")
		if err != nil {
			return migrated{}, err
		}
		if !yes {
			row.Result = migrateDeclined
			return row, nil
		}
	}
	if !f.dryRun {
		if err := file.write(content, result.Output); err != nil {
			return row, err
		}
	}
	if row.Result = migrateRewritten; a.quiet && a.output == outputTable {
		return row, a.printLine(file.shown)
	}
	return row, nil
}

// printDiff shows a diff, with its tabs.
func (a *app) printDiff(diff string) error {
	for line := range strings.Lines(diff) {
		parts := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		for i, part := range parts {
			parts[i] = printable(part)
		}
		if _, err := fmt.Fprintln(a.Out, strings.Join(parts, "\t")); err != nil {
			return fmt.Errorf("writing the answer: %w", err)
		}
	}
	return nil
}
