package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) tokenCommand() *cobra.Command {
	k := kindOf(kindToken)
	return nounCommand("token", "Bearer tokens of service accounts", k.aliases, a.tokenCreate(), a.nounGet(k), a.nounList(k), a.nounDelete(k))
}

func (a *app) tokenCreate() *cobra.Command {
	var id, description string
	var expire timeFlag
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "create ACCOUNT",
		Short: "Mint a token of a service account and print it, this once",
		Example: `  coffer token create etl -n acme --expire 30d > etl.token
  coffer token delete etl/TOKEN -n acme`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindServiceAccount), args[0], func(c *client.Client, full string) error {
				token, err := c.CreateToken(cmd.Context(), &cofferv1.CreateTokenRequest{
					Parent: full, TokenId: id, ValidateOnly: dryRun,
					Token: &cofferv1.Token{ExpireTime: expire.time, Description: description},
				})
				if err != nil {
					return err
				}
				return a.printToken(token, dryRun)
			})
		},
	}
	cmd.Flags().StringVar(&id, "id", "", "ID of the token (default: the server's choice)")
	cmd.Flags().Var(&expire, "expire", "until when: a time, or 36h or 30d from now (default: 90d)")
	cmd.Flags().StringVar(&description, "description", "", "what it is for")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "let the server check everything and do nothing")
	return cmd
}

// printToken writes the token alone to standard output, so that it can go to a file, and what it is to standard error.
func (a *app) printToken(token *cofferv1.Token, dryRun bool) error {
	if a.output != outputTable {
		return a.printMessage(token)
	}
	if dryRun {
		return a.printLine(doneText("token created", dryRun))
	}
	a.note("%s created, valid until %s; it is shown this once", reference(token.GetName()), formatMessage(token.GetExpireTime()))
	if _, err := fmt.Fprintln(a.Out, token.GetSecret()); err != nil {
		return fmt.Errorf("writing the token: %w", err)
	}
	return nil
}
