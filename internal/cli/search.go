package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// searchFlags bound what is searched, and what is shown of what is found.
type searchFlags struct {
	filter  string
	deleted bool
	limit   int64
}

func (f *searchFlags) register(flags *pflag.FlagSet) {
	example, _ := filterOf(kindSecret)
	flags.StringVar(&f.filter, "filter", "", "AIP-160 filter as of 'coffer secret list', e.g. '"+example+"'")
	flags.BoolVar(&f.deleted, "deleted", false, "also in the bin")
	limitFlag(flags, &f.limit, "")
	alsoCalled(flags, map[string]string{"show-deleted": "deleted"})
}

// searchCommand is search, on its own and as a verb of secrets.
func (a *app) searchCommand() *cobra.Command {
	var f searchFlags
	cmd := &cobra.Command{
		Use:   "search [WORD]...",
		Short: "Find secrets in a namespace and those below it",
		Long: `Find secrets in a namespace and those below it, among those that you may see. A secret is found if its name,
description, type, owner, a label or the name of a key contains each of the words, whatever their case. An argument with
spaces in it is one word. Values are never searched.`,
		Example: `  coffer search orders password -n acme
  coffer search -n instance 'team=orders' --filter 'type = "postgres"'
  coffer search -n acme --deleted orders`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.resolve()
			if err != nil {
				return err
			}
			parent, err := namespaceName(s.Namespace)
			if err != nil {
				return err
			}
			return a.connected(func(c *client.Client) error {
				search := method((*client.Client).SearchSecrets)
				found, err := search.list(cmd.Context(), c, fields{
					"parent": parent, "query": query(args), "filter": f.filter, "show_deleted": f.deleted,
				}, f.limit)
				if err != nil {
					return err
				}
				return a.printFound(found, f.deleted)
			})
		},
	}
	f.register(cmd.Flags())
	return cmd
}

// query is that of words. The shell has taken the quotes off those with spaces.
func query(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		if quoted[i] = word; strings.ContainsAny(word, " \t") && !strings.Contains(word, `"`) {
			quoted[i] = `"` + word + `"`
		}
	}
	return strings.Join(quoted, " ")
}

// printFound shows secrets of several namespaces. One in the bin goes by the ID that it had, and its UID, which undelete
// takes.
func (a *app) printFound(found []proto.Message, deleted bool) error {
	if a.output == outputTable && len(found) == 0 {
		a.note("none that you may see")
		return nil
	}
	if a.output != outputTable || a.quiet {
		return a.printList(found, "secrets", nil)
	}
	rows := [][]string{{"NAMESPACE", "NAME", "TYPE", "KEYS", "DESCRIPTION"}}
	if deleted {
		rows[0] = append(rows[0], "DELETED", "UID")
	}
	for _, m := range found {
		secret := m.(*cofferv1.Secret)
		parent, name := splitName(secret.GetName())
		row := []string{shortName(parent), name, secret.GetType(), cell(secret, "keys"), secret.GetDescription()}
		if at := secret.GetDeleteTime(); at != nil {
			row[1] = secret.GetDeletedId()
			row = append(row, formatMessage(at), secret.GetUid())
		} else if deleted {
			row = append(row, "", "")
		}
		rows = append(rows, row)
	}
	return a.printTable(rows)
}
