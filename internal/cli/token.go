package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) tokenCommand() *cobra.Command {
	k := kindOf(kindToken)
	return nounCommand("token", "Bearer tokens of service accounts and people", k.aliases,
		a.tokenCreate(), a.nounGet(k), a.nounList(k), a.tokenRenew(), a.nounDelete(k))
}

// userName is the resource name of a person, who may also be written as the principal that it is.
func userName(user string) string {
	return "users/" + strings.TrimPrefix(strings.TrimPrefix(user, "user:"), "users/")
}

func (a *app) tokenCreate() *cobra.Command {
	var req cofferv1.CreateTokenRequest
	var token cofferv1.Token
	var user string
	var expire, renewable timeFlag
	cmd := &cobra.Command{
		Use:   "create ACCOUNT | --user NAME",
		Short: "Mint a token of an account or a person and print it, this once",
		Long: `Mint a token and print it, this once. Whoever mints a token can reach what it reaches: for a service account that
takes token:create on the account, for a person token:create and user:impersonate on the instance.`,
		Example: `  coffer token create etl -n acme --expire 30d > etl.token
  coffer token create etl -n acme --expire 1h --renewable-until 30d \
    --source-range 10.0.0.0/8
  coffer token create ci -n acme --uses 1
  coffer token create --user alice --expire 12h`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			token.ExpireTime, token.RenewableUntil = expire.time, renewable.time
			req.Token = &token
			switch {
			case (user != "") == (len(args) == 1):
				return usage("whose token? Give ACCOUNT or --user NAME")
			case user != "":
				req.Parent = userName(user)
				return a.connected(func(c *client.Client) error { return a.mint(cmd.Context(), c, &req) })
			}
			return a.with(kindOf(kindServiceAccount), args[0], func(c *client.Client, full string) error {
				req.Parent = full
				return a.mint(cmd.Context(), c, &req)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&user, "user", "", "mint a personal token of this person")
	flags.StringVar(&req.TokenId, "id", "", "ID of the token (default: the server's choice)")
	flags.Var(&expire, "expire", "until when: a time, or 36h or 30d from now (default: 90d)")
	flags.Var(&renewable, "renewable-until", "until when its holder may renew it: a time, or 90d from now (default: not at all)")
	flags.StringArrayVar(&token.SourceRanges, "source-range", nil, "network it may be used from, e.g. 10.0.0.0/8; repeatable (default: any)")
	flags.Var(countFlag{n: &token.UseLimit, least: 1}, "uses", "how often it may be used (default: as often as wanted)")
	flags.StringVar(&token.Description, "description", "", "what it is for")
	flags.BoolVar(&req.ValidateOnly, "dry-run", false, "let the server check everything and do nothing")
	alsoCalled(flags, map[string]string{"expires": "expire"})
	return cmd
}

func (a *app) mint(ctx context.Context, c *client.Client, req *cofferv1.CreateTokenRequest) error {
	token, err := c.CreateToken(ctx, req)
	if err != nil {
		return err
	}
	return a.printToken(token, req.GetValidateOnly())
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

func (a *app) tokenRenew() *cobra.Command {
	var req cofferv1.RenewTokenRequest
	var expire timeFlag
	cmd := &cobra.Command{
		Use:   "renew [" + kindOf(kindToken).argument() + "]",
		Short: "Move the end of a token's life, or of that of the token in use",
		Long: `Move the end of a token's life. Without a name it is the token in use, which its holder may renew without another
right until its renewable-until. The token itself stays the same.`,
		Example: "  coffer token renew\n  coffer token renew etl/prod -n acme --expire 30d",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.ExpireTime = expire.time
			if len(args) == 1 {
				return a.with(kindOf(kindToken), args[0], func(c *client.Client, full string) error {
					req.Name = full
					return a.renew(cmd.Context(), c, &req)
				})
			}
			return a.connected(func(c *client.Client) error {
				me, err := c.WhoAmI(cmd.Context(), &cofferv1.WhoAmIRequest{})
				if err != nil {
					return err
				}
				if req.Name = me.GetToken(); req.Name == "" {
					return usage("the credential in use is no token of Coffer: name the one to renew")
				}
				return a.renew(cmd.Context(), c, &req)
			})
		},
	}
	flags := cmd.Flags()
	flags.Var(&expire, "expire", "new end: a time, or 36h or 30d from now (default: as long as it was made for)")
	flags.StringVar(&req.Etag, "etag", "", "only if this is the current etag")
	flags.BoolVar(&req.ValidateOnly, "dry-run", false, "let the server check everything and do nothing")
	alsoCalled(flags, map[string]string{"expires": "expire"})
	return cmd
}

func (a *app) renew(ctx context.Context, c *client.Client, req *cofferv1.RenewTokenRequest) error {
	token, err := c.RenewToken(ctx, req)
	if err != nil {
		return err
	}
	return a.printDone(token, doneText("renewed until "+formatMessage(token.GetExpireTime()), req.GetValidateOnly()))
}
