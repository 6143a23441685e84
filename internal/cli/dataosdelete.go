package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) resourceDelete() *cobra.Command {
	var f addressFlags
	var force bool
	cmd := &cobra.Command{
		Use:   "delete -t TYPE -n NAME | -i NAME:VERSION:TYPE",
		Short: "Delete a resource; a secret goes to the bin",
		Long: `Delete a resource of DataOS. A secret goes to the bin, from which 'coffer secret undelete' brings it back; one that
another resource refers to is not deleted, unless --force is given. It is not asked whether this is meant, but a name that
is one resource in a workspace and another one in the selected tenant is refused until -v or -w tells them apart.`,
		Example: `  coffer resource delete -t instance-secret -n ordersdb-r
  coffer resource delete -i 'ordersdb-r | v1 | instance-secret | '`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			resources, err := f.resources(a)
			if err != nil {
				return err
			}
			if len(f.files) > 0 {
				return a.deleteDescribed(cmd.Context(), resources, force)
			}
			return a.found(cmd.Context(), resources, true, a.deleter(force))
		},
	}
	a.ownFlags(cmd.Flags(), "namespace")
	f.registerMore(cmd.Flags())
	cmd.Flags().BoolVar(&force, "force", false, "delete although something depends on it")
	return cmd
}

// deleteDescribed deletes what manifests describe, what refers to others first. What is not there need not be deleted: a
// workload without references never was.
func (a *app) deleteDescribed(ctx context.Context, resources []address, force bool) error {
	slices.SortStableFunc(resources, func(x, y address) int { return rank(x.Resource) - rank(y.Resource) })
	for _, r := range resources {
		err := a.found(ctx, []address{r}, true, a.deleter(force))
		if errors.Is(err, client.ErrNotFound) {
			a.note("%s is not there", r)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func rank(r dataosmanifest.Resource) int {
	if r.IsSecret() {
		return 1
	}
	return 0
}

func (a *app) deleter(force bool) func(context.Context, finding) error {
	return func(ctx context.Context, f finding) error {
		return a.connected(func(c *client.Client) error {
			_, err := f.kind.delete.call(ctx, c, fields{"name": f.name, "force": force && f.kind.name == kindSecret})
			if errors.Is(err, client.ErrInUse) {
				err = a.inUse(ctx, c, f.name)
			}
			result := "deleted"
			if err != nil {
				result = resultError
			}
			return errors.Join(err, a.printLine("… deleting "+f.resource.String()+"..."+result))
		})
	}
}

// inUse says in the words of the platform what depends on a secret.
func (a *app) inUse(ctx context.Context, c *client.Client, secret string) error {
	dependents, err := c.ListDependents(ctx, &cofferv1.ListDependentsRequest{Name: secret})
	if err != nil {
		return err
	}
	var names []string
	for _, name := range dependents.GetProjections() {
		of := reference(name)
		if projection, err := c.GetProjection(ctx, &cofferv1.GetProjectionRequest{Name: name}); err == nil {
			if resource, ok := projection.GetAnnotations()[naming.DataOSResource]; ok {
				of = resource
			}
		}
		names = append(names, "'"+of+"'")
	}
	text := strings.Join(names, ", ")
	switch hidden := dependents.GetHiddenCount(); {
	case hidden > 0 && text == "":
		text = fmt.Sprintf("%d that you may not see", hidden)
	case hidden > 0:
		text += fmt.Sprintf(" and %d that you may not see", hidden)
	}
	return refusedError("Invalid Parameter - failure deleting instance resource : cannot delete resource, it is a dependency of " + text)
}

// refusedError is a refusal of the server in the words of the platform.
type refusedError string

// Error implements error.
func (e refusedError) Error() string { return string(e) }
