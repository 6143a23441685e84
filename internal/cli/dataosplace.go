package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/pkg/client"
)

// placer tells which namespaces the places of DataOS are.
type placer struct {
	*app
	client *client.Client
	known  map[dataosmanifest.Place]string // full names
}

func (a *app) placesBy(c *client.Client) *placer {
	return &placer{a, c, map[dataosmanifest.Place]string{}}
}

// namespace is the full name of a place's namespace. There need not be one of that name.
func (l *placer) namespace(ctx context.Context, place dataosmanifest.Place) (string, error) {
	if name, ok := l.known[place]; ok {
		return name, nil
	}
	req := &dataosv1.LocateNamespaceRequest{Scope: dataosv1.LocateNamespaceRequest_INSTANCE}
	switch place.Scope {
	case dataosmanifest.Workspace:
		req.Scope, req.Name = dataosv1.LocateNamespaceRequest_WORKSPACE, place.Name
	case dataosmanifest.Tenant:
		req.Scope, req.Name = dataosv1.LocateNamespaceRequest_TENANT, place.Name
		if req.Name == "" {
			var err error
			if req.Name, err = l.tenant(); err != nil {
				return "", err
			}
		}
		if req.GetName() == "" {
			return "", usage("which tenant? Run 'coffer tenant select -n NAME', or set COFFER_TENANT")
		}
	}
	located, err := l.client.LocateNamespace(ctx, req)
	if err != nil {
		return "", fmt.Errorf("looking for %s: %w", l.placeName(place), err)
	}
	l.known[place] = located.GetNamespace()
	return located.GetNamespace(), nil
}

// absent are the places whose namespaces do not exist, as far as the caller may be told.
func (l *placer) absent(ctx context.Context) ([]dataosmanifest.Place, error) {
	var absent []dataosmanifest.Place
	for place, name := range l.known {
		_, err := l.client.GetNamespace(ctx, &cofferv1.GetNamespaceRequest{Name: name})
		switch {
		case errors.Is(err, client.ErrNotFound):
			absent = append(absent, place)
		case err != nil && !errors.Is(err, client.ErrDenied):
			return nil, err
		}
	}
	slices.SortFunc(absent, func(a, b dataosmanifest.Place) int { return bytes.Compare([]byte(l.known[a]), []byte(l.known[b])) })
	return absent, nil
}

// placeName is what DataOS calls a place.
func (l *placer) placeName(place dataosmanifest.Place) string {
	switch place.Scope {
	case dataosmanifest.Workspace:
		return "the workspace " + place.Name
	case dataosmanifest.Tenant:
		if place.Name == "" {
			place.Name, _ = l.tenant()
		}
		return "the tenant " + place.Name
	}
	return "the instance"
}

// tenantsPath is the file of selected tenants, by the address of the server; empty where the user has no home.
func tenantsPath() string {
	login := loginPath()
	if login == "" {
		return ""
	}
	return filepath.Join(filepath.Dir(login), "tenants.yaml")
}

// tenant is the one that is selected; empty for none.
func (a *app) tenant() (string, error) {
	if name := os.Getenv("COFFER_TENANT"); name != "" {
		return name, nil
	}
	s, err := a.resolve()
	if err != nil {
		return "", err
	}
	tenants, err := loadTenants()
	return tenants[s.Address], err
}

func loadTenants() (map[string]string, error) {
	tenants := map[string]string{}
	content, err := os.ReadFile(tenantsPath())
	if errors.Is(err, os.ErrNotExist) {
		return tenants, nil
	}
	if err == nil {
		err = yaml.Unmarshal(content, &tenants)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the selected tenants: %w", err)
	}
	return tenants, nil
}

func (a *app) tenantCommand() *cobra.Command {
	return nounCommand("tenant", "The tenant of DataOS that manifests of v2 are for", nil, a.tenantSelect())
}

func (a *app) tenantSelect() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "select -n TENANT",
		Short: "Choose the tenant that manifests of v2 are for",
		Long: `Choose the tenant that manifests of v2 are for, with this server, until another is chosen. COFFER_TENANT goes before it.
The server's configuration says which namespace a tenant is: the one of that name, unless it says otherwise.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if name == "" {
				return usage("which tenant? Give -n NAME")
			}
			return a.selectTenant(cmd.Context(), name)
		},
	}
	a.ownFlags(cmd.Flags(), "namespace")
	cmd.Flags().StringVarP(&name, "name", "n", "", "name of the tenant")
	return cmd
}

// selectTenant keeps a tenant whose namespace is there, as far as the caller may be told.
func (a *app) selectTenant(ctx context.Context, name string) error {
	return a.connected(func(c *client.Client) error {
		l := a.placesBy(c)
		place := dataosmanifest.Place{Scope: dataosmanifest.Tenant, Name: name}
		if _, err := l.namespace(ctx, place); err != nil {
			return err
		}
		absent, err := l.absent(ctx)
		if err != nil {
			return err
		}
		if len(absent) > 0 {
			a.note("%s", l.howToCreate(place))
		}
		tenants, err := loadTenants()
		if err != nil {
			return err
		}
		tenants[a.settings.Address] = name
		content, err := yaml.Marshal(tenants)
		path := tenantsPath()
		if path == "" {
			err = usage("there is no home directory to keep the tenant in: set HOME or XDG_CONFIG_HOME, or COFFER_TENANT")
		}
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o700)
		}
		if err == nil {
			err = os.WriteFile(path, content, 0o600)
		}
		if err != nil {
			return fmt.Errorf("keeping the tenant: %w", err)
		}
		return a.printLine("tenant " + name + " selected: namespace " + shortName(l.known[place]))
	})
}

func (l *placer) howToCreate(place dataosmanifest.Place) string {
	return fmt.Sprintf("%s is %s, which does not exist: 'coffer namespace create %s' creates it", l.placeName(place),
		reference(l.known[place]), shortName(l.known[place]))
}
