package cli

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) whoamiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Show whom the server takes you for",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.connected(func(c *client.Client) error {
				me, err := c.WhoAmI(cmd.Context(), &cofferv1.WhoAmIRequest{})
				if err != nil {
					return err
				}
				if a.quiet {
					return a.printLine(me.GetPrincipal())
				}
				return a.printResource(me)
			})
		},
	}
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the state of the server",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.connected(func(c *client.Client) error {
				status, err := c.GetStatus(cmd.Context(), &cofferv1.GetStatusRequest{})
				if err != nil {
					return err
				}
				if err := a.printResource(status); err != nil {
					return err
				}
				if !status.GetReady() {
					return exitError{exitServer}
				}
				return nil
			})
		},
	}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version of this program",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch {
			case a.quiet:
				return a.printLine(buildVersion())
			case a.output != outputTable:
				return a.printValue(map[string]string{"version": buildVersion()})
			}
			return a.printLine("coffer " + buildVersion())
		},
	}
}

// buildVersion is the module's version, or the commit it was built from.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
