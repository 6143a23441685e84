package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/coffer-dev/coffer/internal/platformimport"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) importInstill() *cobra.Command {
	var f importFlags
	var from string
	cmd := &cobra.Command{
		Use:   "instill {-f FILE | --from URL --source-namespace ID}",
		Short: "Bring in the secrets of a namespace of Instill AI",
		Long: `Bring in the secrets of a namespace of Instill AI, from its API or from what that answers to a list, kept in a file.

Instill AI tells names and descriptions, and never a value: --values gives them, by the IDs of the secrets, or --ask-values
asks. A secret without a value is told of and left out. What has the value in the file keeps it. Secrets go to the
namespace of the same name, or to that of -n; each gets one key, value.

` + importHelp,
		Example: `  coffer import instill --from https://instill.example.org \
    --source-namespace team --values values.env --dry-run
  coffer import instill -f secrets.json --values values.yaml --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			return a.runImport(ctx, &f, func(*client.Client) ([]platformimport.Item, error) {
				to := a.givenNamespace(cmd)
				if f.remote.url != "" {
					if from == "" {
						return nil, usage("which namespace of Instill AI? Give --source-namespace")
					}
					r, err := f.remote.connect(ctx, a, "Authorization", "Bearer ")
					if err != nil {
						return nil, err
					}
					return platformimport.InstillList(ctx, r, from, to)
				}
				return a.importedFrom(f.files, func(doc platformimport.Document) ([]platformimport.Item, error) {
					return platformimport.Instill(doc, to)
				})
			})
		},
	}
	f.register(cmd, true)
	cmd.Flags().StringVar(&from, "source-namespace", "", "with --from: ID of the namespace of Instill AI")
	return cmd
}

// givenNamespace is the namespace of -n; that of the environment or the login says where one works, not where things go.
func (a *app) givenNamespace(cmd *cobra.Command) string {
	if !cmd.Flags().Changed("namespace") {
		return ""
	}
	return strings.TrimPrefix(a.settings.Namespace, "namespaces/")
}

// importedFrom makes items of the documents of files.
func (a *app) importedFrom(
	files []string, items func(platformimport.Document) ([]platformimport.Item, error),
) ([]platformimport.Item, error) {
	sources, err := readSources(files, a.In)
	if err != nil {
		return nil, err
	}
	var all []platformimport.Item
	for _, s := range sources {
		docs, err := importDocuments(s)
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			more, err := items(doc)
			if err != nil {
				return nil, err
			}
			all = append(all, more...)
		}
	}
	return all, nil
}
