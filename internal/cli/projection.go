package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) projectionCommand() *cobra.Command {
	k := kindOf(kindProjection)
	return nounCommand("projection", "Recipes of what a workload receives", k.aliases,
		a.projectionCreate(), a.nounGet(k), a.nounList(k), a.nounDelete(k), a.renderCommand())
}

func (a *app) projectionCreate() *cobra.Command {
	var file string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "create [NAME] -f FILE",
		Short: "Store a projection",
		Long: `Store a projection from a file: a manifest as 'coffer apply' takes it, or, with NAME, its spec alone.
'coffer apply' also changes one that exists.

Its items deliver a key, keys, all keys of a secret, or the URL that they make, as variables, files, arguments, dictionaries or
Spark's configuration; its templates, texts made of several; its workload, a payload with references such as
${secret.NAME}. 'coffer render --dry-run' shows what would be delivered.`,
		Example: `  coffer projection create etl -f - <<'END'
  items:
  - {secret: orders-db, key: password, env: PGPASSWORD}
  - secret: orders-db
    allKeys: true
    file: {path: db.properties, format: PROPERTIES}
  - {secret: orders-db, url: SQLALCHEMY, env: DATABASE_URL}
  sources:
  - {secret: orders-db, contextAlias: db}
  templates:
  - text: user={{ .secrets.db.username }}
    file: {path: app.conf, mode: 0440}
  END`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return usage("which file? Give -f FILE, or -f - for standard input")
			}
			projection, full, err := a.readProjection(file, args)
			if err != nil {
				return err
			}
			return a.connected(func(c *client.Client) error {
				parent, id := splitName(full)
				created, err := c.CreateProjection(cmd.Context(), &cofferv1.CreateProjectionRequest{
					Parent: parent, ProjectionId: id, Projection: projection, ValidateOnly: dryRun,
				})
				if err == nil {
					err = a.printDone(created, doneText("created", dryRun))
				}
				if err == nil && !dryRun {
					a.warnUnlessRenders(cmd.Context(), c, full)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVarP(&file, "file", "f", "", "file, or - for standard input")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "let the server check everything and do nothing")
	return cmd
}

// warnUnlessRenders tells why a projection that was just written cannot be rendered, as far as its writer may know. It stays
// written: a key that is not there may be yet to come.
func (a *app) warnUnlessRenders(ctx context.Context, c *client.Client, name string) {
	_, err := c.RenderProjection(ctx, &cofferv1.RenderProjectionRequest{Name: name, DryRun: true})
	if refused, ok := errors.AsType[*client.Error](err); ok && errors.Is(err, client.ErrPrecondition) {
		a.warn("%s cannot be rendered now: %s (%s)", reference(name), refused.Message, refused.Reason)
	}
}

// warnOf tells of what may not be meant as it is written in a place.
func (a *app) warnOf(where string, notices []string) {
	for _, notice := range notices {
		a.warn("%s: %s", where, notice)
	}
}

// readProjection reads a manifest, or the spec of the projection that args name.
func (a *app) readProjection(file string, args []string) (*cofferv1.Projection, string, error) {
	s, err := a.resolve()
	if err != nil {
		return nil, "", err
	}
	sources, err := readSources([]string{file}, a.In)
	if err != nil {
		return nil, "", err
	}
	k := kindOf(kindProjection)
	if len(args) == 1 {
		full, err := k.fullName(args[0], s.Namespace)
		if err != nil {
			return nil, "", err
		}
		projection := &cofferv1.Projection{}
		notices, err := parseSpec(sources[0], projection)
		a.warnOf(sources[0].name, notices)
		return projection, full, err
	}
	manifests, err := parseManifests(sources[0], s.Namespace)
	if err != nil {
		return nil, "", err
	}
	if len(manifests) != 1 || manifests[0].kind.name != kindProjection {
		return nil, "", usage(fmt.Sprintf("%s: want one manifest of kind Projection", sources[0].name))
	}
	a.warnOf(manifests[0].where, manifests[0].notices)
	return manifests[0].message.(*cofferv1.Projection), manifests[0].name, nil
}
