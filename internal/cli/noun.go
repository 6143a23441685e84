package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// nounCommand groups the verbs of a noun.
func nounCommand(name, short string, aliases []string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: short, Aliases: aliases}
	asNoun(cmd)
	cmd.AddCommand(verbs...)
	return cmd
}

// asNoun has a command that does nothing itself refuse what is none of its verbs, and otherwise show its help.
func asNoun(cmd *cobra.Command) {
	cmd.SuggestionsMinimumDistance = 2 // letters between a word and what may have been meant
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		text := fmt.Sprintf("unknown command %q for %s", args[0], cmd.CommandPath())
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			text += ": did you mean " + strings.Join(near, " or ") + "?"
		}
		return usage(text)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// flagError is what is wrong with flags: of a word that is no verb, the word is, since its flags are nobody's.
func flagError(cmd *cobra.Command, err error) error {
	if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 && cmd.Args != nil {
		if wrong := cmd.Args(cmd, words); wrong != nil {
			return wrong
		}
	}
	return usageError{err}
}
