package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) secretCommand() *cobra.Command {
	k := kindOf(kindSecret)
	return nounCommand("secret", "Named credentials and their versions", k.aliases,
		a.secretCreate(), a.nounGet(k), a.nounList(k), a.updateCommand(k, secretUpdateFlags), a.nounDelete(k),
		a.secretUndelete(), a.secretPurge(), a.secretAddVersion(), a.secretAccess(), a.secretVersions(),
		a.secretChange("enable", "Make a disabled version usable again", "enabled", method((*client.Client).EnableSecretVersion)),
		a.secretChange("disable", "Make a version unusable until it is enabled", "disabled", method((*client.Client).DisableSecretVersion)),
		a.secretChange("activate", "Put a version in force", "activated", method((*client.Client).ActivateSecretVersion)),
		a.secretRollback(), a.secretDestroy(), a.secretMove(), a.secretCopy(),
		a.secretUsedBy(), a.secretUnused(), a.searchCommand())
}

// secretFlags are the fields of a secret besides what all resources have.
type secretFlags struct {
	owner, accessMode string
	expire            timeFlag
	maxVersions       int32
}

func (f *secretFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.owner, "owner", "", "principal that owns it, e.g. user:alice, and may grant on it what it holds itself")
	flags.StringVar(&f.accessMode, "access-mode", "", "what the credential may do at its source: READ or READ_WRITE")
	flags.Var(&f.expire, "expire", "deliver it only until then: a time, or 36h or 90d from now")
	flags.Int32Var(&f.maxVersions, "max-versions", 0, "how many versions keep their payload (default 10)")
}

func (f *secretFlags) set(secret *cofferv1.Secret, changed func(string) bool) ([]string, error) {
	var mask []string
	if changed("owner") {
		secret.Owner = f.owner
		mask = append(mask, "owner")
	}
	if changed("access-mode") {
		mode, ok := cofferv1.Secret_AccessMode_value[strings.ToUpper(strings.ReplaceAll(f.accessMode, "-", "_"))]
		if !ok {
			return nil, usage(fmt.Sprintf("--access-mode %q: want READ or READ_WRITE", f.accessMode))
		}
		secret.AccessMode = cofferv1.Secret_AccessMode(mode)
		mask = append(mask, "access_mode")
	}
	if changed("expire") {
		secret.ExpireTime = f.expire.time
		mask = append(mask, "expire_time")
	}
	if changed("max-versions") {
		secret.MaxVersions = f.maxVersions
		mask = append(mask, "max_versions")
	}
	return mask, nil
}

func secretUpdateFlags(cmd *cobra.Command) func(proto.Message) ([]string, error) {
	f := &secretFlags{}
	f.register(cmd)
	return func(m proto.Message) ([]string, error) {
		secret := m.(*cofferv1.Secret)
		mask, err := f.set(secret, cmd.Flags().Changed)
		parent, _ := splitName(secret.GetName())
		secret.Owner = principal(secret.GetOwner(), parent)
		return mask, err
	}
}

func (a *app) secretCreate() *cobra.Command {
	var meta metadataFlags
	var more secretFlags
	var values valueFlags
	var credential typedFlags
	cmd := &cobra.Command{
		Use:   "create NAME [KEY[=@FILE | =- | =VALUE]]...",
		Short: "Store a secret",
		Long: `Store a secret. With --type, its keys must be those of the type: on a terminal what is missing is asked for, key by key.
'coffer source-types' tells which there are.

` + valueHelp,
		Example: `  coffer secret create orders-db --type postgres
  coffer secret create orders-db --type postgres username=@user.txt password
  pwgen -s 32 1 | coffer secret create api-key key=-`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(kindOf(kindSecret), args[0], func(c *client.Client, full string) error {
				secret := &cofferv1.Secret{Type: credential.id}
				if _, err := meta.set(secret, cmd.Flags().Changed); err != nil {
					return err
				}
				if _, err := more.set(secret, cmd.Flags().Changed); err != nil {
					return err
				}
				payload, err := a.collectValues(cmd.Context(), args[1:], values)
				if err == nil {
					err = a.completeValues(cmd.Context(), credential, values, payload)
				}
				if err != nil {
					return err
				}
				if len(payload.values) > 0 {
					secret.Payload = payload.message()
				}
				parent, id := splitName(full)
				secret.Owner = principal(secret.GetOwner(), parent)
				created, err := c.CreateSecret(cmd.Context(), &cofferv1.CreateSecretRequest{
					Parent: parent, SecretId: id, Secret: secret, ValidateOnly: meta.dryRun,
				})
				if err != nil {
					return err
				}
				return a.printDone(created, doneText("created", meta.dryRun))
			})
		},
	}
	meta.register(cmd.Flags())
	more.register(cmd)
	values.register(cmd.Flags())
	credential.register(cmd.Flags())
	return cmd
}

// splitName divides a resource name into its parent and its ID.
func splitName(full string) (parent, id string) {
	parts := strings.Split(full, "/")
	return strings.Join(parts[:len(parts)-2], "/"), parts[len(parts)-1]
}
