package cli

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// What a shell offers are names that the server tells, within a second. Where it tells none there is nothing to offer, not a
// word about why, and no files in place of names.

// completeTime bounds how long a shell waits.
const completeTime = time.Second

// offer lists what may stand in a place: after args, beginning with what was typed.
type offer func(ctx context.Context, args []string, typed string) []string

// fileFlags take what is on this machine: the shell itself completes them.
var fileFlags = map[string]bool{ // never written
	"file": true, "tests": true, "from-env-file": true, "file-dir": true, "token-file": true, "ca-cert": true, "client-cert": true, "client-key": true,
	"dir": true, "socket": true, "cache-dir": true, "cache-key-dir": true, "values": true, "api-key-file": true, "from-ca-cert": true,
	"ids-file": true,
}

// completeAll gives a command and those below it what they offer.
func (a *app) completeAll(cmd *cobra.Command) {
	for _, below := range cmd.Commands() {
		a.completeAll(below)
	}
	if cmd.HasParent() && cmd.Parent().Name() == "completion" {
		return
	}
	if cmd.ValidArgsFunction == nil && cmd.Name() != "run" {
		cmd.ValidArgsFunction = a.offering(a.argumentOffer(cmd))
	}
	offers := map[string]offer{
		"namespace": a.names(kindNamespace), "parent": a.names(kindNamespace), "projection": a.names(kindProjection),
		"output": words(outputTable, outputJSON, outputYAML), "to": a.accounts, "as": a.accounts,
		"on": a.references(kindSecret, kindProjection), "on-conflict": words("fail", "skip", "new-version"), "action": a.actions, "add-action": a.actions,
	}
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if sourceTypeFlag(cmd, flag.Name) {
			offers[flag.Name] = sourceTypeNames
		}
		if !fileFlags[flag.Name] && flag.NoOptDefVal == "" {
			_ = cmd.RegisterFlagCompletionFunc(flag.Name, a.offering(offers[flag.Name])) // a second time it is the same
		}
	})
}

// sourceTypeFlag tells whether a flag takes a source type. Others are called --type for types of other things.
func sourceTypeFlag(cmd *cobra.Command, flag string) bool {
	return flag == "scaffold" || flag == "type" && cmd.CommandPath() == "coffer secret create"
}

// argumentOffer is what a command offers as its arguments; nil: nothing.
func (a *app) argumentOffer(cmd *cobra.Command) offer {
	switch path := strings.TrimPrefix(cmd.CommandPath(), "coffer "); path {
	case "get", "delete", "list":
		return a.kindAndName(path == "list")
	case "source-types":
		return first(sourceTypeNames)
	case "render", "projection render":
		return first(a.names(kindProjection))
	case "token create", "token list":
		return first(a.names(kindServiceAccount))
	case "token get", "token delete", "token renew":
		return first(a.tokens)
	case "grant create":
		return first(a.roles)
	case "role create":
		return func(ctx context.Context, args []string, typed string) []string {
			if len(args) == 0 {
				return nil
			}
			return a.actions(ctx, args, typed)
		}
	case "access who":
		return first(a.references(kindSecret, kindProjection, kindServiceAccount, kindNamespace))
	case "access check":
		resources := a.references(kindSecret, kindProjection, kindServiceAccount, kindNamespace)
		return func(ctx context.Context, args []string, typed string) []string {
			if len(args) == 0 {
				return a.actions(ctx, args, typed)
			}
			return first(resources)(ctx, args[1:], typed)
		}
	}
	if !cmd.HasParent() || slices.Contains([]string{"create", "list", "undelete", "purge", "unused", "test", "search"}, cmd.Name()) {
		return nil
	}
	if k, err := findKind(cmd.Parent().Name()); err == nil {
		return first(a.names(k.name))
	}
	return nil
}

// offering makes a function of cobra's of an offer; nil offers nothing.
func (a *app) offering(of offer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if of == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completeTime)
		defer cancel()
		directive := cobra.ShellCompDirectiveNoFileComp
		var fitting []string
		for _, text := range of(ctx, args, typed) {
			// What a server sent is for a shell to insert: nothing else than names.
			if strings.HasPrefix(text, typed) && text == printable(text) && !strings.ContainsAny(text, " \t") {
				fitting = append(fitting, text)
			}
			if strings.HasSuffix(text, "/") {
				directive |= cobra.ShellCompDirectiveNoSpace
			}
		}
		return fitting, directive
	}
}

// first offers for the first argument alone.
func first(of offer) offer {
	return func(ctx context.Context, args []string, typed string) []string {
		if len(args) > 0 {
			return nil
		}
		return of(ctx, args, typed)
	}
}

// words offers what the program itself knows.
func words(all ...string) offer {
	return func(context.Context, []string, string) []string { return all }
}

// names offers the short names of a kind, in the namespace of the settings.
func (a *app) names(kindName string) offer {
	return func(ctx context.Context, _ []string, _ string) []string {
		var names []string
		for _, m := range a.known(ctx, kindOf(kindName), nil, listFlags{}) {
			names = append(names, shortName(m.(resourceMessage).GetName()))
		}
		return names
	}
}

// known is the first page of a list; nil where there is none to be had.
func (a *app) known(ctx context.Context, k kind, args []string, f listFlags) []proto.Message {
	a.settings.unrenewed = true
	s, err := a.resolve()
	if err != nil {
		return nil
	}
	parent, err := k.listParent(args, f, s.Namespace)
	if err != nil {
		return nil
	}
	var entries []proto.Message
	_ = a.connected(func(c *client.Client) error {
		entries, err = k.list.list(ctx, c, fields{"parent": parent}, 500)
		return err
	})
	return entries
}

// kindAndName offers kinds, and then names of the kind that was chosen; to list, only whose tokens.
func (a *app) kindAndName(list bool) offer {
	return func(ctx context.Context, args []string, typed string) []string {
		if len(args) == 0 {
			var names []string
			for _, k := range kinds() {
				names = append(names, k.name)
			}
			return names
		}
		k, err := findKind(args[0])
		switch {
		case err != nil, list && k.name != kindToken:
			return nil
		case list:
			return first(a.names(kindServiceAccount))(ctx, args[1:], typed)
		case k.name == kindToken:
			return first(a.tokens)(ctx, args[1:], typed)
		}
		return first(a.names(k.name))(ctx, args[1:], typed)
	}
}

// references offers resources as KIND/NAME.
func (a *app) references(kindNames ...string) offer {
	return func(ctx context.Context, args []string, typed string) []string {
		name, _, chosen := strings.Cut(typed, "/")
		var texts []string
		for _, kindName := range kindNames {
			switch {
			case !chosen:
				texts = append(texts, kindName+"/")
			case kindName == name:
				for _, id := range a.names(kindName)(ctx, args, typed) {
					texts = append(texts, kindName+"/"+id)
				}
			}
		}
		return texts
	}
}

// tokens offers ACCOUNT/TOKEN.
func (a *app) tokens(ctx context.Context, args []string, typed string) []string {
	account, _, chosen := strings.Cut(typed, "/")
	var texts []string
	if !chosen {
		for _, name := range a.names(kindServiceAccount)(ctx, args, typed) {
			texts = append(texts, name+"/")
		}
		return texts
	}
	for _, m := range a.known(ctx, kindOf(kindToken), []string{account}, listFlags{}) {
		texts = append(texts, account+"/"+shortName(m.(resourceMessage).GetName()))
	}
	return texts
}

// accounts offers the principals that are known: the service accounts of the namespace.
func (a *app) accounts(ctx context.Context, args []string, typed string) []string {
	texts := []string{"user:", "group:"}
	for _, name := range a.names(kindServiceAccount)(ctx, args, typed) {
		texts = append(texts, "serviceAccount:"+name)
	}
	return texts
}

// roles offers what can be granted: built-in roles, and those of the namespace.
func (a *app) roles(ctx context.Context, args []string, typed string) []string {
	var texts []string
	for _, m := range a.known(ctx, kindOf(kindRole), nil, listFlags{builtIn: true}) {
		texts = append(texts, shortName(m.(resourceMessage).GetName()))
	}
	for _, name := range a.names(kindRole)(ctx, args, typed) {
		texts = append(texts, "roles/"+name)
	}
	return texts
}

// actions offers those of the built-in roles.
func (a *app) actions(ctx context.Context, _ []string, _ string) []string {
	all := map[string]bool{}
	for _, m := range a.known(ctx, kindOf(kindRole), nil, listFlags{builtIn: true}) {
		for _, action := range m.(*cofferv1.Role).GetActions() {
			all[action] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
