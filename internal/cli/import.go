package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/coffer-dev/coffer/internal/platformimport"
	"github.com/coffer-dev/coffer/pkg/client"
)

const importHelp = `What would be done is shown first, with the names of keys and never a value, and you are asked; --yes does not ask,
--dry-run does nothing more. Importing again writes only what differs, so that an import that was interrupted goes on where
it was. Whether a value differs only a real write tells.

A secret that is there and was not imported from the same place, or has got another version since, is a conflict. While
there is one, nothing is written: --on-conflict skip leaves such secrets as they are, --on-conflict new-version adds a
version to them.

Exit codes: 0 all is in Coffer, 1 something has no value, is refused or in conflict, 2 a server refused something.`

// importFlags are those of all platforms.
type importFlags struct {
	files                 []string
	yes, dryRun           bool
	onConflict            string
	createNamespaces, ask bool
	parent, values        string
	remote                remoteFlags
}

func (a *app) importCommand() *cobra.Command {
	return nounCommand("import", "Bring in what another platform holds", nil,
		a.importDataOS(), a.importInstill(), a.importIOMETE())
}

// register adds the flags that all platforms have. Where values cannot be read, they are given otherwise.
func (f *importFlags) register(cmd *cobra.Command, givenValues bool) {
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.files, "file", "f", nil, "export: a file, a folder, or - for standard input; repeatable")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show what would be done, and do nothing")
	flags.StringVar(&f.onConflict, "on-conflict", string(platformimport.Fail), "fail, skip or new-version: what to do where something else is there")
	flags.BoolVar(&f.createNamespaces, "create-namespaces", false, "create the namespaces that are missing")
	flags.StringVar(&f.parent, "parent", "", "namespace above those to create (default: instance)")
	if givenValues {
		flags.StringVar(&f.values, "values", "", "file of values: KEY=VALUE lines, or a mapping in .json or .yaml; - for standard input")
		flags.BoolVar(&f.ask, "ask-values", false, "ask on the terminal for the values that nothing else gives")
	}
	f.remote.register(flags)
}

// config checks the flags and makes of them how to import.
func (f *importFlags) config(a *app) (platformimport.Config, error) {
	config := platformimport.Config{CreateNamespaces: f.createNamespaces, Progress: a.importProgress()}
	switch config.OnConflict = platformimport.OnConflict(f.onConflict); config.OnConflict {
	case platformimport.Fail, platformimport.SkipIt, platformimport.AddVersion:
	default:
		return config, usage(fmt.Sprintf("--on-conflict %q: want fail, skip or new-version", f.onConflict))
	}
	if f.parent != "" {
		if !f.createNamespaces {
			return config, usage("--parent says where namespaces are created: it goes with --create-namespaces")
		}
		var err error
		if config.Parent, err = namespaceName(f.parent); err != nil {
			return config, err
		}
	}
	if f.ask {
		config.Ask = func(ctx context.Context, secret string) (string, error) {
			return a.askValue(ctx, "value of "+reference(secret)+" (empty: leave it out)")
		}
	}
	if len(f.files) > 0 == (f.remote.url != "") {
		return config, usage("where from? Give either -f FILE, -f FOLDER or -f -, or --from URL")
	}
	return config, nil
}

// importProgress tells now and then how far a large import is.
func (a *app) importProgress() func(string, int, int) {
	return func(doing string, done, total int) {
		if done > 0 && done%500 == 0 {
			a.note("%s: %d of %d", doing, done, total)
		}
	}
}

// runImport imports what collect finds. It needs a client, since the server tells what namespaces stand for.
func (a *app) runImport(ctx context.Context, f *importFlags, collect func(*client.Client) ([]platformimport.Item, error)) error {
	config, err := f.config(a)
	if err != nil {
		return err
	}
	return a.connected(func(c *client.Client) error {
		config.Client = c
		items, err := collect(c)
		if err == nil {
			err = a.fillValues(f, items)
		}
		if err != nil {
			return a.remoteFault(err)
		}
		plan, err := platformimport.Prepare(ctx, config, items)
		if errors.Is(err, platformimport.ErrNoNamespace) {
			return usageError{fmt.Errorf("%w: create them, or give --create-namespaces", err)}
		}
		if err != nil {
			return err
		}
		return a.importPlan(ctx, f, plan)
	})
}

// importPlan shows a plan and carries it out.
func (a *app) importPlan(ctx context.Context, f *importFlags, plan *platformimport.Plan) error {
	if a.output != outputTable && !f.yes && !f.dryRun {
		return usage("--output " + a.output + " goes with --dry-run or --yes")
	}
	if a.output == outputTable && !a.quiet {
		if err := a.printPlan(plan); err != nil {
			return err
		}
	}
	if f.dryRun {
		return a.printImport(plan, true)
	}
	if n := plan.Count(platformimport.Conflict); n > 0 {
		if err := a.printImport(plan, false); err != nil {
			return err
		}
		a.warn("nothing was written: %d in conflict; --on-conflict skip leaves them, --on-conflict new-version adds a version to them", n)
		return exitError{exitLocal}
	}
	if n := plan.Writes(); n > 0 {
		if err := a.confirm(ctx, f.yes, "apply these %d?", n); err != nil {
			return err
		}
	}
	stopped := plan.Apply(ctx, func(row *platformimport.Row) {
		switch {
		case row.Err != nil:
			a.warn("%s: %v", reference(row.Resource), row.Err)
		case a.output != outputTable:
		case a.quiet:
			fmt.Fprintln(a.Out, printable(row.Resource))
		default:
			fmt.Fprintln(a.Out, printable(reference(row.Resource)+" "+string(row.Result)))
		}
	})
	if err := a.printImport(plan, false); err != nil {
		return err
	}
	if stopped != nil {
		a.warn("the import is not complete: run it again to go on")
		return stopped
	}
	return importOutcome(plan)
}

// importOutcome is the exit code of an import that was carried out.
func importOutcome(plan *platformimport.Plan) error {
	code := exitOK
	for _, row := range plan.Rows {
		var refused *client.Error
		var unread *platformimport.RemoteError
		switch {
		case errors.As(row.Err, &refused), errors.As(row.Err, &unread):
			return exitError{exitServer}
		case row.Err != nil, row.Action == platformimport.Refused, row.Action == platformimport.NoValue:
			code = exitLocal
		}
	}
	if code == exitOK {
		return nil
	}
	return exitError{code}
}

// printPlan shows what an import will do.
func (a *app) printPlan(plan *platformimport.Plan) error {
	rows := [][]string{{"ACTION", "RESOURCE", "KEYS", "SOURCE", "NOTE"}}
	for _, row := range plan.Rows {
		rows = append(rows, []string{
			strings.ReplaceAll(string(row.Action), "-", " "), importReference(row), strings.Join(row.Keys, ", "), row.Source, row.Note,
		})
	}
	if len(rows) == 1 {
		a.note("there is nothing to import in what was given")
		return nil
	}
	return a.printTable(rows)
}

// importReference is how a row's resource is called; what is left out need not have a name.
func importReference(row *platformimport.Row) string {
	if row.Action == platformimport.Skip || row.Action == platformimport.Refused {
		if _, err := kindOfName(row.Resource); err != nil {
			return ""
		}
	}
	return reference(row.Resource)
}

// imported is a row for machines.
type imported struct {
	*platformimport.Row
	Error string `json:"error,omitempty"`
}

// printImport ends the answer.
func (a *app) printImport(plan *platformimport.Plan, dryRun bool) error {
	count := map[string]int{}
	rows := []imported{}
	for _, row := range plan.Rows {
		what := string(row.Result)
		if what == "" {
			what = string(row.Action)
		}
		count[what]++
		entry := imported{Row: row}
		if row.Err != nil {
			entry.Error = row.Err.Error()
		}
		rows = append(rows, entry)
	}
	if a.output != outputTable {
		return a.printValue(map[string]any{"items": rows, "summary": count, "dryRun": dryRun})
	}
	var texts []string
	for _, word := range importWords {
		if n := count[word.what]; n > 0 {
			texts = append(texts, fmt.Sprintf("%d %s", n, word.told))
		}
	}
	if len(texts) > 0 {
		a.note("%s", doneText(strings.Join(texts, ", "), dryRun))
	}
	return nil
}

// importWords tell what an import does, or did, in the order of its last line. Never written.
var importWords = []struct{ what, told string }{
	{string(platformimport.Create), "to create"},
	{string(platformimport.NewVersion), "to get a new version"},
	{string(platformimport.NewVersionOrUnchanged), "to get a new version if a value differs"},
	{string(platformimport.Update), "to update"},
	{string(platformimport.Created), "created"},
	{string(platformimport.Updated), "updated"},
	{string(platformimport.Untouched), "unchanged"},
	{string(platformimport.Conflict), "in conflict"},
	{string(platformimport.NoValue), "without a value"},
	{string(platformimport.Skip), "skipped"},
	{string(platformimport.Refused), "refused"},
	{string(platformimport.Failed), "failed"},
	{string(platformimport.NotTried), "not tried"},
}
