package resolve_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/resolve"
)

// stored are the secrets of the tests, by namespace; the empty one is the payload's.
var stored = map[string]map[string]map[string]string{
	"": {
		"api-key":        {"value": "sk-1"},
		"db_password":    {"value": `p"a\ss`},
		"warehouse_path": {"value": "wh-secret"},
		"db":             {"username": "u", "password": "p w"},
		"dotted.name":    {"value": "dotted"},
		"sheets":         {"gsheets.json": "{\n}\n", "user": "me"},
		"takes":          {"PATH": "/tmp/evil"},
		"two-lines":      {"value": "one\ntwo"},
		"expression":     {"value": "${env:HOME}"},
		"hostile":        {"value": "\"'\\\n#: - {}[]\u0085\u2028\x7f\ufeff é😀 ${secret.api-key}"},
	},
	"secret-domain": {"db_password": {"value": "of the domain"}, "s3_secret_key": {"value": "s3"}, "api_token": {"value": "token"}},
	"public":        {"app-tokens": {"API_TOKEN": "t", "HOOK": "h"}},
}

func find(r resolve.Reference) (resolve.Found, error) {
	for _, name := range r.Names {
		if data, ok := stored[name.Namespace][name.Secret]; ok {
			return resolve.Found{Name: name, Payload: payload(data)}, nil
		}
	}
	return resolve.Found{}, resolve.ErrUnresolved
}

func payload(data map[string]string) plaintext.Payload {
	p := plaintext.Payload{}
	for key, value := range data {
		p[key] = plaintext.Entry{Value: plaintext.New([]byte(value))}
	}
	return p
}

func parse(t *testing.T, text string) *resolve.Document {
	t.Helper()
	d, err := resolve.Parse(text, resolve.Config{})
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return d
}

func resolved(t *testing.T, text string) resolve.Result {
	t.Helper()
	r, err := parse(t, text).Resolve(t.Context(), find)
	if err != nil {
		t.Fatalf("Resolve(%s): %v", text, err)
	}
	return r
}

func TestPlaceholders(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"whole", `{"a": "${secret.api-key}"}`, `{"a": "sk-1"}`},
		{"plural", `{"a": "${secrets.api-key}"}`, `{"a": "sk-1"}`},
		{"embedded", `["Bearer ${secret.api-key}!"]`, `["Bearer sk-1!"]`},
		{"spaces", `["${ secret.api-key  }"]`, `["sk-1"]`},
		{"twice", `["${secret.api-key}${secret.api-key}"]`, `["sk-1sk-1"]`},
		{"key", `["${secret.db.password}"]`, `["p w"]`},
		{"dots in a name", `["${secret.dotted.name}"]`, `["dotted"]`},
		{"dots in name and key", `["${secret.dotted.name.value}", "${secret.sheets.gsheets.json}"]`, `["dotted", "{\n}\n"]`},
		{"escaped in JSON", `["${secrets.db_password}"]`, `["p\"a\\ss"]`},
		{"written with escapes", `["\u0024{secret.api-key}\/"]`, `["sk-1/"]`},
		{"a text alone", `"${secret.api-key}"`, `"sk-1"`},
		{"Instill's own", `{"setup": {"api-key": "${secret.INSTILL_SECRET}"}}`, `{"setup": {"api-key": "${secret.INSTILL_SECRET}"}}`},
		{"literal", `["$${secret.api-key}", "x$${secrets.missing}"]`, `["${secret.api-key}", "x${secrets.missing}"]`},
		{"a dollar and a value", `["$$${secret.api-key}"]`, `["$sk-1"]`},
		{"a dollar and a literal", `["$$$${secret.api-key}"]`, `["$${secret.api-key}"]`},
		{
			"other dollars", `["$VAR", "$$", "${HOME}", "$${HOME}", "${secretx.y}", "${secret}", "${secret.open", "${variable.x}", "$"]`,
			`["$VAR", "$$", "${HOME}", "$${HOME}", "${secretx.y}", "${secret}", "${secret.open", "${variable.x}", "$"]`,
		},
		{"names stay", `{"${secret.api-key}": 1}`, `{"${secret.api-key}": 1}`},
		{"nothing else is touched", "\n{\"n\":1.50e3 ,\t\"b\" : [ ],\"a\":\"${secret.api-key}\",\"e\":\"\\u00e9\\/\"}\n\n", "\n{\"n\":1.50e3 ,\t\"b\" : [ ],\"a\":\"sk-1\",\"e\":\"\\u00e9\\/\"}\n\n"},
		{"values are not looked through", `["${secret.hostile}"]`, `["\"'\\\n#: - {}[]\u0085\u2028\u007f\ufeff é😀 ${secret.api-key}"]`},
		{"plain", "a: ${secret.api-key}\nb: 1 # one\n", "a: \"sk-1\"\nb: 1 # one\n"},
		{"quoted in flow", "{a: 'x${secret.api-key}y', b: [\"${secret.db.username}\"]}", `{a: "xsk-1y", b: ["u"]}`},
		{"quoted once", "a: 'it''s ${secret.api-key}'   # c\n", "a: \"it's sk-1\"   # c\n"},
		{"quoted twice", `a: "x\"\x24{secret.api-key}"`, `a: "x\"sk-1"`},
		{"literal block", "a: |  # c\n  x\n\n   ${secret.two-lines}  \n\n# d\nb: 1\n", "a: \"x\\n\\n one\\ntwo  \\n\"  # c\n\n# d\nb: 1\n"},
		{"folded block kept", "a: >2+\n    x\n  ${secret.api-key}\n\nb: 1", "a: \"  x\\nsk-1\\n\\n\"\n\nb: 1"},
		{"stripped block", "- |-\n  ${secret.api-key}\n- é\n", "- \"sk-1\"\n- é\n"},
		{"plain over lines", "a: x\n  ${secret.api-key}\n\n  y\nb: 1\n", "a: \"x sk-1\\ny\"\nb: 1\n"},
		{"quoted over lines", "a: \"x\n  ${secret.api-key}\\\n  y\"\n", "a: \"x sk-1y\"\n"},
		{"tag and anchor", "é: &x !!str ${secret.api-key}\nb: *x\n", "é: &x !!str \"sk-1\"\nb: *x\n"},
		{"a number stays a text", "port: ${secret.api-key}\nn: 1.0\n", "port: \"sk-1\"\nn: 1.0\n"},
		{"carriage returns", "a: ${secret.api-key}\r\nb: '${secret.api-key}'\r\n", "a: \"sk-1\"\r\nb: \"sk-1\"\r\n"},
		{
			"merges and aliases elsewhere", "x: &x {a: '${secret.api-key}b'}\nconfig: {<<: *x, y: *x}\nsecrets: {<<: *x}\n",
			"x: &x {a: \"sk-1b\"}\nconfig: {<<: *x, y: *x}\nsecrets: {<<: *x}\n",
		},
		{"document marks", "%YAML 1.1\n---\na: ${secret.api-key}\n...\n", "%YAML 1.1\n---\na: \"sk-1\"\n...\n"},
		{"a scalar alone", "${secret.api-key}", `"sk-1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := resolved(t, c.in)
			if diff := cmp.Diff(c.want, string(got.Payload.Reveal())); diff != "" {
				t.Errorf("Resolve(%s) (-want +got):\n%s", c.in, diff)
			}
		})
	}
}

func TestReferencesSayWhatTheyMayMean(t *testing.T) {
	got := parse(t, `{"a/b": ["${secret.x.y.z}", {"~": "${ secrets.q }"}], "storageSecret": {"key": "k", "source": {"type": "KUBERNETES", "id": "d"}},
		"dataosSecrets": [{"name": "n", "workspace": "w", "keys": ["k"]}]}`).References()
	want := []resolve.Reference{
		{Place: "/a~1b/0", Text: "${secret.x.y.z}", Names: []resolve.Name{{Secret: "x.y.z"}, {Secret: "x.y", Key: "z"}, {Secret: "x", Key: "y.z"}}},
		{Place: "/a~1b/1/~0", Text: "${ secrets.q }", Kind: resolve.Secrets, Names: []resolve.Name{{Secret: "q"}}},
		{Place: "/storageSecret", Text: "k", Kind: resolve.Object, Names: []resolve.Name{{Namespace: "d", Secret: "k"}}},
		{Place: "/dataosSecrets/0", Text: "n", Kind: resolve.DataOS, Names: []resolve.Name{{Namespace: "w", Secret: "n"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("References (-want +got):\n%s", diff)
	}
}

func TestUnresolved(t *testing.T) {
	const missing = "there is no such secret or key, or you may not access it"
	for _, c := range []struct{ name, in, want string }{
		{"missing ones, each by its place", `{"a": "${secret.nope}", "b": ["${secrets.db.nope}", "${secret.api-key}"]}`, "/a: " + missing + "; /b/0: " + missing},
		{"which key", `["${secret.db}"]`, "/0: the secret has several keys, and which one is not said"},
		{"ill-formed", `["${secret.}"]`, "/0: is no well-formed reference; for the literal text write $${ instead of ${"},
		{"nested", `["${secret.${secret.api-key}}"]`, "/0: is no well-formed reference; for the literal text write $${ instead of ${"},
		{
			"a backend", `{"envSecrets": [{"key": "A", "secretObject": {"key": "api-key", "source": {"type": "VAULT", "id": "v"}}}]}`,
			"/envSecrets/0/secretObject: its source is VAULT, and no such backend is configured",
		},
		{
			"a namespace that is named is the only one", `{"storageSecret": {"key": "api-key", "source": {"type": "KUBERNETES", "id": "secret-domain"}}}`,
			"/storageSecret: " + missing,
		},
		{"a source of another kind", `{"storageSecret": {"key": "k", "source": {"type": "FILE", "id": "x"}}}`, "/storageSecret: source.type is neither KUBERNETES nor VAULT"},
		{"a namespace that is none", `{"storageSecret": {"key": "k", "source": {"type": "KUBERNETES", "id": "a\tb"}}}`, "/storageSecret: source.id is no name of a domain: has a character that does not print"},
		{"an object without key", `{"storageSecret": {"source": {"type": "KUBERNETES", "id": "d"}}}`, "/storageSecret: key is not the name of a secret"},
		{
			"an object that nothing takes", `{"driver": {"envSecrets": [{"key": "A", "secretObject": {"key": "api-key"}}]}}`,
			"/driver/envSecrets/0/secretObject: a secretObject stands where nothing takes it: it belongs into envSecrets or sparkConfSecrets",
		},
		{"no object", `{"envSecrets": [{"key": "A", "value": "x"}]}`, "/envSecrets/0: has no secretObject"},
		{"no variable", `{"envSecrets": [{"secretObject": {"key": "api-key"}}]}`, "/envSecrets/0/secretObject: the key that says what the value is called is missing"},
		{
			"a variable that takes over", `{"envSecrets": [{"key": "LD_PRELOAD", "secretObject": {"key": "api-key"}}]}`,
			"/envSecrets/0/secretObject: is refused, since that variable changes how programs start, what they load or whom they ask",
		},
		{
			"a text that takes over", `{"envVars": {"PYTHONPATH": "${secret.api-key}"}}`,
			"/envVars/PYTHONPATH: is refused, since that variable changes how programs start, what they load or whom they ask",
		},
		{
			"a key that takes over", `{"dataosSecrets": [{"name": "takes", "allKeys": true}]}`,
			`/dataosSecrets/0: key "PATH" of secret "takes" gives a variable name that is refused, since that variable changes how programs start, what they load or whom they ask`,
		},
		{
			"two of one name", `{"envSecrets": [{"key": "A", "secretObject": {"key": "api-key"}}, {"key": "A", "secretObject": {"key": "db.password"}}]}`,
			"/envSecrets/1/secretObject: another reference sets the same variable",
		},
		{
			"two properties of one name", `{"sparkConfSecrets": [{"key": "a", "secretObject": {"key": "api-key"}}, {"key": "a", "secretObject": {"key": "api-key"}}]}`,
			"/sparkConfSecrets/1/secretObject: another reference sets the same property",
		},
		{
			"a property that takes over", `{"sparkConf": {"spark.jars": "${secret.api-key}"}}`,
			"/sparkConf/spark.jars: the property is refused, since it changes how Spark starts, what it loads or for whom it works",
		},
		{
			"a value that Spark changes", `{"sparkConf": {"a": "${secret.expression}"}}`,
			"/sparkConf/a: the property contains ${…}, which Spark and Hadoop replace",
		},
		{"DataOS without name", `{"dataosSecrets": [{"key": "k"}]}`, "/dataosSecrets/0: name is not the name of a secret"},
		{"DataOS of many keys", `{"dataosSecrets": [{"name": "db"}]}`, "/dataosSecrets/0: the secret has several keys, and which one is not said"},
		{"DataOS without the key", `{"dataosSecrets": [{"name": "db", "key": "nope"}]}`, "/dataosSecrets/0: " + missing},
		{"DataOS consumed otherwise", `{"dataosSecrets": [{"name": "db", "consumptionType": "env"}]}`, "/dataosSecrets/0: consumptionType is neither envVars, propFile nor file"},
		{"inside of another", `{"dataosSecrets": [{"name": "api-key", "note": "x${secret.api-key}"}]}`, "/dataosSecrets/0/note: stands inside of another reference"},
		{
			"inside of an object", `{"envSecrets": [{"key": "${secret.api-key}", "secretObject": {"key": "api-key"}}]}`,
			"/envSecrets/0/key: stands inside of another reference",
		},
		{"a fallback that is no text", `{"secretKey": {}, "storageSecret": {"key": "api-key"}}`, "/storageSecret: secretKey is not a text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parse(t, c.in).Resolve(t.Context(), find)
			if _, ok := errors.AsType[*resolve.UnresolvedError](err); !ok {
				t.Fatalf("Resolve(%s) = %v, want an UnresolvedError", c.in, err)
			}
			if got := strings.TrimPrefix(err.Error(), "unresolved references: "); got != c.want {
				t.Errorf("Resolve(%s)\n got %s\nwant %s", c.in, got, c.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat(`[`, 200) + strings.Repeat(`]`, 200)
	for _, c := range []struct{ name, in, want string }{
		{"neither JSON nor YAML", "a: 1\nb: [", "is neither well-formed JSON nor well-formed YAML"},
		{"nothing", "", "is empty"},
		{"two documents", "a: 1\n---\nb: 2\n", "line 2: has more than one document"},
		{"twice in JSON", "{\"a\": 1,\n \"a\": 2}", "line 2: a name occurs twice in one mapping"},
		{"twice in YAML", "a: 1\na: 2\n", "line 2: a name occurs twice in one mapping"},
		{"no UTF-8", "a: \xff", "is not UTF-8"},
		{"a byte order mark", "\ufeffa: 1", "line 1: begins with a byte order mark"},
		{"deep JSON", deep, "line 1: is nested too deeply"},
		{"deep YAML", "a: " + deep, "line 1: is nested too deeply"},
		{"a name that is no scalar", "? [a]\n: b\n", "line 1: a name in a mapping is no scalar"},
		{"too large", strings.Repeat("a", resolve.MaxPayload+1), "is larger than 256 KiB"},
		{"too many", "[" + strings.Repeat(`"${secret.a}",`, resolve.MaxReferences) + `"${secret.a}"]`, "has more than 256 references"},
		{"an alias that delivers", "x: &x [{name: a}]\ndataosSecrets: *x\n", "line 2: an alias stands where secrets are delivered: write it out"},
		{"an alias in what delivers", "x: &x a\ndataosSecrets: [{name: *x}]\n", "line 2: an alias stands where secrets are delivered: write it out"},
		{"merged variables", "x: &x {A: b}\nenvVars: {<<: *x}\n", "line 2: a merged mapping stands where secrets are delivered: write it out"},
		{"merged surfaces", "x: &x {envVars: {A: b}}\ntemplate: {<<: [*x]}\n", "line 2: a merged mapping stands where secrets are delivered: write it out"},
		{"merged merges", "x: &x {envVars: {A: b}}\ny: &y {<<: *x}\ntemplate: {<<: *y}\n", "line 3: a merged mapping stands where secrets are delivered: write it out"},
		{"a variable that is none", `{"envVars": {"A=B": "x"}}`, "/envVars/A=B is no variable that an environment can carry"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := resolve.Parse(c.in, resolve.Config{})
			var syntax *resolve.SyntaxError
			if !errors.As(err, &syntax) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Parse = %v, want %q", err, c.want)
			}
		})
	}
}

// Aliases are text: what they would make of the payload is not for us.
func TestAliasesAreNotFollowed(t *testing.T) {
	laughs := "a: &a ['${secret.api-key}', x]\n"
	for i := range 20 {
		laughs += fmt.Sprintf("b%d: &b%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%s, ", previous(i)), 9), ", "))
	}
	got := string(resolved(t, laughs).Payload.Reveal())
	if want := strings.Replace(laughs, "'${secret.api-key}'", `"sk-1"`, 1); got != want {
		t.Errorf("Resolve = %s", got)
	}
}

func previous(i int) string {
	if i == 0 {
		return "a"
	}
	return fmt.Sprintf("b%d", i-1)
}

func TestLookUpsThatFailEndIt(t *testing.T) {
	broken := errors.New("broken")
	_, err := parse(t, `["${secret.a}"]`).Resolve(t.Context(), func(resolve.Reference) (resolve.Found, error) { return resolve.Found{}, broken })
	if !errors.Is(err, broken) {
		t.Errorf("Resolve = %v, want %v", err, broken)
	}
}

func TestResultIsBounded(t *testing.T) {
	big := payload(map[string]string{"value": strings.Repeat("x", 512<<10)})
	_, err := parse(t, `["`+strings.Repeat("${secret.a}", resolve.MaxReferences)+`"]`).Resolve(t.Context(),
		func(r resolve.Reference) (resolve.Found, error) {
			return resolve.Found{Name: r.Names[0], Payload: big}, nil
		})
	if !errors.Is(err, resolve.ErrTooLarge) {
		t.Errorf("Resolve = %v, want %v", err, resolve.ErrTooLarge)
	}
}

func TestBinaryValuesAreBase64(t *testing.T) {
	for _, c := range []struct {
		entry plaintext.Entry
		want  string
	}{
		{plaintext.Entry{Value: plaintext.New([]byte{0xff, 0}), Binary: true}, `["/wA="]`},
		{plaintext.Entry{Value: plaintext.New([]byte{0xff, 0})}, ""},
	} {
		got, err := parse(t, `["${secret.a}"]`).Resolve(t.Context(), func(r resolve.Reference) (resolve.Found, error) {
			return resolve.Found{Name: r.Names[0], Payload: plaintext.Payload{"value": c.entry}}, nil
		})
		if string(got.Payload.Reveal()) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("Resolve = %s, %v, want %s", got.Payload.Reveal(), err, c.want)
		}
	}
}

// What is too much as a whole is the fault of no reference.
func TestResultIsBounded_files(t *testing.T) {
	const list = `{"name": "s%d", "allKeys": true, "consumptionType": "file"}`
	many, big := map[string]string{}, map[string]string{}
	for i := range 150 {
		many[fmt.Sprint("k", i)] = "v"
	}
	for i := range 4 {
		big[fmt.Sprint("k", i)] = strings.Repeat("x", 512<<10)
	}
	for limit, data := range map[string]map[string]string{"256": many, "3145728": big} {
		_, err := parse(t, `{"a": "${secret.s0.k0}", "dataosSecrets": [`+fmt.Sprintf(list+","+list, 0, 1)+`]}`).Resolve(t.Context(),
			func(r resolve.Reference) (resolve.Found, error) {
				return resolve.Found{Name: r.Names[len(r.Names)-1], Payload: payload(data)}, nil
			})
		if !errors.Is(err, resolve.ErrTooLarge) || !strings.Contains(err.Error(), limit) {
			t.Errorf("Resolve = %v, want %v, over %s", err, resolve.ErrTooLarge, limit)
		}
	}
}
