package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/coffer-dev/coffer/pkg/client"
)

// The verbs get, list and delete, for a noun (coffer secret get) and on their own (coffer get secret).

func (a *app) getCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "get KIND NAME | RESOURCE",
		Short:   "Show a resource's metadata",
		Example: "  coffer get secret orders-db\n  coffer get namespaces/acme/secrets/orders-db",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			k, name, err := splitKind(args)
			if err != nil {
				return err
			}
			return a.get(cmd.Context(), k, name)
		},
	}
}

func (a *app) nounGet(k kind) *cobra.Command {
	return &cobra.Command{
		Use:   "get " + k.argument(),
		Short: "Show a " + k.name + ": its metadata",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.get(cmd.Context(), k, args[0]) },
	}
}

func (a *app) get(ctx context.Context, k kind, name string) error {
	return a.with(k, name, func(c *client.Client, full string) error {
		m, err := k.get.call(ctx, c, fields{"name": full})
		if err != nil {
			return err
		}
		return a.printResource(m)
	})
}

// with connects and completes a name.
func (a *app) with(k kind, name string, do func(c *client.Client, full string) error) error {
	s, err := a.resolve()
	if err != nil {
		return err
	}
	full, err := k.fullName(name, s.Namespace)
	if err != nil {
		return err
	}
	return a.connected(func(c *client.Client) error { return do(c, full) })
}

// listFlags are what list takes. Which of them a kind knows, its request tells.
type listFlags struct {
	filter, orderBy string
	parent, user    string
	deleted         bool
	builtIn         bool
	limit           int64
}

func (f *listFlags) register(flags *pflag.FlagSet, k kind) {
	limitFlag(flags, &f.limit, "")
	example, _ := filterOf(cmp.Or(k.name, kindSecret))
	for _, flag := range []struct {
		field    string
		register func()
	}{
		{"filter", func() {
			flags.StringVar(&f.filter, "filter", "", "AIP-160 filter, e.g. '"+example+"'")
		}},
		{"order_by", func() {
			flags.StringVar(&f.orderBy, "order-by", "", "name or create_time, with ' desc' for the reverse")
		}},
		{"show_deleted", func() { flags.BoolVar(&f.deleted, "show-deleted", false, "also those in the bin") }},
	} {
		if k.list.request == nil || k.list.takes(flag.field) {
			flag.register()
		}
	}
	if k.name == kindNamespace || k.name == "" {
		flags.StringVar(&f.parent, "parent", "", "of namespaces: only this one and those below it")
	}
	if k.name == kindToken || k.name == "" {
		flags.StringVar(&f.user, "user", "", "of tokens: the personal ones of this person")
	}
	if k.name == kindRole || k.name == "" {
		flags.BoolVar(&f.builtIn, "built-in", false, "of roles: those that are part of Coffer")
	}
}

func (a *app) listCommand() *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:     "list KIND",
		Short:   "List resources",
		Example: "  coffer list secrets -n acme\n  coffer list tokens etl -n acme",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			k, err := findKind(args[0])
			if err != nil {
				return err
			}
			return a.list(cmd.Context(), k, args[1:], f)
		},
	}
	f.register(cmd.Flags(), kind{})
	return cmd
}

func (a *app) nounList(k kind) *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the " + k.plural + " that you may see",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, args []string) error { return a.list(cmd.Context(), k, args, f) },
	}
	if k.list.takes("filter") {
		_, fields := filterOf(k.name)
		cmd.Long = fmt.Sprintf("List the %s that you may see. The fields of a filter, in these words, are: %s.", k.plural, fields)
	}
	if k.name == kindToken {
		cmd.Use, cmd.Args = "list ACCOUNT | --user NAME", cobra.MaximumNArgs(1)
		cmd.Short = "List the tokens of a service account or a person"
	}
	f.register(cmd.Flags(), k)
	return cmd
}

func (a *app) list(ctx context.Context, k kind, args []string, f listFlags) error {
	s, err := a.resolve()
	if err != nil {
		return err
	}
	parent, err := k.listParent(args, f, s.Namespace)
	if err != nil {
		return err
	}
	return a.connected(func(c *client.Client) error {
		entries, err := k.list.list(ctx, c, fields{
			"parent": parent, "filter": f.filter, "order_by": f.orderBy, "show_deleted": f.deleted,
		}, f.limit)
		if err != nil {
			return err
		}
		return a.printList(entries, k.collection, k.columns)
	})
}

// listParent is what the resources to list are in.
func (k kind) listParent(args []string, f listFlags, namespace string) (string, error) {
	switch {
	case f.parent != "" && k.name != kindNamespace:
		return "", usage("--parent is for namespaces")
	case f.user != "" && (k.name != kindToken || len(args) > 0):
		return "", usage("--user is for tokens, instead of an account")
	case f.builtIn && k.name != kindRole:
		return "", usage("--built-in is for roles")
	case f.user != "":
		return userName(f.user), nil
	case f.builtIn:
		return builtInRoles, nil
	case k.name == kindToken && len(args) == 1:
		return kindOf(kindServiceAccount).fullName(args[0], namespace)
	case k.name == kindToken || len(args) > 0:
		return "", usage("want KIND alone, tokens ACCOUNT, or tokens --user NAME")
	case k.name == kindNamespace && f.parent == "":
		return "", nil
	case k.name == kindNamespace:
		return namespaceName(f.parent)
	}
	return namespaceName(namespace)
}

// doneText tells of what was done, or would have been.
func doneText(done string, dryRun bool) string {
	if dryRun {
		return done + " (dry run)"
	}
	return done
}
