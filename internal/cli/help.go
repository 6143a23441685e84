package cli

import (
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// helpWidth is how wide help is, in characters.
const helpWidth = 80

// wrapHelp has the help of a command and those below it fit its width. Uses, summaries and examples are written to fit.
func wrapHelp(cmd *cobra.Command) {
	cmd.Long = wrap(cmd.Long)
	for _, below := range cmd.Commands() {
		wrapHelp(below)
	}
}

// usageTemplate is cobra's, with descriptions of flags in lines that fit.
func usageTemplate(cmd *cobra.Command) string {
	return strings.NewReplacer(
		".FlagUsages ", ".FlagUsagesWrapped 80 ",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`, `"{{.CommandPath}} COMMAND --help" tells more.`,
	).Replace(cmd.UsageTemplate())
}

// wrap lays paragraphs into lines that fit. Lines that begin with a space stay as they are.
func wrap(text string) string {
	var lines []string
	joins := false // the next line goes on with the last
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" || strings.ContainsAny(line[:1], " \t") {
			lines, joins = append(lines, line), false
			continue
		}
		for word := range strings.FieldsSeq(line) {
			last := len(lines) - 1
			if joins && utf8.RuneCountInString(lines[last])+1+utf8.RuneCountInString(word) <= helpWidth {
				lines[last] += " " + word
			} else {
				lines, joins = append(lines, word), true
			}
		}
	}
	return strings.Join(lines, "\n")
}
