package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) namespaceCommand() *cobra.Command {
	k := kindOf(kindNamespace)
	return nounCommand("namespace", "Containers of secrets and boundaries of keys and rights", k.aliases,
		a.namespaceCreate(), a.nounGet(k), a.nounList(k), a.updateCommand(k, namespaceUpdateFlags), a.nounDelete(k), a.namespaceUndelete(),
		a.namespaceIsolate("isolate", true, "isolated", "End rights granted above at a namespace",
			"isolate %s? Rights granted above it end here, an operator's too, and those who hold none in it lose their access",
			`End rights granted above at a namespace: then no grant or permit from above, an operator's included, reaches it or what
is in it and below, but for seeing that it exists. It takes a grant of namespace-admin on the namespace itself.`),
		a.namespaceIsolate("open", false, "open", "Let rights granted above reach into a namespace again",
			"open %s? Rights granted above it reach into it again, an operator's too",
			"Let rights granted above reach into an isolated namespace again. Only who holds rights in it can."))
}

// quotaFlags bound what a namespace may hold.
type quotaFlags struct{ secrets, versions, bytes int64 }

func (f *quotaFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Int64Var(&f.secrets, "max-secrets", 0, "most secrets, those in the bin included (0: the server's default)")
	flags.Int64Var(&f.versions, "max-versions", 0, "most versions that keep a payload (0: the server's default)")
	flags.Int64Var(&f.bytes, "max-bytes", 0, "most bytes of values and keys (0: the server's default)")
}

func (f *quotaFlags) set(namespace *cofferv1.Namespace, changed func(string) bool) []string {
	quota := &cofferv1.Quota{}
	if namespace.GetQuota() != nil {
		quota = namespace.GetQuota()
	}
	var mask []string
	for _, bound := range []struct {
		flag string
		to   *int64
		n    int64
	}{{"max-secrets", &quota.Secrets, f.secrets}, {"max-versions", &quota.Versions, f.versions}, {"max-bytes", &quota.Bytes, f.bytes}} {
		if changed(bound.flag) {
			*bound.to = bound.n
			namespace.Quota, mask = quota, []string{"quota"}
		}
	}
	return mask
}

func namespaceUpdateFlags(cmd *cobra.Command) func(proto.Message) ([]string, error) {
	f := &quotaFlags{}
	f.register(cmd)
	return func(m proto.Message) ([]string, error) {
		return f.set(m.(*cofferv1.Namespace), cmd.Flags().Changed), nil
	}
}

func (a *app) namespaceCreate() *cobra.Command {
	var f metadataFlags
	var quota quotaFlags
	var parent string
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Add a namespace",
		Long: `Add a namespace below the one that --parent names, or -n, which here says the same; without either, below instance.
COFFER_NAMESPACE and the stored login, which say where one works, say nothing about it.`,
		Example: `  coffer namespace create acme --description 'the Acme team' --max-secrets 500
  coffer namespace create acme-dev --parent acme`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindNamespace), args[0], func(c *client.Client, full string) error {
				namespace := &cofferv1.Namespace{}
				var err error
				if namespace.Parent, err = a.givenParent(cmd, parent); err != nil {
					return err
				}
				if _, err := f.set(namespace, cmd.Flags().Changed); err != nil {
					return err
				}
				quota.set(namespace, cmd.Flags().Changed)
				created, err := c.CreateNamespace(cmd.Context(), &cofferv1.CreateNamespaceRequest{
					NamespaceId: shortName(full), Namespace: namespace, ValidateOnly: f.dryRun,
				})
				if err != nil {
					return err
				}
				return a.printDone(created, doneText("created", f.dryRun))
			})
		},
	}
	f.register(cmd.Flags())
	quota.register(cmd)
	cmd.Flags().StringVar(&parent, "parent", "", "namespace above it, as -n (default: instance)")
	return cmd
}

// givenParent is the namespace above one to create, by --parent or -n; empty where neither was given.
func (a *app) givenParent(cmd *cobra.Command, parent string) (string, error) {
	given := ""
	if cmd.Flags().Changed("namespace") {
		var err error
		if given, err = namespaceName(a.settings.Namespace); err != nil {
			return "", err
		}
	}
	if parent == "" {
		return given, nil
	}
	full, err := namespaceName(parent)
	if err == nil && given != "" && given != full {
		return "", usage(fmt.Sprintf("--parent %s and -n %s say different things: give one", parent, a.settings.Namespace))
	}
	return full, err
}

func (a *app) namespaceUndelete() *cobra.Command {
	return &cobra.Command{
		Use:   "undelete NAME",
		Short: "Open a deleted namespace again",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindNamespace), args[0], func(c *client.Client, full string) error {
				namespace, err := c.UndeleteNamespace(cmd.Context(), &cofferv1.UndeleteNamespaceRequest{Name: full})
				if err != nil {
					return err
				}
				return a.printDone(namespace, "undeleted")
			})
		},
	}
}

func (a *app) namespaceIsolate(verb string, isolated bool, done, short, question, long string) *cobra.Command {
	var etag string
	var dryRun, yes bool
	k := kindOf(kindNamespace)
	cmd := &cobra.Command{
		Use:     verb + " NAME",
		Short:   short,
		Long:    long,
		Example: "  coffer namespace " + verb + " acme",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(k, args[0], func(c *client.Client, full string) error {
				change := func(m proto.Message) ([]string, error) {
					m.(*cofferv1.Namespace).Isolated = isolated
					return []string{"isolated"}, nil
				}
				if err := a.confirm(cmd.Context(), yes || dryRun, question, full); err != nil {
					return err
				}
				return a.update(cmd.Context(), c, k, full, updateOptions{etag: etag, dryRun: dryRun, done: done}, change)
			})
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.Flags().StringVar(&etag, "etag", "", "only if this is the current etag")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "let the server check everything and do nothing")
	return cmd
}
