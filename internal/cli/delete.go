package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// deleteFlags are what delete takes. Which of them a kind knows, its request tells.
type deleteFlags struct {
	yes, force, cascade, dryRun bool
	etag                        string
}

func (f *deleteFlags) register(flags *pflag.FlagSet, k kind) {
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	flags.StringVar(&f.etag, "etag", "", "only if this is the current etag")
	flags.BoolVar(&f.dryRun, "dry-run", false, "let the server check everything and do nothing")
	if k.name == kindNamespace || k.name == "" {
		flags.BoolVar(&f.cascade, "cascade", false, "of a namespace: with everything in it and below it")
	}
	switch k.name {
	case kindNamespace:
		flags.BoolVar(&f.force, "force", false, "with --cascade: even while projections elsewhere use its secrets")
	case kindSecret:
		flags.BoolVar(&f.force, "force", false, "even while projections use it")
	case "":
		flags.BoolVar(&f.force, "force", false, "of a secret, or a namespace with --cascade: even while projections use it")
	}
}

// check refuses flags that a kind does not know.
func (f *deleteFlags) check(k kind) error {
	switch {
	case f.cascade && k.name != kindNamespace:
		return usage("--cascade is for namespaces")
	case f.force && k.name == kindNamespace && !f.cascade:
		return usage("--force is for --cascade: a namespace that is not empty goes with everything in it alone")
	case f.force && !k.delete.takes("force"):
		return usage("--force is for secrets, and for namespaces with --cascade")
	}
	return nil
}

func (a *app) deleteCommand() *cobra.Command {
	var f deleteFlags
	cmd := &cobra.Command{
		Use:     "delete KIND NAME | RESOURCE",
		Short:   "Delete a resource",
		Example: "  coffer delete secret orders-db\n  coffer delete namespace acme-dev --cascade",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			k, name, err := splitKind(args)
			if err != nil {
				return err
			}
			return a.delete(cmd.Context(), k, name, f)
		},
	}
	f.register(cmd.Flags(), kind{})
	return cmd
}

func (a *app) nounDelete(k kind) *cobra.Command {
	var f deleteFlags
	short := map[string]string{
		kindNamespace: "Close a namespace, until it is undeleted or purged",
		kindSecret:    "Put a secret into the bin",
		kindToken:     "Revoke a token, at once",
		kindRole:      "Delete a role; its grants give nothing any more",
	}[k.name]
	if short == "" {
		short = "Delete a " + k.name + " for good"
	}
	cmd := &cobra.Command{
		Use:   "delete " + k.argument(),
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.delete(cmd.Context(), k, args[0], f) },
	}
	if k.name == kindNamespace {
		cmd.Long = `Close a namespace: nothing in it can be read or written, until it is undeleted, or purged for good. One that is not empty
goes with --cascade alone, and then with everything in it and below it; undelete brings all of it back.`
		cmd.Example = "  coffer namespace delete acme-dev --cascade --dry-run\n  coffer namespace delete acme-dev --cascade"
	}
	f.register(cmd.Flags(), k)
	return cmd
}

func (a *app) delete(ctx context.Context, k kind, name string, f deleteFlags) error {
	if err := f.check(k); err != nil {
		return err
	}
	return a.with(k, name, func(c *client.Client, full string) error {
		what := full
		if f.cascade && !(f.yes && !f.dryRun) {
			held, err := holdings(ctx, c, full)
			if err != nil {
				return err
			}
			what += " with everything in it and below it, of what you may see " + held
		}
		if f.dryRun && f.cascade {
			a.note("this would delete %s", what)
		}
		if err := a.confirm(ctx, f.yes || f.dryRun, "delete %s?", what); err != nil {
			return err
		}
		m, err := k.delete.call(ctx, c, fields{
			"name": full, "etag": f.etag, "force": f.force, "cascade": f.cascade, "validate_only": f.dryRun,
		})
		if err != nil {
			return err
		}
		return a.printDeleted(full, m, f.dryRun)
	})
}

// holdings tells what goes with a namespace, as far as the caller may see it.
func holdings(ctx context.Context, c *client.Client, full string) (string, error) {
	namespaces, err := method((*client.Client).ListNamespaces).list(ctx, c, fields{"parent": full}, 0)
	if err != nil {
		return "", fmt.Errorf("looking at what goes with it: %w", err)
	}
	secrets, err := visible(ctx, c, method((*client.Client).SearchSecrets), full)
	if err != nil {
		return "", err
	}
	below, projections, accounts := 0, 0, 0
	for _, m := range namespaces {
		name := m.(*cofferv1.Namespace).GetName()
		if m.(*cofferv1.Namespace).GetDeleteTime() != nil {
			continue
		}
		if name != full {
			below++
		}
		for _, in := range []struct {
			list  rpc
			count *int
		}{{method((*client.Client).ListProjections), &projections}, {method((*client.Client).ListServiceAccounts), &accounts}} {
			n, err := visible(ctx, c, in.list, name)
			if err != nil {
				return "", err
			}
			*in.count += n
		}
	}
	var texts []string
	for _, held := range []struct {
		n    int
		what string
	}{{below, "namespace"}, {secrets, "secret"}, {projections, "projection"}, {accounts, "service account"}} {
		text := fmt.Sprintf("%d %s", held.n, held.what)
		if held.n != 1 {
			text += "s"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts[:3], ", ") + " and " + texts[3], nil
}

// visible counts what a list tells the caller.
func visible(ctx context.Context, c *client.Client, list rpc, parent string) (int, error) {
	entries, err := list.list(ctx, c, fields{"parent": parent}, 0)
	if err != nil && !errors.Is(err, client.ErrDenied) {
		return 0, fmt.Errorf("looking at what goes with it: %w", err)
	}
	return len(entries), nil
}

func (a *app) printDeleted(full string, m proto.Message, dryRun bool) error {
	if err := a.printLine(reference(full) + " " + doneText("deleted", dryRun)); err != nil {
		return err
	}
	if dryRun {
		return nil
	}
	switch m := m.(type) {
	case *cofferv1.Secret:
		a.note("kept as %s until %s", m.GetName(), formatMessage(m.GetPurgeTime()))
	case *cofferv1.Namespace:
		a.note("'coffer namespace undelete %s' brings it back until %s", shortName(full), formatMessage(m.GetPurgeTime()))
	}
	return nil
}
