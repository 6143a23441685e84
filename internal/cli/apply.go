package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/coffer-dev/coffer/pkg/client"
)

// What apply did to a resource.
const (
	resultCreated   = "created"
	resultUpdated   = "updated"
	resultUnchanged = "unchanged"
)

func (a *app) applyCommand() *cobra.Command {
	o := applyOptions{verb: verbApply}
	var scaffold string
	cmd := &cobra.Command{
		Use:   "apply -f FILE|FOLDER|- | --scaffold TYPE [-f FILE]",
		Short: "Create and update resources as manifests describe them",
		Long: `Create and update resources as manifests describe them: Namespace, ServiceAccount, Secret, Projection, Role,
Policy and Grant, in YAML or JSON, any number of documents in a file. Applying again changes nothing more.

All documents are read and checked before anything is sent. Resources are written in the order in which they refer to
each other. Fields that a manifest does not name stay as they are; labels and annotations that it names are set as a
whole. A secret's payload becomes a new version if it differs. Nothing is expanded: $VAR stays $VAR. What begins as JSON
does, or is in a file named so, is read as JSON. A projection that is stored and cannot be rendered now is told of.

Manifests of DataOS may stand beside them; 'coffer resource apply --help' tells what becomes of those.`,
		Example: `  coffer apply -f secrets.yaml -f projections/
  coffer apply -f - <<'END'
  apiVersion: coffer.dev/v1
  kind: Secret
  metadata: {namespace: acme, name: orders-db, labels: {team: orders}}
  spec: {type: postgres, payload: {data: {username: etl, password: "…"}}}
  END`,
		Args: noManifests,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if scaffold != "" {
				return a.scaffold(scaffold, o.files, o.dryRun)
			}
			return a.apply(cmd.Context(), o)
		},
	}
	o.register(cmd.Flags())
	cmd.Flags().StringVar(&scaffold, "scaffold", "", "apply nothing: write a manifest of a secret of this source type, to be filled in, to standard output or to a new file")
	return cmd
}

func (a *app) apply(ctx context.Context, o applyOptions) error {
	if len(o.files) == 0 {
		return usage("which manifests? Give -f FILE, -f FOLDER or -f -")
	}
	manifests, platform, err := a.readManifests(o)
	if err != nil {
		return err
	}
	if o.only() {
		return a.printPlatform(platform, o)
	}
	return a.connected(func(c *client.Client) error {
		manifests, err := a.translated(ctx, c, manifests, platform, o)
		if err != nil {
			return err
		}
		if len(manifests) > 0 || len(platform) == 0 {
			if manifests, err = order(manifests); err != nil {
				return err
			}
		}
		for _, m := range manifests {
			a.warnOf(m.where, m.notices)
		}
		run := applier{app: a, client: c, verb: o.verb, dryRun: o.dryRun, pending: map[string]bool{}}
		for _, m := range manifests {
			if err = run.apply(ctx, m); err != nil {
				err = fmt.Errorf("%s: applying %s: %w", m.where, m.described(err), err)
				break
			}
		}
		if err == nil {
			err = run.withdraw(ctx, platform, manifests)
		}
		return errors.Join(err, run.summary(len(manifests)))
	})
}

// noManifests tells how manifests are given.
func noManifests(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Sprintf("manifests are given with -f: %s -f %s", cmd.CommandPath(), args[0]))
	}
	return nil
}

// applier is one run of apply.
type applier struct {
	app     *app
	client  *client.Client
	verb    string
	dryRun  bool
	pending map[string]bool // names that a dry run would have created
	results []applied
}

// applied is a line of apply's answer.
type applied struct {
	Resource string `json:"resource"`
	Result   string `json:"result"`
	Note     string `json:"note,omitempty"`
}

// apply writes a resource and tells what it did.
func (r *applier) apply(ctx context.Context, m manifest) error {
	result, note, err := r.write(ctx, m)
	if err != nil {
		return errors.Join(err, r.progress(m, resultError))
	}
	if r.dryRun && result == resultCreated {
		r.pending[m.name] = true
	}
	r.results = append(r.results, applied{m.name, result, note})
	switch {
	case r.app.output != outputTable:
	case r.app.quiet:
		err = r.app.printLine(m.name)
	case m.dataos != nil:
		if err = r.progress(m, result); note != "" {
			r.app.note("%s: %s", m.dataos, note)
		}
	default:
		if note != "" {
			note = ": " + note
		}
		err = r.app.printLine(reference(m.name) + " " + doneText(result, r.dryRun) + note)
	}
	if err == nil && m.kind.name == kindProjection && !r.dryRun {
		r.app.warnUnlessRenders(ctx, r.client, m.name)
	}
	return err
}

// summary ends the answer.
func (r *applier) summary(total int) error {
	count := map[string]int{}
	for _, result := range r.results {
		count[result.Result]++
	}
	if r.app.output != outputTable {
		return r.app.printValue(map[string]any{"resources": append([]applied{}, r.results...), "summary": count, "dryRun": r.dryRun})
	}
	text := fmt.Sprintf("%d created, %d updated, %d unchanged", count[resultCreated], count[resultUpdated], count[resultUnchanged])
	if left := total - len(r.results); left > 0 {
		text += fmt.Sprintf(", %d not applied", left)
	}
	r.app.note("%s", doneText(text, r.dryRun))
	return nil
}

// order sorts manifests so that what others refer to comes first: by kind, and namespaces below those above them. It
// refuses a resource described twice.
func order(manifests []manifest) ([]manifest, error) {
	if len(manifests) == 0 {
		return nil, usage("there is no manifest in what was given")
	}
	byName := map[string]manifest{}
	for _, m := range manifests {
		if first, twice := byName[m.name]; twice {
			return nil, usage(fmt.Sprintf("%s: %s is already described in %s", m.where, reference(m.name), first.where))
		}
		byName[m.name] = m
	}
	var ordered []manifest
	placed := map[string]bool{}
	for _, k := range kinds() {
		for _, m := range manifests {
			// A namespace's line of ancestors goes before it; a circle is for the server to refuse.
			var line []manifest
			for m.kind.name == k.name && !placed[m.name] {
				placed[m.name] = true
				line = append(line, m)
				above, ok := byName[namespaceParent(m.message)]
				if !ok {
					break
				}
				m = above
			}
			slices.Reverse(line)
			ordered = append(ordered, line...)
		}
	}
	return ordered, nil
}

// waits tells whether a resource refers to one that a dry run only would have created, so that the server cannot check it.
func (r *applier) waits(m manifest) (on string, waits bool) {
	for _, name := range m.refersTo() {
		for pending := range r.pending {
			// A projection's secret without a namespace may also be in one above.
			if pending == name || strings.HasPrefix(name, "*/") && strings.HasSuffix(pending, name[1:]) ||
				name == "*/secrets/"+anySecret && kindOf(kindSecret).check(pending) == nil {
				return reference(pending), true
			}
		}
	}
	return "", false
}
