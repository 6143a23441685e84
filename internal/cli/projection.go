package cli

import (
	"context"
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
'coffer apply' also changes one that exists.`,
		Example: `  coffer projection create etl -f - <<'END'
  items:
  - {secret: orders-db, key: password, env: PGPASSWORD}
  - secret: orders-db
    allKeys: true
    file: {path: db.properties, format: PROPERTIES}
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
				if err != nil {
					return err
				}
				return a.printDone(created, doneText("created", dryRun))
			})
		},
	}
	cmd.Flags().StringVarP(&file, "file", "f", "", "file, or - for standard input")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "let the server check everything and do nothing")
	return cmd
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
		return projection, full, parseSpec(sources[0], projection)
	}
	manifests, err := parseManifests(sources[0], s.Namespace)
	if err != nil {
		return nil, "", err
	}
	if len(manifests) != 1 || manifests[0].kind.name != kindProjection {
		return nil, "", usage(fmt.Sprintf("%s: want one manifest of kind Projection", sources[0].name))
	}
	return manifests[0].message.(*cofferv1.Projection), manifests[0].name, nil
}

func (a *app) renderCommand() *cobra.Command {
	var f revealFlags
	cmd := &cobra.Command{
		Use:   "render PROJECTION",
		Short: "Render a projection; show its values only with --reveal",
		Example: `  coffer render etl
  coffer render etl --reveal --field PGPASSWORD
  coffer render etl --reveal --field db.properties > db.properties`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			bundle, err := a.fetchBundle(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return a.printBundle(bundle, f)
		},
	}
	f.register(cmd, "variable or file")
	return cmd
}

func (a *app) fetchBundle(ctx context.Context, projection string) (*cofferv1.RenderProjectionResponse, error) {
	var bundle *cofferv1.RenderProjectionResponse
	err := a.with(kindOf(kindProjection), projection, func(c *client.Client, full string) error {
		var err error
		bundle, err = c.Render(ctx, full)
		return err
	})
	return bundle, err
}

func (a *app) printBundle(bundle *cofferv1.RenderProjectionResponse, f revealFlags) error {
	if f.field != "" {
		if value, ok := bundle.GetEnv()[f.field]; ok {
			return a.writeRaw([]byte(value))
		}
		for _, file := range bundle.GetFiles() {
			if file.GetPath() == f.field {
				return a.writeRaw(file.GetContent())
			}
		}
		return usage(fmt.Sprintf("the projection delivers no variable or file %q", f.field))
	}
	if a.output == outputTable || a.quiet {
		values, binary := map[string][]byte{}, map[string]bool{}
		for name, value := range bundle.GetEnv() {
			values[name] = []byte(value)
		}
		for _, file := range bundle.GetFiles() {
			values[file.GetPath()] = file.GetContent()
			binary[file.GetPath()] = !isText(file.GetContent())
		}
		return a.printValues("VARIABLE OR FILE", values, binary, f.reveal)
	}
	if !f.reveal {
		for name := range bundle.GetEnv() {
			bundle.Env[name] = masked
		}
		for _, file := range bundle.GetFiles() {
			file.Content = []byte(masked)
		}
	}
	return a.printMessage(bundle)
}
