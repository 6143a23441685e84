package dataosmanifest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/internal/naming"
)

// files stand for those beside a manifest.
func files(path string) ([]byte, error) {
	switch path {
	case "./sa.json", "keys/sa.json":
		return []byte("{}\n"), nil
	case "trust.jks":
		return []byte{0xfe, 0xed}, nil
	}
	return nil, fmt.Errorf("open %s: no such file or directory", path)
}

func parse(t *testing.T, text string) *dataosmanifest.Manifest {
	t.Helper()
	all, err := dataosmanifest.ParseAll("m.yaml", text, dataosmanifest.Options{ReadFile: files})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("%d manifests, want 1", len(all))
	}
	return all[0]
}

func TestParse_secrets(t *testing.T) {
	instance := dataosmanifest.Place{}
	public := dataosmanifest.Place{Scope: dataosmanifest.Workspace, Name: "public"}
	tenant := dataosmanifest.Place{Scope: dataosmanifest.Tenant}
	for _, test := range []struct {
		name, text string
		place      dataosmanifest.Place
		want       *cofferv1.Secret
	}{{
		"instance secret with a file", `name: bq01-rw
version: v1
type: instance-secret
layer: user
owner: iamgroot
tags: [a, 'b,c']
description: bq
instance-secret:
  type: key-value-properties
  acl: rw
  data: {projectid: p1, email: sa@p1.example}
  files: {json_keyfile: ./sa.json}
`, instance, &cofferv1.Secret{
			Type: "generic", Description: "bq", AccessMode: cofferv1.Secret_READ_WRITE,
			Payload: &cofferv1.Payload{Data: map[string]string{"projectid": "p1", "email": "sa@p1.example", "json_keyfile": "{}\n"}},
			Annotations: map[string]string{
				naming.DataOSType: "key-value-properties", naming.DataOSVersion: "v1", naming.DataOSLayer: "user",
				naming.DataOSOwner: "iamgroot", naming.DataOSTags: `["a","b,c"]`, naming.DataOSFiles: `{"json_keyfile":"sa.json"}`,
			},
		},
	}, {
		"scalars stay as they are written", `{name: nn, version: v1beta1, type: secret, secret: [{type: key-value, acl: r, data: {a: 010, b: 1.10, c: yes, d: "", e: 2027-01-01, f: ~x, g: TRUE}}]}`,
		public, &cofferv1.Secret{
			Type: "generic", AccessMode: cofferv1.Secret_READ,
			Payload:     &cofferv1.Payload{Data: map[string]string{"a": "010", "b": "1.10", "c": "yes", "d": "", "e": "2027-01-01", "f": "~x", "g": "TRUE"}},
			Annotations: map[string]string{naming.DataOSType: "key-value", naming.DataOSVersion: "v1beta1"},
		},
	}, {
		"binary file, singular", "name: tls\nversion: v1\ntype: secret\nsecret: {type: certificates, acl: rw, file: {truststoreLocation: trust.jks}}\n",
		public, &cofferv1.Secret{
			Type: "generic", AccessMode: cofferv1.Secret_READ_WRITE,
			Payload: &cofferv1.Payload{BinaryData: map[string][]byte{"truststoreLocation": {0xfe, 0xed}}},
			Annotations: map[string]string{
				naming.DataOSType: "certificate", naming.DataOSVersion: "v1", naming.DataOSFiles: `{"truststoreLocation":"trust.jks"}`,
			},
		},
	}, {
		"v2 under spec, with merge keys", "name: a.b_c\nversion: v2alpha\ntype: secret\nx: &x {k: v, l: w}\nspec: {type: key-value, data: {<<: *x, l: own}, key_json: keys/sa.json}\n",
		tenant, &cofferv1.Secret{
			Type: "generic", Payload: &cofferv1.Payload{Data: map[string]string{"k": "v", "l": "own", "key_json": "{}\n"}},
			Annotations: map[string]string{
				naming.DataOSType: "key-value", naming.DataOSVersion: "v2alpha", naming.DataOSFiles: `{"key_json":"sa.json"}`,
			},
		},
	}, {
		"v1 in its newest version", "name: ab\nversion: v2alpha\ntype: secret\nworkspace: sandbox\nsecret: {type: key-value, acl: r, data: {k: v}}\n",
		dataosmanifest.Place{Scope: dataosmanifest.Workspace, Name: "sandbox"},
		&cofferv1.Secret{
			Type: "generic", AccessMode: cofferv1.Secret_READ, Payload: &cofferv1.Payload{Data: map[string]string{"k": "v"}},
			Annotations: map[string]string{naming.DataOSType: "key-value", naming.DataOSVersion: "v2alpha"},
		},
	}} {
		t.Run(test.name, func(t *testing.T) {
			m := parse(t, test.text)
			if len(m.Secrets) != 1 || m.Secrets[0].ID != m.Name || m.Workload != nil {
				t.Fatalf("%d secrets and the workload %v, want one secret called %s", len(m.Secrets), m.Workload, m.Name)
			}
			if diff := cmp.Diff(test.want, m.Secrets[0].Secret, protocmp.Transform()); diff != "" {
				t.Error(diff)
			}
			if m.Place != test.place {
				t.Errorf("it belongs to %v, want %v", m.Place, test.place)
			}
		})
	}
}

// A value is what is written, whatever it is and whether as JSON or YAML.
func TestParse_keepsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Filter(quotedAsJSON).Draw(t, "value")
		quoted := fmt.Sprintf("%+q", value)
		for _, text := range []string{
			`{"name": "nn", "version": "v1", "type": "secret", "secret": {"type": "key-value", "acl": "r", "data": {"k": ` + quoted + `}}}`,
			"name: nn\nversion: v1\ntype: secret\nsecret:\n  type: key-value\n  acl: r\n  data:\n    k: " + quoted + "\n",
		} {
			all, err := dataosmanifest.ParseAll("m.yaml", text, dataosmanifest.Options{})
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if got := all[0].Secrets[0].Secret.GetPayload().GetData()["k"]; got != value {
				t.Fatalf("%s gives %q, want %q", text, got, value)
			}
		}
	})
}

// quotedAsJSON tells whether Go quotes a text with no escape but those of JSON.
func quotedAsJSON(value string) bool {
	quoted := fmt.Sprintf("%+q", value)
	for _, escape := range []string{`\x`, `\U`, `\a`, `\v`} {
		if strings.Contains(quoted, escape) {
			return false
		}
	}
	return true
}

func TestParse_workloads(t *testing.T) {
	text := "version: v1\nname: wf # kept as it came\ntype: workflow\nworkflow: {dag: []}\n"
	m := parse(t, "# first\n---\n"+text)
	if m.Line != 3 || m.WorkloadID() != "workflow.wf" || m.Workload.GetWorkload().GetPayload() != text {
		t.Errorf("line %d, %s: %q, want line 3, workflow.wf: %q", m.Line, m.WorkloadID(), m.Workload.GetWorkload().GetPayload(), text)
	}
	if got := m.Workload.GetAnnotations()[naming.DataOSResource]; got != "workflow:v1:wf:public" {
		t.Errorf("resource %s", got)
	}
	m = parse(t, "name: sales\nversion: v2alpha\ntype: depot\nspec: {secrets: [{id: 'acme:s-r', purpose: scan}, {id: s-q, purpose: query}, {id: x, purpose: rw}]}\n")
	want := []dataosmanifest.Reference{
		{Name: "s-r", Tenant: "acme", Access: cofferv1.Secret_READ},
		{Name: "s-q", Access: cofferv1.Secret_READ},
		{Name: "x", Access: cofferv1.Secret_READ_WRITE},
	}
	if diff := cmp.Diff(want, m.Depot); diff != "" || m.Place.Scope != dataosmanifest.Tenant || dataosmanifest.CheckDepot(m.Depot) != nil {
		t.Errorf("in %v: %s", m.Place, diff)
	}
	if err := dataosmanifest.CheckDepot(want[2:]); !errors.Is(err, dataosmanifest.ErrMissingRead) {
		t.Errorf("CheckDepot of rw alone: %v", err)
	}
}

// What stands in a depot is taken out of it, comments and all.
func TestParse_legacyDepot(t *testing.T) {
	m := parse(t, `name: mongodb
version: v1
type: depot
depot:
  type: mongodb # canary0
  connectionSecrets:
  # canary1
  - {acl: rw, type: key-value-properties, data: {username: canary2}, files: {ca_file: trust.jks}}
  - {acl: r, type: key-value-properties, data: {username: "canary3"}} # canary4
  spec: {nodes: ["a:1", "1"], on: "true"}
  secrets: [{name: other-r}]
`)
	want := `name: mongodb
version: v1
type: depot
depot:
    type: mongodb
    spec:
        nodes:
            - a:1
            - "1"
        on: "true"
    secrets:
        - name: other-r
        - name: mongodb-rw
          allKeys: true
        - name: mongodb-r
          allKeys: true
`
	if diff := cmp.Diff(want, m.Workload.GetWorkload().GetPayload()); diff != "" {
		t.Error(diff)
	}
	if len(m.Secrets) != 2 || m.Secrets[0].ID != "mongodb-rw" || m.Secrets[1].ID != "mongodb-r" {
		t.Fatalf("secrets %v", m.Secrets)
	}
	for shown, wants := range map[dataosmanifest.Shown]bool{
		dataosmanifest.Hide: false, dataosmanifest.Lint: false, dataosmanifest.Reveal: true,
	} {
		text, err := m.Text(shown)
		if err != nil || strings.Contains(text, "canary2") != wants || strings.Contains(text, "canary3") != wants {
			t.Errorf("shown as %d: %v\n%s", shown, err, text)
		}
	}
}

func TestParse_faults(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"all of them", "name: N\nversion: 2\ntype: secret\nsecret:\n  acl: x\n  data: {'a b': canary, c: [canary]}\n  files: {d: none}\n", `m.yaml:1: name: has to match ^[a-z0-9]([-a-z0-9]*[a-z0-9])$ and have at most 48 characters
m.yaml:2: version: want one of v1, v1beta, v1beta1, v1alpha, v2alpha
m.yaml:5: secret.type: is missing
m.yaml:5: secret.acl: want r or rw
m.yaml:6: secret.data.a b: a key has to match ^[-._A-Za-z0-9]{1,253}$
m.yaml:6: secret.data.c: want a text
m.yaml:7: secret.files.d: open none: no such file or directory`},
		{
			"two bodies", "name: nn\nversion: v1\ntype: secret\nsecret: {type: key-value, acl: r, data: {a: canary}}\ninstance-secret: {}\n",
			"m.yaml:5: instance-secret: the manifest has a secret already: it is either this or that",
		},
		{
			"list of two", "name: nn\nversion: v1\ntype: secret\nsecret: [{acl: r}, {acl: rw}]\n",
			"m.yaml:4: secret: want a mapping with type, acl and data or files, or a list of one",
		},
		{
			"key in data and files", "name: nn\nversion: v1\ntype: secret\nsecret: {type: key-value, acl: r, data: {a: canary}, files: {a: trust.jks}}\n",
			"m.yaml:4: secret.files.a: the key is given twice",
		},
		{
			"key twice", "name: nn\nversion: v1\ntype: secret\nsecret: {type: key-value, acl: r, data: {a: canary, a: canary}}\n",
			"m.yaml:4: the key a is given twice",
		},
		{"alias of itself", "name: nn\nversion: v1\ntype: x\nx: &x [*x]\n", "m.yaml:4: nested too deeply or repeated too often"},
		{"tag", "name: nn\nversion: v1\ntype: x\nx: !!binary aGk=\n", "m.yaml:4: no tag may stand here"},
		{"line break of YAML", "name: nn\nversion: v1\ntype: secret\nx: \"a\u2028b\"\n", `m.yaml:4: a line break that only YAML knows: write it as \u…, in double quotes`},
		{
			"too large", "name: nn\nversion: v1\ntype: secret\nsecret: {type: key-value, acl: r, data: {a: " + strings.Repeat("x", 512<<10) + "}}\n",
			"m.yaml:4: secret: its keys and values have more than 524288 bytes together",
		},
		{
			"a secret beside a depot", "name: dd\nversion: v1\ntype: depot\nconnectionSecret: [{acl: r, type: key-value, data: {a: canary}}]\ndepot: {type: X}\n",
			"m.yaml:4: connectionSecret: secrets stand here that others would see: they belong into the depot's own connectionSecret",
		},
		{
			"a secret in the middle of a depot", "name: dd\nversion: v1\ntype: depot\ndepot:\n  connectionSecret: {acl: r, type: key-value, data: {a: canary}}\n  spec:\n    connectionSecrets: {a: canary}\n  more:\n  - connection_secret: canary\n",
			"m.yaml:7: depot.spec.connectionSecrets: secrets stand here that others would see: they belong into the depot's own connectionSecret\n" +
				"m.yaml:9: depot.more[0].connection_secret: secrets stand here that others would see: they belong into the depot's own connectionSecret",
		},
		{
			"a secret in another resource", "name: cc\nversion: v1\ntype: cluster\ncluster: {connectionSecret: {a: canary}}\n",
			"m.yaml:4: cluster.connectionSecret: secrets stand here that others would see: they belong into the depot's own connectionSecret",
		},
		{
			"values in a reference", "name: dd\nversion: v1\ntype: depot\ndepot:\n  connectionSecret:\n  - {name: x, acl: rw, values: {password: canary}}\n  - {name: y, keys: {password: canary}}\n  - {name: z, key: [canary]}\n  - {name: a, acl: r, allkeys: true, keys: [a], consumptionType: propFile, workspace: w}\n",
			"m.yaml:6: depot.connectionSecret[0].values: unknown field of a reference\nm.yaml:7: depot.connectionSecret[1].keys: unknown field of a reference\nm.yaml:8: depot.connectionSecret[2].key: unknown field of a reference",
		},
		{
			"secrets of one acl in a depot", "name: dd\nversion: v1\ntype: depot\ndepot: {connectionSecret: [{acl: r, type: key-value, data: {a: b}}, {acl: r, type: key-value, data: {a: b}}]}\n",
			"m.yaml:4: depot.connectionSecret[1].acl: the depot has a secret of this acl already",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := dataosmanifest.ParseAll("m.yaml", test.text, dataosmanifest.Options{ReadFile: files})
			var faults *dataosmanifest.Error
			if !errors.As(err, &faults) || err.Error() != test.want {
				t.Errorf("got\n%v\nwant\n%s", err, test.want)
			}
		})
	}
}

func TestParse_foreign(t *testing.T) {
	for _, text := range []string{
		"apiVersion: coffer.dev/v1\nkind: Secret\ntype: x\n", "kind: Secret\nversion: v1\n", "a: b\n", "- a\n", "text\n", `{"kind": "Secret", "type": "x"}`,
	} {
		_, err := dataosmanifest.Parse(dataosmanifest.Document{File: "m.yaml", Line: 1, Text: text}, dataosmanifest.Options{})
		if !errors.Is(err, dataosmanifest.ErrForeign) || dataosmanifest.Recognizes(text) {
			t.Errorf("%q: %v, recognized %t", text, err, dataosmanifest.Recognizes(text))
		}
	}
}

func TestParse_expands(t *testing.T) {
	env := map[string]string{"WS": "sandbox", "LINES": "a\nb: c", "V": "v", "secrets": "never"}
	options := dataosmanifest.Options{Lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	text := "name: nn\nversion: v1\ntype: service\nworkspace: $WS\nservice: ['${WS} $LINES $NONE ${secrets} ${secrets.a} $${V} $V-x']\n"
	for expand, want := range map[bool]string{
		false: text,
		true:  "name: nn\nversion: v1\ntype: service\nworkspace: sandbox\nservice: ['sandbox $LINES $NONE ${secrets} ${secrets.a} $v v-x']\n",
	} {
		options.ExpandValues = expand
		all, err := dataosmanifest.ParseAll("m.yaml", text, options)
		if err != nil {
			t.Fatal(err)
		}
		if got := all[0].Workload.GetWorkload().GetPayload(); got != want || all[0].Workspace != "sandbox" {
			t.Errorf("expanded %t: got\n%swant\n%s", expand, got, want)
		}
		notices := strings.Join(all[0].Notices, "\n")
		if !strings.HasPrefix(notices, "$WS is put in") || strings.Contains(notices, "sandbox") || strings.Contains(notices, "service[0]: the text has") == expand {
			t.Errorf("expanded %t: notices\n%s", expand, notices)
		}
	}
	references := "name: nn\nversion: v1\ntype: service\nservice: ['${secrets.a} $1 5$']\n"
	if all, err := dataosmanifest.ParseAll("m.yaml", references, options); err != nil || len(all[0].Notices) > 0 {
		t.Errorf("%v of %v, want no notices where there is no variable", err, all)
	}
	// A value of a depot's secret is expanded once.
	options.ExpandValues = true
	env["ONCE"] = "$V"
	depot := "name: dd\nversion: v1\ntype: depot\ndepot: {url: $V, connectionSecret: {acl: r, type: key-value, data: {a: $ONCE}}}\n"
	all, err := dataosmanifest.ParseAll("m.yaml", depot, options)
	if err != nil {
		t.Fatal(err)
	}
	if got := all[0].Secrets[0].Secret.GetPayload().GetData()["a"]; got != "$V" || !strings.Contains(all[0].Workload.GetWorkload().GetPayload(), "url: v\n") {
		t.Errorf("%q of\n%s", got, all[0].Workload.GetWorkload().GetPayload())
	}
	secret := "name: nn\nversion: v1\ntype: secret\nsecret: {type: key-value, acl: r, data: {a: '$V${V}$1$'}}\n"
	for expand, want := range map[bool]string{false: "$V${V}$1$", true: "vv$1$"} {
		options.ExpandValues = expand
		all, err := dataosmanifest.ParseAll("m.yaml", secret, options)
		if err != nil {
			t.Fatal(err)
		}
		if got := all[0].Secrets[0].Secret.GetPayload().GetData()["a"]; got != want || (len(all[0].Notices) == 0) != expand {
			t.Errorf("expanded %t: %q with notices %v, want %q", expand, got, all[0].Notices, want)
		}
	}
}

// TestTwoLogins has a secret of Snowflake with a password and a key told of, and no value in it.
func TestTwoLogins(t *testing.T) {
	for keys, told := range map[string]bool{
		"username: u, password: hunter2, key: hunter3":         true,
		"username: u, password: hunter2, auth_mode: key-pair":  true,
		"username: u, password: hunter2, auth_mode: basic":     false,
		"username: u, auth_mode: key-pair, key: hunter3":       false,
		"password: hunter2, key: hunter3, auth_mode: key-pair": false,
	} {
		text := "{name: sf, version: v1, type: secret, secret: {type: key-value-properties, acl: r, data: {" + keys + "}}}"
		all, err := dataosmanifest.ParseAll("m.yaml", text, dataosmanifest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		notices := strings.Join(all[0].Notices, "\n")
		if strings.Contains(notices, "password and a key") != told || strings.Contains(notices, "hunter") {
			t.Errorf("%s: notices %q", keys, notices)
		}
	}
}
