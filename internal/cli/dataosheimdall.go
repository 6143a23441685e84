package cli

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) operateCommand() *cobra.Command {
	return nounCommand("operate", "What operators of DataOS do with secrets", nil, a.operateGetSecret())
}

func (a *app) operateGetSecret() *cobra.Command {
	var id string
	cmd := &cobra.Command{
		Use:   "get-secret -i ID",
		Short: "Read a secret as Heimdall answers it, with its values in base64",
		Long: `Read a secret as Heimdall answers it, with its values in base64: that is all there is to see, so that neither --reveal is
needed nor -q leaves anything out. Its ID is the name of the secret with _ for each hyphen,
and with _r or _rw behind it where the name does not say so. It takes the right to access the secret, and is recorded.`,
		Example: "  coffer operate get-secret -i ordersdb_r",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if id == "" {
				return usage("which secret? Give -i ID")
			}
			return a.connected(func(c *client.Client) error {
				secret, err := c.GetHeimdallSecret(cmd.Context(), &dataosv1.GetHeimdallSecretRequest{Id: id})
				if err != nil {
					return err
				}
				raw, err := messageJSON(secret)
				if err != nil {
					return err
				}
				return a.printValue(raw)
			})
		},
	}
	cmd.Flags().StringVarP(&id, "id", "i", "", "ID of the secret")
	return cmd
}

func (a *app) maintenanceCommand() *cobra.Command {
	return nounCommand("maintenance", "What keeps an instance of DataOS running, as far as secrets go", nil, a.createDockerSecret())
}

// dockerFlags say where a login to a registry comes from, and where it goes.
type dockerFlags struct {
	from, to, namespace, name            string
	registry, username, password         string
	registryType, region, kubeconfigFile string
}

func (a *app) createDockerSecret() *cobra.Command {
	var f dockerFlags
	cmd := &cobra.Command{
		Use:   "create-docker-secret --heimdallSecretId ID",
		Short: "Make a secret that pulls images of a login",
		Long: `Make a Kubernetes secret, or one of Coffer, of a login to a container registry. The login is read from the secret that
--heimdallSecretId names: its .dockerconfigjson, or its registry, username and password, for which -r and -u may stand, too;
without it, -r, -u and -p give it, and -p asks for the password with the value -.

With --targetHeimdallSecretId, the login is kept as an instance-secret of the type cloud-kernel-image-pull, called like the
ID with a hyphen for each _. With -s, or without a target, the manifest of a Secret of Kubernetes is printed, for
'kubectl apply -f -': it holds the password. Nothing here speaks to a cluster.`,
		Example: "  coffer maintenance create-docker-secret --heimdallSecretId registry_login_r \\\n    -s regcred -n jobs | kubectl apply -f -",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.dockerSecret(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.namespace, "namespace", "n", "", "namespace of Kubernetes (default default)")
	flags.StringVar(&f.from, "heimdallSecretId", "", "ID of the secret to read the login from")
	flags.StringVar(&f.to, "targetHeimdallSecretId", "", "ID of the secret to keep the result in")
	flags.StringVarP(&f.name, "secretName", "s", "", "name of the secret of Kubernetes")
	flags.StringVarP(&f.registry, "registry", "r", "", "registry, where the secret names none")
	flags.StringVarP(&f.username, "username", "u", "", "user, where the secret names none")
	flags.StringVarP(&f.password, "password", "p", "", "password, or - to be asked for it")
	flags.StringVarP(&f.registryType, "type", "t", "docker", "type of the registry; docker alone")
	flags.StringVarP(&f.region, "region", "g", "", "of ecr, whose passwords last for hours: not followed")
	flags.StringVarP(&f.kubeconfigFile, "kubeconfig", "k", "", "not followed: nothing here speaks to a cluster")
	return cmd
}

func (a *app) dockerSecret(ctx context.Context, f dockerFlags) error {
	if f.registryType != "docker" {
		return usage("--type: docker alone: a login to ecr lasts for hours, and is to be made where it is used")
	}
	if f.kubeconfigFile != "" {
		a.note("--kubeconfig is not followed: give the output to 'kubectl apply -f -'")
	}
	if f.password != "" && f.password != "-" {
		a.note("shells keep what is typed as -p in their history: -p - asks for it")
	}
	return a.connected(func(c *client.Client) error {
		config, err := a.dockerConfig(ctx, c, f)
		if err != nil {
			return err
		}
		if f.to != "" {
			if err := a.keepLogin(ctx, c, f.to, config); err != nil {
				return err
			}
			if f.name == "" {
				return nil
			}
		}
		return a.printLogin(f, config)
	})
}

// dockerConfig is the login as docker keeps it.
func (a *app) dockerConfig(ctx context.Context, c *client.Client, f dockerFlags) (string, error) {
	values := map[string]string{}
	if f.from != "" {
		secret, err := c.GetHeimdallSecret(ctx, &dataosv1.GetHeimdallSecretRequest{Id: f.from})
		if err != nil {
			return "", err
		}
		for _, entry := range secret.GetData() {
			value, err := base64.StdEncoding.DecodeString(entry.GetBase64Value())
			if err != nil {
				return "", errors.New("reading the login: an entry is not in base64")
			}
			values[entry.GetKey()] = string(value)
			if len(secret.GetData()) == 1 && entry.GetKey() != naming.DockerConfig {
				for line := range strings.Lines(string(value)) {
					if key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
						values[key] = value
					}
				}
			}
		}
	}
	if config := values[naming.DockerConfig]; config != "" {
		return config, nil
	}
	for key, given := range map[string]string{"registry": f.registry, "username": f.username, "password": f.password} {
		if given != "" {
			values[key] = given
		}
	}
	if f.password == "-" {
		var err error
		if values["password"], err = a.askValue(ctx, "password of the registry"); err != nil {
			return "", err
		}
	}
	for _, key := range []string{"registry", "username", "password"} {
		if values[key] == "" {
			return "", usage("the login has no " + key + ": want " + naming.DockerConfig + ", or registry, username and password")
		}
	}
	auth := base64.StdEncoding.EncodeToString([]byte(values["username"] + ":" + values["password"]))
	config, err := json.Marshal(map[string]any{"auths": map[string]any{
		values["registry"]: map[string]string{"username": values["username"], "password": values["password"], "auth": auth},
	}})
	return string(config), err
}

// keepLogin stores a login as an instance-secret.
func (a *app) keepLogin(ctx context.Context, c *client.Client, id, config string) error {
	name := strings.ReplaceAll(id, "_", "-")
	mode, acl := cofferv1.Secret_READ, "r"
	if strings.HasSuffix(name, "-rw") {
		mode, acl = cofferv1.Secret_READ_WRITE, "rw"
	}
	resource := dataosmanifest.Resource{Type: dataosmanifest.TypeInstanceSecret, Version: "v1", Name: name}
	parent, err := a.placesBy(c).namespace(ctx, dataosmanifest.Place{})
	if err != nil {
		return err
	}
	k := kindOf(kindSecret)
	run := applier{app: a, client: c, verb: verbApply, pending: map[string]bool{}}
	err = run.apply(ctx, manifest{
		where: id, kind: k, name: parent + "/secrets/" + name, dataos: &resource,
		fields: []string{"access_mode", "annotations", "payload"},
		message: &cofferv1.Secret{
			AccessMode:  mode,
			Annotations: map[string]string{naming.DataOSType: naming.ImagePull, naming.DataOSVersion: "v1"},
			Payload:     &cofferv1.Payload{Data: map[string]string{naming.DockerConfig: config}},
		},
	})
	if err != nil {
		return fmt.Errorf("keeping the login as %s with acl %s: %w", reference(parent+"/secrets/"+name), acl, err)
	}
	return nil
}

// printLogin writes a secret of Kubernetes.
func (a *app) printLogin(f dockerFlags, config string) error {
	if f.name == "" {
		f.name = "docker-secret"
	}
	if f.namespace == "" {
		f.namespace = "default"
	}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
		"metadata": map[string]string{"name": f.name, "namespace": f.namespace},
		"data":     map[string]string{naming.DockerConfig: base64.StdEncoding.EncodeToString([]byte(config))},
	})
	if err != nil {
		return fmt.Errorf("writing the secret: %w", err)
	}
	return a.writeRaw(text)
}

func (a *app) developCommand() *cobra.Command {
	stack := nounCommand("stack", "Stacks of DataOS", nil, a.imagePullSecret())
	return nounCommand("develop", "What developers on DataOS do with secrets", nil, stack)
}

func (a *app) imagePullSecret() *cobra.Command {
	var stack string
	cmd := &cobra.Command{
		Use:   "image-pull-secret -s STACK",
		Short: "Say which secret a stack pulls its images with",
		Long: `Say which secret a stack pulls its images with: the imagePullSecret of the stack's manifest, as it was applied, as
secret/NAMESPACE/NAME. 'coffer operate get-secret' reads it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if stack == "" {
				return usage("which stack? Give -s NAME")
			}
			return a.found(cmd.Context(), []address{{Resource: dataosmanifest.Resource{Type: "stack", Name: stack}}}, false, a.pullsWith)
		},
	}
	cmd.Flags().StringVarP(&stack, "stack", "s", "", "name of the stack")
	return cmd
}

func (a *app) pullsWith(_ context.Context, f finding) error {
	projection, _ := f.message.(*cofferv1.Projection)
	found := false
	for _, r := range projection.GetWorkload().GetReferences() {
		if !strings.Contains(strings.ToLower(r.GetPlace()), "imagepullsecret") {
			continue
		}
		found = true
		if err := a.printLine(reference(r.GetBoundSecret())); err != nil {
			return err
		}
	}
	if !found {
		a.note("%s names no secret to pull images with", f.resource)
	}
	return nil
}
