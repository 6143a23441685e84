package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
)

// The verbs of DataOS's command line, as far as they concern secrets: with 'alias dataos-ctl=coffer' they serve.

func (a *app) dataosCommands() []*cobra.Command {
	return []*cobra.Command{a.resourceCommand(), a.operateCommand(), a.maintenanceCommand(), a.developCommand(), a.userCommand(), a.tenantCommand()}
}

func (a *app) resourceCommand() *cobra.Command {
	return nounCommand("resource", "Resources as DataOS calls them, by manifest, name and type", nil,
		a.resourceApply(verbApply, "Create and update what manifests describe"),
		a.resourceApply(verbCreate, "Create what manifests describe, and is not there yet"),
		a.resourceApply(verbUpdate, "Update what manifests describe, and is there"),
		a.resourceGet(), a.resourceDelete(), a.resourceLog())
}

func (a *app) resourceApply(verb, short string) *cobra.Command {
	o := applyOptions{verb: verb}
	cmd := &cobra.Command{
		Use:   verb + " -f FILE|FOLDER|-",
		Short: short,
		Long: short + `: manifests of DataOS, and of Coffer beside them.

A secret goes to the namespace of its workspace (-w, or public), an instance-secret to that of the instance, and one of v2
to that of the tenant that 'coffer tenant select' chose. A depot, service, workflow or any other resource becomes a
projection, TYPE.NAME, with the manifest as its workload: 'coffer run' and 'coffer render' deliver what its references
name, and a secret that it refers to is not deleted. Nothing of it is run. Grants become grants.

Files that a manifest names are read from its folder. $NAME and ${NAME} are put in for what the environment knows in names,
tags, workspaces and the like, and told of; in values of secrets and in workloads, which others see, with --interpolate
alone: a value with one that is not there is refused then. What is called COFFER_… is put in nowhere.`,
		Example: "  coffer resource " + verb + " -f secret.yaml\n  coffer resource " + verb + " -f manifests/ -w sandbox",
		Args:    noManifests,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.apply(cmd.Context(), o) },
	}
	o.register(cmd.Flags())
	return cmd
}

// ownFlags leaves the short forms of global flags to a command of the platform, which means something else by them.
func (a *app) ownFlags(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		switch name {
		case "namespace":
			flags.StringVar(&a.settings.Namespace, name, "", "not for this command")
		case "output":
			flags.StringVar(&a.output, name, outputTable, "table, json or yaml")
		}
	}
}

// addressFlags say which resource of DataOS is meant.
type addressFlags struct {
	resource       dataosmanifest.Resource
	identifier, id string
	files          []string
	anyCert        bool
}

func (f *addressFlags) register(flags *pflag.FlagSet) {
	flags.StringVarP(&f.resource.Type, "type", "t", "", "type: secret, instance-secret, grant, or any that refers to secrets, such as depot")
	flags.StringVarP(&f.resource.Name, "name", "n", "", "name")
	flags.StringVarP(&f.resource.Version, "version", "v", "", "version (default: any); only with v2alpha, or none, the selected tenant is looked in")
	flags.StringVarP(&f.resource.Workspace, "workspace", "w", "", "workspace (default: public, and then the selected tenant)")
	flags.StringVarP(&f.identifier, "identifier", "i", "", "NAME:VERSION:TYPE, or a line of the table")
	flags.BoolVar(&f.anyCert, "tls-allow-insecure", false, "not followed, since anybody could read along")
}

func (f *addressFlags) registerMore(flags *pflag.FlagSet) {
	f.register(flags)
	flags.StringVar(&f.id, "id", "", "TYPE:VERSION:NAME:WORKSPACE, the last as far as there is one")
	flags.StringArrayVarP(&f.files, "file", "f", nil, "manifests of the resources; repeatable")
	alsoCalled(flags, map[string]string{"manifestFile": "file"})
}

// resources are those that the flags name. Without a name, it is a type alone.
func (f *addressFlags) resources(a *app) ([]address, error) {
	applyOptions{anyCert: f.anyCert}.tell(a)
	r := f.resource
	var err error
	switch {
	case len(f.files) > 0:
		return f.inFiles(a)
	case f.identifier != "":
		r, err = dataosmanifest.ParseIdentifier(f.identifier)
	case f.id != "":
		r, err = dataosmanifest.ParseID(f.id)
	case r.Type == "":
		return nil, usage("which type? Give -t TYPE, -i NAME:VERSION:TYPE, --id TYPE:VERSION:NAME or -f FILE")
	}
	if err != nil {
		return nil, usageError{err}
	}
	r.Workspace = cmp.Or(r.Workspace, f.resource.Workspace)
	return []address{{Resource: r}}, nil
}

// inFiles are the resources that manifests describe. Their values are not needed, and so neither are their files.
func (f *addressFlags) inFiles(a *app) ([]address, error) {
	o := applyOptions{files: f.files, workspace: f.resource.Workspace, verb: verbApply, noFiles: true}
	_, platform, err := a.readManifests(o)
	if err != nil {
		return nil, err
	}
	var resources []address
	for _, m := range platform {
		resources = append(resources, address{m.Resource, &m.Place})
		for _, s := range m.Secrets {
			if s.ID != m.Name {
				inner := dataosmanifest.Resource{Type: dataosmanifest.TypeInstanceSecret, Version: m.Version, Name: s.ID}
				resources = append(resources, address{inner, &m.Place})
			}
		}
	}
	if len(resources) == 0 {
		return nil, usage("there is no manifest of DataOS in what was given")
	}
	return resources, nil
}

// places are where a resource may be, the likeliest first: of v1, unless v2 is asked for.
func (a *app) places(r address) ([]dataosmanifest.Place, error) {
	if r.place != nil {
		return []dataosmanifest.Place{*r.place}, nil
	}
	tenant, err := a.tenant()
	if err != nil {
		return nil, err
	}
	v1 := dataosmanifest.Place{Scope: dataosmanifest.Workspace, Name: cmp.Or(r.Workspace, dataosmanifest.DefaultWorkspace)}
	if dataosmanifest.OfInstance(r.Type) {
		v1 = dataosmanifest.Place{}
	}
	v2 := dataosmanifest.Place{Scope: dataosmanifest.Tenant, Name: tenant}
	switch {
	case r.Workspace != "" || r.Type == dataosmanifest.TypeInstanceSecret || r.Type == dataosmanifest.TypeGrant:
		return []dataosmanifest.Place{v1}, nil
	case tenant != "" && r.Version == "":
		return []dataosmanifest.Place{v1, v2}, nil
	case tenant != "" && dataosmanifest.IsV2(r.Version):
		return []dataosmanifest.Place{v2, v1}, nil
	}
	return []dataosmanifest.Place{v1}, nil
}

// platformFlags are those of get and delete that Coffer's own do not have.
var platformFlags = []string{
	"type", "name", "version", "workspace", "identifier", "id", "manifestFile", "file", "all", "owner", "details", "tags", "refresh",
	"refreshRate", "unSanitize", "tls-allow-insecure",
}

// platformShort are their short forms. -n and -o are Coffer's too, and count only beside others.
const platformShort = "tvwifadr"

// asPlatform makes 'get' and 'delete' with flags of the platform what they are there, 'resource get' and 'resource delete'.
func asPlatform(root *cobra.Command, args []string) []string {
	cmd, rest, err := root.Find(args)
	if err != nil || cmd.Parent() != root || cmd.Name() != "get" && cmd.Name() != "delete" {
		return args
	}
	for _, arg := range rest {
		name, long := strings.CutPrefix(arg, "--")
		name, _, _ = strings.Cut(name, "=")
		switch {
		case arg == "--":
			return args
		case long && slices.Contains(platformFlags, name), !long && len(arg) > 1 && arg[0] == '-' && strings.ContainsRune(platformShort, rune(arg[1])):
			return append([]string{"resource", cmd.Name()}, rest...)
		}
	}
	return args
}

func (a *app) resourceLog() *cobra.Command {
	var f addressFlags
	cmd := &cobra.Command{
		Use:     "log -i NAME:VERSION:TYPE",
		Aliases: []string{"logs"},
		Short:   "Say where the log of a resource is: nothing of it runs here",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			resources, err := f.resources(a)
			if err != nil {
				return err
			}
			return a.logs(cmd.Context(), resources)
		},
	}
	a.ownFlags(cmd.Flags(), "namespace")
	f.register(cmd.Flags())
	flags := cmd.Flags()
	flags.StringP("container", "c", "", "nothing runs here")
	flags.BoolP("follow", "f", false, "nothing runs here")
	flags.String("node", "", "nothing runs here")
	flags.IntP("tailLines", "l", 300, "nothing runs here")
	flags.BoolP("includeRunnable", "r", false, "nothing runs here")
	return cmd
}

// logs finds the resources, and tells who knows what happened to them.
func (a *app) logs(ctx context.Context, resources []address) error {
	return a.found(ctx, resources, false, func(_ context.Context, f finding) error {
		a.note("%s is not run here and has no log: 'coffer audit list' tells who did what with %s", f.resource, reference(f.name))
		return nil
	})
}
