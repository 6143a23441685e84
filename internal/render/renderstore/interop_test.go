//go:build interop

// These need keytool, openssl, and what `make clients` installs: run them with -tags interop.

package renderstore_test

import (
	"bytes"
	stdcmp "cmp"
	"crypto"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderstore"
)

// run is what a program prints.
func run(name string, args ...string) (string, error) {
	var out, problems bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "JAVA_TOOL_OPTIONS=-Xshare:auto -XX:TieredStopAtLevel=1")
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s%s", name, args[0], err, &out, &problems)
	}
	return out.String(), nil
}

func written(t *testing.T, name string, v plaintext.Value, err error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, reveal(t)(v, err), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// blocksOf are the contents of the PEM blocks of a type, in order.
func blocksOf(text, kind string) [][]byte {
	var out [][]byte
	for b, rest := pem.Decode([]byte(text)); b != nil; b, rest = pem.Decode(rest) {
		if b.Type == kind {
			out = append(out, b.Bytes)
		}
	}
	return out
}

const awkward = ` "p$w'd` + "`\\" // of what shells and prompts fall over

func TestInterop_keytool(t *testing.T) {
	for format, store := range stores {
		for _, kind := range kinds {
			t.Run(format+" "+kind, func(t *testing.T) {
				t.Parallel()
				p := newPKI(t, func(name string) crypto.Signer { return keyOf(kind, name) })
				given := entries("k", pkcs8(p.server.key), "c", certificates(p.root, p.server, p.other, p.authority))
				v, err := store(t.Context(), given, "Web", value(awkward))
				path := written(t, "store", v, err)

				if out, err := run("keytool", "-list", "-keystore", path, "-storepass", "another"); err == nil {
					t.Errorf("keytool opens it with another password: %s", out)
				}
				out := must(run("keytool", "-list", "-rfc", "-keystore", path, "-storepass", awkward))
				for _, want := range []string{
					"Alias name: web\n", "Alias name: web-2\n", "Entry type: PrivateKeyEntry\nCertificate chain length: 3\n",
					"Entry type: trustedCertEntry\n", "contains 2 entries", "Keystore type: " + format,
				} {
					if !strings.Contains(out, want) {
						t.Errorf("keytool -list does not have %q:\n%s", want, out)
					}
				}
				if diff := cmp.Diff(sorted(raw(p.server, p.authority, p.root, p.other)), sorted(blocksOf(out, "CERTIFICATE"))); diff != "" {
					t.Errorf("certificates (-want +got):\n%s", diff)
				}
				leaf := must(run("keytool", "-exportcert", "-rfc", "-alias", "web", "-keystore", path, "-storepass", awkward))
				if diff := cmp.Diff(raw(p.server), blocksOf(leaf, "CERTIFICATE")); diff != "" {
					t.Errorf("certificate of web (-want +got):\n%s", diff)
				}
				copied := filepath.Join(t.TempDir(), "copy.p12") // which Java can make only with the private key
				must(run("keytool", "-importkeystore", "-srckeystore", path, "-srcstorepass", awkward,
					"-destkeystore", copied, "-deststoretype", "PKCS12", "-deststorepass", pw))
				keys := must(run("openssl", "pkcs12", "-in", copied, "-passin", "pass:"+pw, "-nodes", "-nocerts"))
				if diff := cmp.Diff(blocksOf(pkcs8(p.server.key), "PRIVATE KEY"), blocksOf(keys, "PRIVATE KEY")); diff != "" {
					t.Error("the key that keytool copied is another")
				}
			})
		}
	}
}

func TestInterop_keytoolOtherStores(t *testing.T) {
	p := fixedPKI(t)
	for format, store := range stores {
		for name, test := range map[string]struct {
			given []renderstore.Entry
			want  []string
		}{
			"nothing":     {nil, []string{"contains 0 entries"}},
			"trust store": {entries("CA.crt", certificates(p.root, p.other)), []string{"contains 2 entries", "ca.crt, ", "ca.crt-2, ", "trustedCertEntry"}},
			"key store":   {entries("TLS.pem", pkcs8(p.server.key)+certificates(p.server)), []string{"contains 1 entry", "tls.pem, ", "PrivateKeyEntry"}},
		} {
			t.Run(format+" "+name, func(t *testing.T) {
				t.Parallel()
				v, err := store(t.Context(), test.given, "", value(pw))
				out := must(run("keytool", "-list", "-keystore", written(t, "store", v, err), "-storepass", pw))
				for _, want := range test.want {
					if !strings.Contains(out, want) {
						t.Errorf("keytool -list does not have %q:\n%s", want, out)
					}
				}
			})
		}
	}
}

func TestInterop_openssl(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			p := newPKI(t, func(name string) crypto.Signer { return keyOf(kind, name) })
			given := entries("k", pkcs8(p.server.key), "c", certificates(p.root, p.server, p.other, p.authority))
			v, err := renderstore.PKCS12(t.Context(), given, "web", value(awkward))
			path := written(t, "store.p12", v, err)
			out := must(run("openssl", "pkcs12", "-in", path, "-passin", "pass:"+awkward, "-nodes"))
			if diff := cmp.Diff(raw(p.server, p.authority, p.root, p.other), blocksOf(out, "CERTIFICATE")); diff != "" {
				t.Errorf("certificates (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(blocksOf(pkcs8(p.server.key), "PRIVATE KEY"), blocksOf(out, "PRIVATE KEY")); diff != "" {
				t.Error("the key is another")
			}
			if !strings.Contains(out, "friendlyName: web\n") {
				t.Errorf("the key has no name:\n%s", out)
			}
			if _, err := run("openssl", "pkcs12", "-in", path, "-passin", "pass:another", "-nodes"); err == nil {
				t.Error("openssl opens it with another password")
			}
		})
	}
}

// TestInterop_opensslKeys takes keys as openssl makes them: encrypted ones are refused, others kept.
func TestInterop_opensslKeys(t *testing.T) {
	const secret = "pass:geheim"
	for _, test := range []struct {
		args    []string
		refused string
	}{
		{[]string{"genrsa", "2048"}, ""},
		{[]string{"genrsa", "-traditional", "2048"}, ""},
		{[]string{"ecparam", "-name", "prime256v1", "-genkey"}, ""},
		{[]string{"genpkey", "-algorithm", "X25519"}, ""},
		{[]string{"genpkey", "-algorithm", "ED25519"}, ""},
		{[]string{"genrsa", "-aes128", "-passout", secret, "2048"}, "an encrypted private key"},
		{[]string{"genrsa", "-traditional", "-aes128", "-passout", secret, "2048"}, "an encrypted private key"},
		{[]string{"ecparam", "-name", "secp256k1", "-genkey"}, "cannot be parsed"},
		{[]string{"genpkey", "-algorithm", "ED448"}, "cannot be parsed"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			_, err := renderstore.PEM(t.Context(), entries("k", must(run("openssl", test.args...))))
			if (err == nil) != (test.refused == "") || err != nil && !strings.Contains(err.Error(), test.refused) {
				t.Errorf("PEM: %v, want %q", err, test.refused)
			}
		})
	}
}

// askHadoop is what Hadoop has for the aliases; nil if it refuses the file.
func askHadoop(t *testing.T, path, password string, aliases []string) []string {
	t.Helper()
	list := filepath.Join(t.TempDir(), "aliases")
	if err := os.WriteFile(list, []byte(strings.Join(aliases, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if password != "" {
		t.Setenv("HADOOP_CREDSTORE_PASSWORD", password)
	}
	out, err := run("java", "-cp", "../../../.cache/java/*", "testdata/Credentials.java", "localjceks://file"+path, list)
	if err != nil {
		if !strings.Contains(err.Error(), "password was incorrect") {
			t.Fatal(err)
		}
		return nil
	}
	return strings.Split(strings.TrimSpace(out), "\n")
}

func TestInterop_hadoop(t *testing.T) {
	values := []string{
		"plain", " ", "\n", "\r\n\t ", "ßecret\n", "日本語", "😀🏳️‍🌈", "\ufeffbom", "\x00nul\x00", "\u2028", "${secret.x}", `\u0041"'<&>]]>`,
		strings.Repeat("x", 7), strings.Repeat("x", 8), strings.Repeat("ä", 1<<15), strings.Repeat("long ", 1<<16),
	}
	values = append(values, rapid.SliceOfNDistinct(rapid.StringN(1, 30, -1), 48, 48, rapid.ID).Example(1)...)
	var given []renderstore.Entry
	var aliases []string
	want := []string{fmt.Sprint(len(values))}
	for i, v := range values {
		name := fmt.Sprintf("fs.azure.account.KEY.%d@example.com $/%s", i, strings.Repeat("n", i))
		given = append(given, renderstore.Entry{Name: name, Value: value(v)})
		want = append(want, hex.EncodeToString([]byte(v)))
		// Hadoop finds it in whichever case it is asked for.
		aliases = append(aliases, []string{name, strings.ToLower(name), strings.ToUpper(name)}[i%3])
	}
	aliases, want = append(aliases, "there.is.none"), append(want, "null")
	for name, password := range map[string]string{"default password": "", "own password": "geheim 1"} {
		t.Run(name, func(t *testing.T) {
			v, err := renderstore.HadoopCredentials(t.Context(), given, value(password))
			path := written(t, "hadoop.jceks", v, err)
			if diff := cmp.Diff(want, askHadoop(t, path, password, aliases)); diff != "" {
				t.Errorf("Hadoop reads (-want +got):\n%s", diff)
			}
			if got := askHadoop(t, path, "another", aliases); got != nil {
				t.Error("Hadoop opens it with another password")
			}
			if out := must(run("keytool", "-list", "-storetype", "JCEKS", "-keystore", path, "-storepass", stdcmp.Or(password, renderstore.HadoopPassword))); !strings.Contains(out, "SecretKeyEntry") {
				t.Errorf("keytool lists:\n%s", out)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		v, err := renderstore.HadoopCredentials(t.Context(), nil, value(""))
		if diff := cmp.Diff([]string{"0", "null"}, askHadoop(t, written(t, "hadoop.jceks", v, err), "", []string{"a"})); diff != "" {
			t.Errorf("Hadoop reads (-want +got):\n%s", diff)
		}
	})
}

func sorted(all [][]byte) [][]byte {
	slices.SortFunc(all, bytes.Compare)
	return all
}
