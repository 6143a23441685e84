package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/coffer-dev/coffer/internal/platformimport"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) importIOMETE() *cobra.Command {
	var f importFlags
	var scope platformimport.IOMETEScope
	cmd := &cobra.Command{
		Use:   "iomete {-f FILE | --from URL --domain DOMAIN}",
		Short: "Bring in the secrets of IOMETE's domains",
		Long: `Bring in the secrets of IOMETE's domains, and those for all domains.

From files they come with their values: the Kubernetes Secrets iomete-secret-store-DOMAIN and iomete-secret-store, as
'kubectl get secret -o yaml' writes them. From the API come their names alone, and --values or --ask-values gives the values.
Each key becomes a secret with one key, value: in the namespace of its domain, or in instance if it is for all domains.
What is kept in a Vault is told of and left out.

` + importHelp,
		Example: `  kubectl -n iomete get secret -o yaml | coffer import iomete -f - --dry-run
  coffer import iomete -f stores.yaml --domain sales --create-namespaces
  coffer import iomete --from https://iomete.example.org --domain sales \
    --values values.env`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if a.givenNamespace(cmd) != "" {
				return usage("-n is not for IOMETE: the domain tells the namespace")
			}
			return a.runImport(ctx, &f, func(*client.Client) ([]platformimport.Item, error) {
				if f.remote.url != "" {
					return a.listIOMETE(ctx, &f, scope)
				}
				return a.importedFrom(f.files, func(doc platformimport.Document) ([]platformimport.Item, error) {
					stores, err := platformimport.KubernetesSecrets(doc)
					if err != nil {
						return nil, err
					}
					return platformimport.IOMETEStores(stores, scope), nil
				})
			})
		},
	}
	f.register(cmd, true)
	cmd.Flags().StringArrayVar(&scope.Domains, "domain", nil, "only this domain; repeatable")
	cmd.Flags().BoolVar(&scope.Global, "global", false, "also, or without --domain only, what is for all domains")
	return cmd
}

func (a *app) listIOMETE(ctx context.Context, f *importFlags, scope platformimport.IOMETEScope) ([]platformimport.Item, error) {
	if len(scope.Domains) == 0 {
		return nil, usage("which domain? Give --domain; what is for all domains is asked for through one, too")
	}
	r, err := f.remote.connect(ctx, a, "Authorization", "Bearer ")
	if err != nil {
		return nil, err
	}
	var items []platformimport.Item
	for _, domain := range scope.Domains {
		more, err := platformimport.IOMETEList(ctx, r, domain, false)
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	if scope.Global {
		more, err := platformimport.IOMETEList(ctx, r, scope.Domains[0], true)
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	return items, nil
}
