package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/internal/platformimport"
	"github.com/coffer-dev/coffer/pkg/client"
)

// dataosImport is one import from DataOS.
type dataosImport struct {
	importFlags
	ids, depots, acls []string
	idsFile           string
	workspace, tenant string

	app       *app
	namespace string // of -n
	locate    func(dataosmanifest.Place) (id string, err error)
}

func (a *app) importDataOS() *cobra.Command {
	f := dataosImport{app: a}
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
				f.locate = a.locator(cmd.Context(), c, f.tenant)
				if f.remote.url != "" {
					return f.read(cmd.Context())
				}
				return f.collect()
			})
		},
	}
	f.register(cmd, false)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.ids, "id", nil, "with --from: ID of a secret in Heimdall, or ID=NAME, or ID=NAMESPACE/NAME; repeatable")
	flags.StringVar(&f.idsFile, "ids-file", "", "with --from: file of such IDs, one a line")
	flags.StringArrayVar(&f.depots, "depot", nil, "with --from: depot whose secrets are wanted; repeatable")
	flags.StringSliceVar(&f.acls, "acl", []string{"r", "rw"}, "with --depot: which of its secrets; r, rw, scan, query")
	flags.StringVarP(&f.workspace, "workspace", "w", "", "workspace of manifests that name none (default: public)")
	flags.StringVar(&f.tenant, "tenant", "", "tenant of manifests that name none")
	return cmd
}

// collect reads manifests and Kubernetes Secrets.
func (f *dataosImport) collect() ([]platformimport.Item, error) {
	sources, err := readSources(f.files, f.app.In)
	if err != nil {
		return nil, err
	}
	var manifests []*dataosmanifest.Manifest
	var kubernetes []platformimport.KubernetesSecret
	for _, s := range sources {
		options := dataosmanifest.Options{Workspace: f.workspace, ReadFile: f.fileBeside(s.name)}
		for _, doc := range s.documents() {
			if dataosmanifest.Recognizes(doc.Text) {
				m, err := dataosmanifest.Parse(doc.Document, options)
				if err != nil {
					return nil, usageError{err}
				}
				f.app.warnOf(doc.where, m.Notices)
				manifests = append(manifests, m)
				continue
			}
			object, err := decodeDocument(doc)
			if err != nil {
				return nil, usageError{fmt.Errorf("%s: %w", doc.where, err)}
			}
			secrets, err := platformimport.KubernetesSecrets(platformimport.Document{Where: doc.where, Object: object})
			if err != nil {
				return nil, usageError{fmt.Errorf("%w, or a manifest of DataOS", err)}
			}
			kubernetes = append(kubernetes, secrets...)
		}
	}
	if len(manifests) > 0 && f.namespace != "" {
		return nil, usage("-n is not for manifests of DataOS: their workspace or tenant tells the namespace")
	}
	items, err := platformimport.DataOSManifests(manifests, f.locate)
	if err != nil {
		return nil, err
	}
	more, err := platformimport.DataOSKubernetes(kubernetes, f.kubernetesNamespace)
	return append(items, more...), err
}

// fileBeside reads the files that a manifest names, which are beside it.
func (f *dataosImport) fileBeside(manifest string) func(path string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(manifest), path)
		}
		file, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		defer file.Close()
		text, err := readBounded(path, file)
		return []byte(text), err
	}
}

// kubernetesNamespace tells where Secrets of a namespace of Kubernetes go.
func (f *dataosImport) kubernetesNamespace(workspace string) (string, error) {
	switch {
	case f.namespace != "":
		return strings.TrimPrefix(f.namespace, "namespaces/"), nil
	case workspace == "":
		return "", usage("the Secret names no namespace: say with -n where it goes")
	}
	return f.locate(dataosmanifest.Place{Scope: dataosmanifest.Workspace, Name: workspace})
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
	instance := strings.TrimPrefix(f.namespace, "namespaces/")
	if instance == "" && len(f.depots) > 0 {
		if instance, err = f.locate(dataosmanifest.Place{Scope: dataosmanifest.Instance}); err != nil {
			return nil, err
		}
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
		found, err := f.readDepot(ctx, r, depot, instance)
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
		id := platformimport.HeimdallID{Namespace: strings.TrimPrefix(f.namespace, "namespaces/")}
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

// locator asks the server which namespaces stand for workspaces, tenants and the instance.
func (a *app) locator(ctx context.Context, c *client.Client, tenant string) func(dataosmanifest.Place) (string, error) {
	known := map[dataosmanifest.Place]string{}
	return func(place dataosmanifest.Place) (string, error) {
		if place.Scope == dataosmanifest.Tenant && place.Name == "" {
			if place.Name = tenant; tenant == "" {
				return "", usage("the manifest is of a tenant: name it with --tenant")
			}
		}
		id, ok := known[place]
		if !ok {
			var err error
			if id, err = locate(ctx, c, place); err != nil {
				return "", err
			}
			known[place] = id
		}
		return id, nil
	}
}

func locate(ctx context.Context, c *client.Client, place dataosmanifest.Place) (string, error) {
	scope := map[dataosmanifest.Scope]dataosv1.LocateNamespaceRequest_Scope{
		dataosmanifest.Instance:  dataosv1.LocateNamespaceRequest_INSTANCE,
		dataosmanifest.Workspace: dataosv1.LocateNamespaceRequest_WORKSPACE,
		dataosmanifest.Tenant:    dataosv1.LocateNamespaceRequest_TENANT,
	}[place.Scope]
	found, err := c.LocateNamespace(ctx, &dataosv1.LocateNamespaceRequest{Scope: scope, Name: place.Name})
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(found.GetNamespace(), "namespaces/"), nil
}
