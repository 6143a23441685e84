package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/internal/platformimport"
	"github.com/coffer-dev/coffer/pkg/client"
)

// dataosImport is one import from DataOS.
type dataosImport struct {
	importFlags
	applyOptions
	ids, depots, acls []string
	idsFile           string

	app       *app
	client    *client.Client
	namespace string // ID, of -n
}

func (a *app) importDataOS() *cobra.Command {
	f := dataosImport{app: a, applyOptions: applyOptions{noInterpolation: true}}
	cmd := &cobra.Command{
		Use:   "dataos {-f FILE | --from URL {--id ID | --depot DEPOT}}",
		Short: "Bring in secrets of DataOS, and what refers to them",
		Long: `Bring in secrets of DataOS, and what refers to them.

From files come manifests: secrets with their values, depots, services and the like as what refers to them, and grants;
and Kubernetes Secrets, which go to the namespace that stands for the workspace of their name, or to that of -n. No
variable is expanded.

From the API come secrets with their values: those of Heimdall by their IDs, into the namespace of -n, and those of depots,
into the instance's unless -n says otherwise. An ID tells the name of a secret but for its hyphens, and may end in its acl:
--id ID=NAME says how it is to be called.

` + importHelp,
		Example: `  coffer import dataos -f manifests/ --dry-run
  kubectl -n public get secret -o yaml | coffer import dataos -f - --yes
  coffer import dataos --from https://dataos.example.org -n public \
    --depot ordersdb --id github_np_r=github-np`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.namespace = a.givenNamespace(cmd)
			return a.runImport(cmd.Context(), &f.importFlags, func(c *client.Client) ([]platformimport.Item, error) {
				f.client = c
				if f.remote.url != "" {
					return f.read(cmd.Context())
				}
				return f.collect(cmd.Context())
			})
		},
	}
	f.importFlags.register(cmd, false)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.ids, "id", nil, "with --from: ID of a secret in Heimdall, or ID=NAME, or ID=NAMESPACE/NAME; repeatable")
	flags.StringVar(&f.idsFile, "ids-file", "", "with --from: file of such IDs, one a line")
	flags.StringArrayVar(&f.depots, "depot", nil, "with --from: depot whose secrets are wanted; repeatable")
	flags.StringSliceVar(&f.acls, "acl", []string{"r", "rw"}, "with --depot: which of its secrets; r, rw, scan, query")
	flags.StringVarP(&f.workspace, "workspace", "w", "", "workspace of manifests that name none (default: public)")
	flags.BoolVar(&f.anywhere, "files-from-anywhere", false, "read files that are not in the manifest's folder or below it")
	return cmd
}

// collect reads manifests and Kubernetes Secrets.
func (f *dataosImport) collect(ctx context.Context) ([]platformimport.Item, error) {
	sources, err := readSources(f.importFlags.files, f.app.In)
	if err != nil {
		return nil, err
	}
	var manifests []*dataosmanifest.Manifest
	var kubernetes []platformimport.KubernetesSecret
	var faults error
	for _, s := range withoutNamed(sources, f.translation) {
		options := f.translation(s)
		for _, doc := range s.documents() {
			if dataosmanifest.Recognizes(doc.Text) {
				m, err := dataosmanifest.Parse(doc.Document, options)
				faults = errors.Join(faults, err)
				manifests = append(manifests, m)
				continue
			}
			object, err := decodeDocument(doc)
			if err != nil {
				faults = errors.Join(faults, fmt.Errorf("%s: %w", doc.where, err))
				continue
			}
			secrets, err := platformimport.KubernetesSecrets(platformimport.Document{Where: doc.where, Object: object})
			if err != nil {
				faults = errors.Join(faults, fmt.Errorf("%w, or a manifest of DataOS", err))
			}
			kubernetes = append(kubernetes, secrets...)
		}
	}
	switch {
	case faults != nil:
		return nil, usageError{faults}
	case len(manifests) > 0 && f.namespace != "":
		return nil, usage("-n is not for manifests of DataOS: their workspace or tenant tells the namespace")
	}
	places := f.app.placesBy(f.client)
	items, err := f.translate(ctx, places, manifests)
	if err != nil {
		return nil, err
	}
	more, err := platformimport.DataOSKubernetes(kubernetes, func(workspace string) (string, error) {
		switch {
		case f.namespace != "":
			return f.namespace, nil
		case workspace == "":
			return "", usage("the Secret names no namespace: say with -n where it goes")
		}
		full, err := places.namespace(ctx, dataosmanifest.Place{Scope: dataosmanifest.Workspace, Name: workspace})
		return strings.TrimPrefix(full, "namespaces/"), err
	})
	return append(items, more...), err
}

// translate makes items of what manifests stand for, as apply takes them.
func (f *dataosImport) translate(
	ctx context.Context, places *placer, manifests []*dataosmanifest.Manifest,
) ([]platformimport.Item, error) {
	t := translation{app: f.app, client: f.client, places: places}
	for _, m := range manifests {
		for i, notice := range m.Notices {
			m.Notices[i] = strings.TrimSuffix(notice, ", as --interpolate does") // which import does not have
		}
	}
	if err := t.add(ctx, manifests); err != nil {
		return nil, err
	}
	refusals := map[string]string{} // by what DataOS calls them
	for _, m := range manifests {
		switch err := t.checkDepot(ctx, m); {
		case errors.Is(err, dataosmanifest.ErrMissingRead):
			refusals[m.ID()] = err.Error()
		case err != nil:
			return nil, err
		}
	}
	items := make([]platformimport.Item, len(t.manifests))
	for i, m := range t.manifests {
		resource := m.message.(platformimport.Resource)
		r := resource.ProtoReflect()
		r.Set(r.Descriptor().Fields().ByName("name"), protoreflect.ValueOfString(m.name))
		items[i] = platformimport.Item{
			Source: "dataos:" + m.dataos.ID(), Where: m.where, Resource: resource, Refusal: refusals[m.dataos.ID()],
		}
	}
	return items, nil
}

// read asks the platform's API.
func (f *dataosImport) read(ctx context.Context) ([]platformimport.Item, error) {
	ids, err := f.heimdallIDs()
	if err != nil {
		return nil, err
	}
	for _, acl := range f.acls {
		if !slices.Contains([]string{"r", "rw", "scan", "query"}, acl) {
			return nil, usage(fmt.Sprintf("--acl %q: want r, rw, scan or query", acl))
		}
	}
	namespace := f.namespace
	if namespace == "" && len(f.depots) > 0 {
		full, err := f.app.placesBy(f.client).namespace(ctx, dataosmanifest.Place{Scope: dataosmanifest.Instance})
		if err != nil {
			return nil, err
		}
		namespace = strings.TrimPrefix(full, "namespaces/")
	}
	r, err := f.remote.connect(ctx, f.app, "apikey", "")
	if err != nil {
		return nil, err
	}
	var items []platformimport.Item
	for _, id := range ids {
		item, err := platformimport.DataOSSecret(ctx, r, id)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	for _, depot := range f.depots {
		found, err := f.readDepot(ctx, r, depot, namespace)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			f.app.warn("the depot %s has no secret that the platform shows", depot)
		}
		items = append(items, found...)
	}
	return items, nil
}

// readDepot reads the secrets of a depot, of which one may serve for several acls.
func (f *dataosImport) readDepot(ctx context.Context, r *platformimport.Remote, depot, namespace string) ([]platformimport.Item, error) {
	var items []platformimport.Item
	for _, acl := range f.acls {
		found, err := platformimport.DataOSDepot(ctx, r, depot, acl, namespace)
		if err != nil {
			return nil, err
		}
		for _, item := range found {
			if !slices.ContainsFunc(items, func(other platformimport.Item) bool { return other.Source == item.Source }) {
				items = append(items, item)
			}
		}
	}
	return items, nil
}

// heimdallIDs are those of --id and --ids-file.
func (f *dataosImport) heimdallIDs() ([]platformimport.HeimdallID, error) {
	given := f.ids
	if f.idsFile != "" {
		text, err := f.app.readNamed(f.idsFile, maxValues)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				given = append(given, line)
			}
		}
	}
	if len(given) == 0 && len(f.depots) == 0 {
		return nil, usage("which secrets of DataOS? Give --id, --ids-file or --depot")
	}
	if len(given) > platformimport.MaxItems {
		return nil, platformimport.ErrTooMany
	}
	var ids []platformimport.HeimdallID
	for _, text := range given {
		id := platformimport.HeimdallID{Namespace: f.namespace}
		id.ID, id.Name, _ = strings.Cut(text, "=")
		if namespace, name, ok := strings.Cut(id.Name, "/"); ok {
			id.Namespace, id.Name = namespace, name
		}
		if id.ID == "" || id.Namespace == "" {
			return nil, usage(fmt.Sprintf("%q: want the ID of a secret in Heimdall, and -n or =NAMESPACE/NAME to say where it goes", text))
		}
		ids = append(ids, id)
	}
	return ids, nil
}
