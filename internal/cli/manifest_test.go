package cli_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/cli"
)

func TestParseManifests(t *testing.T) {
	got, err := cli.ParseManifests("all.yaml", `# a comment
---
apiVersion: coffer.dev/v1
kind: Grant
metadata: {name: g1}
spec: {principal: "serviceAccount:etl", role: workload, resource: projection/etl}
---
# nothing here
---
{"apiVersion": "coffer.dev/v1", "kind": "Projection", "metadata": {"namespace": "acme", "name": "etl"},
 "spec": {"items": [{"secret": "db", "key": "password", "env": "PGPASSWORD"},
  {"secret": "db", "allKeys": true, "env_prefix": ""}]}}
--- # the secret
apiVersion: coffer.dev/v1
kind: Secret
metadata:
  name: db
  labels: {team: orders}
  description: ""
spec:
  type: postgres
  expireTime: 2027-01-01T00:00:00Z
  maxVersions: 5
  payload:
    data: {password: "$HOME ${x} %d", cert: "a\n---\nb"}
    binaryData: {blob: AAE=}
...
---
apiVersion: coffer.dev/v1
kind: Namespace
metadata: {name: child}
spec: {parent: acme}
---
apiVersion: coffer.dev/v1
kind: Namespace
metadata: {name: acme}
`, "acme")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range got {
		names = append(names, m.Name+" "+strings.Join(m.Fields, ","))
	}
	wantNames := []string{
		"namespaces/acme ",
		"namespaces/child parent",
		"namespaces/acme/secrets/db description,expire_time,labels,max_versions,payload,type",
		"namespaces/acme/projections/etl items",
		"namespaces/acme/grants/g1 principal,resource,role",
	}
	if diff := cmp.Diff(wantNames, names); diff != "" {
		t.Fatalf("order and fields: %s", diff)
	}
	secret := got[2].Message.(*cofferv1.Secret)
	wantPayload := &cofferv1.Payload{
		Data:       map[string]string{"password": "$HOME ${x} %d", "cert": "a\n---\nb"},
		BinaryData: map[string][]byte{"blob": {0, 1}},
	}
	if diff := cmp.Diff(wantPayload, secret.GetPayload(), protocmp.Transform()); diff != "" {
		t.Errorf("payload: %s", diff)
	}
	if secret.GetExpireTime().AsTime().Year() != 2027 || secret.GetLabels()["team"] != "orders" {
		t.Errorf("secret %v", secret)
	}
	if prefix := got[3].Message.(*cofferv1.Projection).GetItems()[1].EnvPrefix; prefix == nil || *prefix != "" {
		t.Error("an empty prefix was lost")
	}
	wantGrant := &cofferv1.Grant{
		Principal: "serviceAccount:namespaces/acme/serviceAccounts/etl", Role: "workload", Resource: "namespaces/acme/projections/etl",
	}
	if diff := cmp.Diff(wantGrant, got[4].Message, protocmp.Transform()); diff != "" {
		t.Errorf("grant: %s", diff)
	}
	if got[2].Where != "all.yaml, document 3 (line 13)" {
		t.Errorf("the secret is said to be in %q", got[2].Where)
	}
}

// What YAML 1.1 reads as a boolean or a number must neither change a key nor be lost.
func TestParseManifestsKeepsText(t *testing.T) {
	got, err := cli.ParseManifests("m.yaml", `%YAML 1.2
---
apiVersion: coffer.dev/v1
kind: Secret
metadata: {name: db, annotations: {n: v, "1.10": v}}
spec:
  maxVersions: 010
  payload:
    data:
      <<: &more {merged: m, x: overridden}
      x: "10"
      y: "20"
      yes: no
      No: "1"
      on: &on off
      "010": *on
      '0x10': b
      !!str 1_000: !!str 1.50
      2027-01-01 x: 2027-01-01
`, "acme")
	if err != nil {
		t.Fatal(err)
	}
	want := &cofferv1.Secret{
		Annotations: map[string]string{"n": "v", "1.10": "v"},
		MaxVersions: 8,
		Payload: &cofferv1.Payload{Data: map[string]string{
			"merged": "m", "x": "10", "y": "20", "yes": "no", "No": "1", "on": "off", "010": "off", "0x10": "b", "1_000": "1.50",
			"2027-01-01 x": "2027-01-01",
		}},
	}
	if diff := cmp.Diff(want, got[0].Message, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

// A key that is no string is refused with its place, and so is whatever cannot be stored as it is written.
func TestParseManifestsRefusesKeys(t *testing.T) {
	const head = "apiVersion: coffer.dev/v1\nkind: Secret\nmetadata: {name: db}\nspec:\n  payload:\n    data:\n"
	for _, key := range []string{"1.10", "010", "0x10", "0o10", "1_000", "true", "False", "~", "null", "1e3", ".inf", "2027-01-01", "12:30:45.5e"} {
		_, err := cli.ParseManifests("m.yaml", head+"      "+key+": v\n", "acme")
		if key == "12:30:45.5e" {
			if err != nil {
				t.Errorf("key %s: %v, want it taken as it is", key, err)
			}
			continue
		}
		want := "m.yaml, document 1 (line 1): line 7 of the document: YAML does not take the key " + key + " for a string: put it into quotes"
		if err == nil || err.Error() != want {
			t.Errorf("key %s: %v, want %q", key, err, want)
		}
	}
	for name, test := range map[string]struct{ content, want string }{
		"list as a key":       {head + "      ? [a]\n      : v\n", "line 7 of the document: a key is to be a string"},
		"twice":               {head + "      y: a\n      'y': b\n", "line 8 of the document: the key y is given twice"},
		"quoted octal":        {"apiVersion: coffer.dev/v1\nkind: Secret\nmetadata: {name: db}\nspec: {maxVersions: '010'}\n", "spec.maxVersions: want a whole number"},
		"contains itself":     {head + "      a: &a {b: *a}\n", "nested too deeply"},
		"a hidden document":   {head + "      a: b\r---\rc: d\n", "not valid YAML"},
		"of another YAML":     {"%YAML 2.0\n---\n" + head, "not valid YAML"},
		"merges no mapping":   {head + "      <<: a\n", "<< wants a mapping"},
		"a tag before a key":  {head + "      !!int 5: v\n", "put it into quotes"},
		"a list in a mapping": {head + "      a: [b]\n", "spec.payload.data.a: want a string"},
	} {
		if _, err := cli.ParseManifests("m.yaml", test.content, "acme"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	// Aliases of aliases, a million values of ten lines.
	bomb := "a: &a0 x\n"
	for i := range 9 {
		bomb += "b" + strings.Repeat("b", i) + ": &a" + string(rune('1'+i)) + " [" + strings.Repeat("*a"+string(rune('0'+i))+",", 10) + "]\n"
	}
	if _, err := cli.ParseManifests("m.yaml", bomb, "acme"); err == nil || !strings.Contains(err.Error(), "repeated too often") {
		t.Errorf("a document that grows: %v", err)
	}
}

func TestParseManifestsRefuses(t *testing.T) {
	const head = "apiVersion: coffer.dev/v1\nkind: Secret\nmetadata: {name: db}\n"
	tests := []struct{ name, content, want string }{
		{"nothing", "# nothing\n", "no manifest"},
		{"version", "apiVersion: v1\nkind: Secret\n", "apiVersion: want coffer.dev/v1"},
		{"kind", "apiVersion: coffer.dev/v1\nkind: Token\n", "kind: want one of Namespace, ServiceAccount, Secret"},
		{"second document", head + "---\n- a\n", "document 2 (line 5): want a mapping"},
		{"top level", head + "data: {}\n", "data: unknown field"},
		{"metadata", "apiVersion: coffer.dev/v1\nkind: Secret\nmetadata: {name: db, uid: x}\n", "metadata.uid: unknown field"},
		{"no name", "apiVersion: coffer.dev/v1\nkind: Secret\nmetadata: {}\n", "metadata.name: want an ID"},
		{"spec", head + "spec: {payload: {dat: {}}}\n", "spec.payload.dat: unknown field"},
		{"item", "apiVersion: coffer.dev/v1\nkind: Projection\nmetadata: {name: p}\nspec: {items: [{secret: a}, {secrets: b}]}\n", "spec.items[1].secrets: unknown field"},
		{"name in spec", head + "spec: {name: x}\n", "spec.name: the name goes into metadata"},
		{"twice in metadata and spec", "apiVersion: coffer.dev/v1\nkind: Secret\nmetadata: {name: db, labels: {}}\nspec: {labels: {}}\n", "metadata.labels: also given in spec"},
		{"twice, spelled differently", head + "spec: {max_versions: 1, maxVersions: 2}\n", "given twice"},
		{"output only", head + "spec: {uid: x}\n", "spec.uid: only the server sets"},
		{"number", head + "spec: {payload: {data: {pin: 987654}}}\n", "spec.payload.data.pin: want a string: put it into quotes"},
		{"null", head + "spec: {payload: {data: {pin: }}}\n", "spec.payload.data: there is no value for pin: fill it in"},
		{"base64", head + "spec: {payload: {binaryData: {x: 'hunter2!'}}}\n", "spec.payload.binaryData.x: want base64"},
		{"enum", head + "spec: {accessMode: hunter2}\n", "spec.accessMode: want one of READ, READ_WRITE"},
		{"time", head + "spec: {expireTime: hunter2}\n", "spec.expireTime: want a time"},
		{"whole number", head + "spec: {maxVersions: 1.5}\n", "spec.maxVersions: want a whole number"},
		{"key twice", head + "spec: {type: a, type: b}\n", "the key type is given twice"},
		{"syntax", head + "spec:\n  payload: {data: {password: hunter2\n", "not valid YAML"},
		{"anchor", head + "spec: {payload: {data: {password: *hunter2}}}\n", "not valid YAML"},
		{"tag", head + "spec: {payload: {data: {password: !!int hunter2}}}\n", "not valid YAML"},
		{"binary", head + "spec: {payload: {data: {password: !!binary /w==}}}\n", "binary values go into binaryData"},
		{"namespace of a namespace", "apiVersion: coffer.dev/v1\nkind: Namespace\nmetadata: {name: a, namespace: b}\n", "metadata.namespace: a namespace is in none"},
		{"twice", head + "---\n" + head, "already described in m.yaml, document 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := cli.ParseManifests("m.yaml", test.content, "acme")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			for _, value := range []string{"hunter2", "987654"} {
				if err != nil && strings.Contains(err.Error(), value) {
					t.Errorf("the error tells a value: %v", err)
				}
			}
		})
	}
	if _, err := cli.ParseManifests("m.yaml", head, ""); err == nil || !strings.Contains(err.Error(), "metadata.namespace: missing") {
		t.Errorf("without a namespace: %v", err)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add("apiVersion: coffer.dev/v1\nkind: Secret\nmetadata: {name: db}\nspec: {payload: {data: {password: hunter2}}}\n")
	f.Add("{\"apiVersion\":\"coffer.dev/v1\",\"kind\":\"Projection\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"items\":[{}]}}")
	f.Add("--- a\n...\n---\n%YAML 1.1\n")
	f.Add("apiVersion: coffer.dev/v1\nkind: Grant\nmetadata: {name: g}\nspec: {role: x, expireTime: '2027-01-01T00:00:00Z'}\n")
	f.Fuzz(func(t *testing.T, content string) {
		manifests, err := cli.ParseManifests("fuzz", content, "acme")
		if err == nil && len(manifests) == 0 {
			t.Error("no manifest and no error")
		}
		for _, m := range manifests {
			if !strings.HasPrefix(m.Name, "namespaces/") || m.Message == nil {
				t.Errorf("name %q, message %v", m.Name, m.Message)
			}
		}
	})
}
