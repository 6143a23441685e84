package renderstore_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"pgregory.net/rapid"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderstore"
)

var update = flag.Bool("update", false, "rewrite golden files")

const pw = "changeit"

func TestGolden(t *testing.T) {
	p := fixedPKI(t)
	server := entries("tls.key", pkcs8(p.server.key), "tls.crt", certificates(p.server, p.authority), "ca.crt", certificates(p.root, p.other))
	open := func(v plaintext.Value, err error) []byte { return reveal(t)(v, err) }
	for name, write := range map[string]func() []byte{
		"server.p12": func() []byte { return open(renderstore.PKCS12(t.Context(), server, "web", value(pw))) },
		"trust.p12":  func() []byte { return open(renderstore.PKCS12(t.Context(), server[2:], "", value(pw))) },
		"server.jks": func() []byte { return open(renderstore.JKS(t.Context(), server, "web", value(pw))) },
		"hadoop.jceks": func() []byte {
			return open(renderstore.HadoopCredentials(t.Context(), entries("fs.s3a.Secret.key", "ßecret\n"), value("")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := write()
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the store differs from %s", path)
			}
		})
	}
}

// TestSalts holds stores to salts that another password, alias or value changes: a salt that stays would tell what is
// the same in two stores.
func TestSalts(t *testing.T) {
	p := fixedPKI(t)
	trust := entries("a", certificates(p.root))
	open := reveal(t)
	salt := func(store []byte) string { return string(store[len(store)-20 : len(store)-4]) } // of the MAC, before the iterations
	seen := map[string]bool{
		salt(open(renderstore.PKCS12(t.Context(), trust, "", value(pw)))):                                   true,
		salt(open(renderstore.PKCS12(t.Context(), trust, "", value(pw+"2")))):                               true,
		salt(open(renderstore.PKCS12(t.Context(), trust, "b", value(pw)))):                                  true,
		salt(open(renderstore.PKCS12(t.Context(), entries("a", certificates(p.other)), "", value(pw)))):     true,
		salt(open(renderstore.PKCS12(t.Context(), entries("ab", certificates(p.root)), "", value(pw)))):     true,
		salt(open(renderstore.PKCS12(t.Context(), entries("a", certificates(p.root)+"\n"), "", value(pw)))): true,
		salt(open(renderstore.PKCS12(t.Context(), entries("a"+"#", certificates(p.root)), "b", value(pw)))): true,
		salt(open(renderstore.PKCS12(t.Context(), entries("a", "#"+certificates(p.root)), "b", value(pw)))): true,
	}
	if len(seen) != 8 {
		t.Errorf("8 different stores have %d different salts", len(seen))
	}
}

func TestPEM(t *testing.T) {
	p := fixedPKI(t)
	rsaKey := keyOf("rsa", "server").(*rsa.PrivateKey)
	ecKey := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey))
	sec1 := block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ecKey)))
	crt := certificates(p.server)
	for _, test := range []struct {
		name, give, want string
	}{
		{"kinds of keys", pkcs1 + sec1 + pkcs8(p.server.key) + crt, pkcs1 + sec1 + pkcs8(p.server.key) + crt},
		{"line ends of Windows", strings.ReplaceAll(pkcs1+crt, "\n", "\r\n"), pkcs1 + crt},
		{"no line end", strings.TrimSuffix(crt, "\n"), crt},
		{"space around", "\n \n" + crt + "\n\n" + sec1 + "\n ", crt + sec1},
		{"names around", "# Root\n==\n" + crt + "Subject: Ö\n" + sec1, crt + sec1},
		{"lines of another length", rewrap(crt), crt},
		{"old name", strings.ReplaceAll(crt, " CERT", " X509 CERT"), crt},
		{"parameters of openssl", block("EC PARAMETERS", []byte{6, 5, 0x2b, 0x81, 4, 0, 0x22}) + sec1, sec1},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want+crt, string(reveal(t)(renderstore.PEM(t.Context(), entries("k", test.give, "l", crt))))); diff != "" {
				t.Errorf("PEM (-want +got):\n%s", diff)
			}
		})
	}
}

// rewrap has the block's base64 in lines of 76, as MIME has it.
func rewrap(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	body := strings.Join(lines[1:len(lines)-1], "")
	var out []string
	for chunk := range slices.Chunk([]byte(body), 76) {
		out = append(out, string(chunk))
	}
	return lines[0] + "\n" + strings.Join(out, "\n") + "\n" + lines[len(lines)-1] + "\n"
}

func TestPEM_refused(t *testing.T) {
	p := fixedPKI(t)
	crt, key := certificates(p.server), pkcs8(p.server.key)
	giant := &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 8192, 1), E: 65537}
	for name, give := range map[string]string{
		"nothing":               "",
		"a word":                "geheim",
		"DER":                   string(p.server.certificate.Raw),
		"no end":                crt + strings.TrimSuffix(key, "-----END PRIVATE KEY-----\n"),
		"no begin":              crt + strings.TrimPrefix(key, "-----BEGIN PRIVATE KEY-----\n"),
		"no end before another": strings.Replace(crt, "-----END CERTIFICATE-----\n", "", 1) + crt,
		"damaged base64":        strings.Replace(crt, "M", "§", 1) + crt,
		"a dash less":           strings.Replace(crt, "-----B", "----B", 1) + crt,
		"another end":           strings.Replace(crt, "END CERTIFICATE", "END PRIVATE KEY", 1) + crt,
		"escaped line ends":     strings.ReplaceAll(crt, "\n", `\n`),
		"indented":              strings.ReplaceAll(crt, "\n", "\n  "),
		"two in one line":       strings.TrimSpace(crt) + crt,
		"cut DER":               block("CERTIFICATE", p.server.certificate.Raw[:100]),
		"DER and more":          block("CERTIFICATE", slices.Concat(p.server.certificate.Raw, []byte{0})),
		"no key":                block("PRIVATE KEY", []byte("geheim")),
		"no PKCS#1":             block("RSA PRIVATE KEY", []byte("geheim")),
		"no SEC 1":              block("EC PRIVATE KEY", []byte("geheim")),
		"giant key":             block("PRIVATE KEY", padded(t, key, 8<<10)),
		"giant public key":      block("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, p.server.certificate, p.root.certificate, giant, p.root.key))),
		"one line":              strings.ReplaceAll(crt, "\n", ""),
		"public key":            block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(p.server.key.Public()))),
		"encrypted":             block("ENCRYPTED PRIVATE KEY", []byte("geheim")),
		"encrypted PKCS#1":      "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nZ2VoZWlt\n-----END RSA PRIVATE KEY-----\n",
		"headers":               strings.Replace(crt, "\n", "\nX: geheim\n\n", 1),
		"a kind of its own":     block("GEHEIM", []byte("geheim")),
		"too many":              strings.Repeat(crt, 1000), // and one of the other entry
		"no certificates":       block("EC PARAMETERS", []byte("geheim")),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := renderstore.PEM(t.Context(), entries("good", crt, "tls.pem", give))
			if err == nil || !strings.Contains(err.Error(), `entry "tls.pem"`) {
				t.Fatalf("PEM: %v, want an error of entry tls.pem", err)
			}
			if strings.HasPrefix(name, "encrypted") != strings.Contains(err.Error(), "an encrypted private key") {
				t.Errorf("PEM: %v", err)
			}
			if strings.Contains(strings.ToLower(err.Error()), "geheim") {
				t.Errorf("the error has a part of the value: %v", err)
			}
		})
	}
}

// padded is the key with an attribute of so many bytes, which parsers leave out.
func padded(t *testing.T, key string, size int) []byte {
	p, _ := pem.Decode([]byte(key))
	var all asn1.RawValue
	if _, err := asn1.Unmarshal(p.Bytes, &all); err != nil {
		t.Fatal(err)
	}
	attributes := must(asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: make([]byte, size)}))
	out := must(asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: slices.Concat(all.Bytes, attributes)}))
	if _, err := x509.ParsePKCS8PrivateKey(out); err != nil {
		t.Fatalf("only its size should be wrong: %v", err)
	}
	return out
}

// stores are the formats that hold keys and certificates under a password.
var stores = map[string]func(context.Context, []renderstore.Entry, string, plaintext.Value) (plaintext.Value, error){
	"PKCS12": renderstore.PKCS12,
	"JKS":    renderstore.JKS,
}

func TestStores_refused(t *testing.T) {
	p := fixedPKI(t)
	crt, key := certificates(p.server, p.authority, p.root), pkcs8(p.server.key)
	twin := issue(t, "twin", p.server.key, &p.authority, false)
	good := entries("a", crt, "b", key)
	for format, store := range stores {
		for name, test := range map[string]struct {
			entries         []renderstore.Entry
			alias, password string
			want            string
		}{
			"no password":           {good, "", "", "too short"},
			"short password":        {good, "", "abcde", "too short"},
			"long password":         {good, "", strings.Repeat("p", 1025), "too long"},
			"password of letters":   {good, "", "pässword", "ASCII"},
			"password with an end":  {good, "", "password\n", "ASCII"},
			"password of no text":   {good, "", "password\xff", "ASCII"},
			"no PEM":                {entries("a", "geheim"), "", pw, `entry "a"`},
			"no certificate":        {entries("a", certificates(p.authority), "b", key), "", pw, `private key "b": none of`},
			"two certificates":      {entries("a", crt+certificates(twin), "b", key), "", pw, `private key "b": more than one`},
			"two keys in an entry":  {entries("a", crt, "b", key+pkcs8(p.root.key)), "", pw, `"b"`},
			"two keys of an alias":  {entries("a", crt, "b", key, "c", pkcs8(p.root.key)), "web", pw, `"web"`},
			"keys that Java mixes":  {entries("a", crt, "b", key, "B", pkcs8(p.root.key)), "", pw, `"b"`},
			"a key twice":           {entries("a", crt, "b", key, "c", key), "", pw, `"c" is there twice`},
			"aliases that meet":     {entries("ca", certificates(p.root, p.other), "ca-2", certificates(p.authority)), "", pw, `"ca-2"`},
			"alias of letters":      {good, "schlüssel", pw, "alias"},
			"alias without end":     {good, strings.Repeat("a", 256), pw, "alias"},
			"names that are no one": {entries("", crt), "", pw, "alias"},
		} {
			t.Run(format+" "+name, func(t *testing.T) {
				_, err := store(t.Context(), test.entries, test.alias, value(test.password))
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("got %v, want an error with %q", err, test.want)
				}
				if test.password != pw && test.password != "" && strings.Contains(err.Error(), test.password) {
					t.Errorf("the error has the password: %v", err)
				}
			})
		}
	}
}

func TestPKCS12_oneKey(t *testing.T) {
	p := fixedPKI(t)
	_, err := renderstore.PKCS12(t.Context(), entries("a", pkcs8(p.server.key), "b", pkcs8(p.other.key), "c", certificates(p.server, p.other)), "", value(pw))
	if err == nil || !strings.Contains(err.Error(), "one private key") {
		t.Errorf("PKCS12 of two keys: %v", err)
	}
}

// TestPKCS12_roundTrip has go-pkcs12 read what was written, for any key, in any order of blocks.
func TestPKCS12_roundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPKI(t, func(name string) crypto.Signer { return keyOf(rapid.SampledFrom(kinds).Draw(t, name), name) })
		blocks := rapid.Permutation([]string{pkcs8(p.server.key), certificates(p.server), certificates(p.authority), certificates(p.root)}).Draw(t, "blocks")
		password := rapid.StringMatching(`[ -~]{6,40}`).Draw(t, "password")
		store := reveal(t)(renderstore.PKCS12(t.Context(), entries("a", blocks[0]+blocks[1], "b", blocks[2], "c", blocks[3]), "web", value(password)))
		key, leaf, chain, err := pkcs12.DecodeChain(store, password)
		if err != nil {
			t.Fatal(err)
		}
		if !key.(interface{ Equal(crypto.PrivateKey) bool }).Equal(p.server.key) {
			t.Error("the key differs")
		}
		got := [][]byte{leaf.Raw}
		for _, c := range chain {
			got = append(got, c.Raw)
		}
		if diff := cmp.Diff(raw(p.server, p.authority, p.root), got); diff != "" {
			t.Errorf("chain (-want +got):\n%s", diff)
		}
		if _, _, _, err := pkcs12.DecodeChain(store, password+"x"); err == nil {
			t.Error("another password opens it")
		}
	})
}

func TestPKCS12_trustStore(t *testing.T) {
	p := fixedPKI(t)
	store := reveal(t)(renderstore.PKCS12(t.Context(), entries("ca", certificates(p.root, p.other, p.root)), "", value(pw)))
	got, err := pkcs12.DecodeTrustStore(store, pw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(raw(p.root, p.other), [][]byte{got[0].Raw, got[1].Raw}); diff != "" || len(got) != 2 {
		t.Errorf("%d certificates (-want +got):\n%s", len(got), diff)
	}
}

// held is what a JKS store holds: of keys the chains, and the certificates under their aliases.
type held struct {
	Chains  map[string][][]byte
	Trusted map[string][]byte
}

func readJKS(t tb, store []byte, password string) held {
	t.Helper()
	ks := keystore.New()
	if err := ks.Load(bytes.NewReader(store), []byte(password)); err != nil {
		t.Fatal(err)
	}
	out := held{map[string][][]byte{}, map[string][]byte{}}
	for _, alias := range ks.Aliases() {
		if ks.IsTrustedCertificateEntry(alias) {
			e := must(ks.GetTrustedCertificateEntry(alias))
			if !e.CreationTime.Equal(from) {
				t.Fatalf("%s was made at %v", alias, e.CreationTime)
			}
			out.Trusted[alias] = e.Certificate.Content
			continue
		}
		e, err := ks.GetPrivateKeyEntry(alias, []byte(password))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range e.CertificateChain {
			out.Chains[alias] = append(out.Chains[alias], c.Content)
		}
		key := must(x509.ParsePKCS8PrivateKey(e.PrivateKey)).(crypto.Signer).Public()
		if !key.(interface{ Equal(crypto.PublicKey) bool }).Equal(parsed(t, e.CertificateChain[0].Content).PublicKey) {
			t.Fatalf("%s has another's certificate", alias)
		}
	}
	return out
}

func TestJKS(t *testing.T) {
	p := fixedPKI(t)
	old := issue(t, "old", keyOf("rsa", "root"), nil, true)
	weak := func() identity { // its authority signed with SHA-1
		template := *p.server.certificate
		template.SignatureAlgorithm = x509.SHA1WithRSA
		der := must(x509.CreateCertificate(rand.Reader, &template, old.certificate, seeded("weak").Public(), old.key))
		return identity{seeded("weak"), parsed(t, der)}
	}()
	impostor := issue(t, "Authority", seeded("impostor"), nil, true)
	east := issue(t, "East", seeded("east"), nil, true)
	west := issue(t, "West", seeded("west"), &east, true)
	crossed := issue(t, "East", seeded("east"), &west, true)
	far := issue(t, "far", seeded("far"), &west, false)
	key := pkcs8(p.server.key)
	for _, test := range []struct {
		name    string
		entries []renderstore.Entry
		alias   string
		want    held
	}{
		{
			"names", entries("TLS.key", key, "tls.crt", certificates(p.server, p.authority), "CA.crt", certificates(p.root, p.other)), "",
			held{map[string][][]byte{"tls.key": raw(p.server, p.authority, p.root)}, map[string][]byte{"ca.crt": p.other.certificate.Raw}},
		},
		{
			"an alias", entries("k", key, "a", certificates(p.other, p.server), "b", certificates(old)), "Web",
			held{map[string][][]byte{"web": raw(p.server)}, map[string][]byte{"web-2": p.other.certificate.Raw, "web-3": old.certificate.Raw}},
		},
		{
			"all in one", entries("k", certificates(p.other, p.root, p.server)+key+certificates(p.authority)), "",
			held{map[string][][]byte{"k": raw(p.server, p.authority, p.root)}, map[string][]byte{"k-2": p.other.certificate.Raw}},
		},
		{
			"certificates alone", entries("k", certificates(p.authority, p.root, p.authority), "l", certificates(p.other)), "",
			held{map[string][][]byte{}, map[string][]byte{
				"k": p.authority.certificate.Raw, "k-2": p.root.certificate.Raw, "l": p.other.certificate.Raw,
			}},
		},
		{
			"two keys", entries("k", key+certificates(p.server), "l", pkcs8(p.other.key)+certificates(p.other)), "",
			held{map[string][][]byte{"k": raw(p.server), "l": raw(p.other)}, map[string][]byte{}},
		},
		{
			"one authority of two keys", entries("k", key, "l", pkcs8(p.authority.key), "m", certificates(p.authority, p.root, p.server)), "",
			held{map[string][][]byte{"k": raw(p.server, p.authority, p.root), "l": raw(p.authority, p.root)}, map[string][]byte{}},
		},
		{
			"an authority by name only", entries("k", key, "c", certificates(impostor, p.server)), "",
			held{map[string][][]byte{"k": raw(p.server)}, map[string][]byte{"c": impostor.certificate.Raw}},
		},
		{
			"signed with SHA-1", entries("k", pkcs8(weak.key)+certificates(old, weak)), "",
			held{map[string][][]byte{"k": raw(weak, old)}, map[string][]byte{}},
		},
		{
			"authorities of each other", entries("k", pkcs8(far.key)+certificates(crossed, west, far)), "",
			held{map[string][][]byte{"k": raw(far, west, crossed)}, map[string][]byte{}},
		},
		{"nothing", nil, "", held{map[string][][]byte{}, map[string][]byte{}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := reveal(t)(renderstore.JKS(t.Context(), test.entries, test.alias, value(pw)))
			if diff := cmp.Diff(test.want, readJKS(t, store, pw)); diff != "" {
				t.Errorf("the store (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJKS_roundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPKI(t, func(name string) crypto.Signer { return keyOf(rapid.SampledFrom(kinds).Draw(t, name), name) })
		blocks := rapid.Permutation([]string{pkcs8(p.server.key), certificates(p.server), certificates(p.authority), certificates(p.root), certificates(p.other)}).Draw(t, "blocks")
		password := rapid.StringMatching(`[ -~]{6,40}`).Draw(t, "password")
		give := entries("a", blocks[0]+blocks[1], "b", blocks[2], "c", blocks[3]+blocks[4])
		store := reveal(t)(renderstore.JKS(t.Context(), give, "web", value(password)))
		want := held{map[string][][]byte{"web": raw(p.server, p.authority, p.root)}, map[string][]byte{"web-2": p.other.certificate.Raw}}
		if diff := cmp.Diff(want, readJKS(t, store, password)); diff != "" {
			t.Errorf("the store (-want +got):\n%s", diff)
		}
		if again := reveal(t)(renderstore.JKS(t.Context(), give, "web", value(password))); !bytes.Equal(store, again) {
			t.Error("the same gives another store")
		}
		if err := keystore.New().Load(bytes.NewReader(store), []byte(password+"x")); err == nil {
			t.Error("another password opens it")
		}
	})
}

func TestHadoopCredentials_refused(t *testing.T) {
	for name, test := range map[string]struct {
		entries  []renderstore.Entry
		password string
		want     string
	}{
		"an alias in two cases": {entries("a.key", "x", "A.key", "y"), "", `"A.key"`},
		"an empty value":        {entries("a", ""), "", `"a" is empty`},
		"no text":               {entries("a", "geheim\xff"), "", `"a" is not UTF-8`},
		"no alias":              {entries("", "geheim"), "", "alias"},
		"a name of letters":     {entries("schlüssel", "geheim"), "", "alias"},
		"a long password":       {entries("a", "geheim"), strings.Repeat("p", 50_000), "too long"},
		"a password of letters": {entries("a", "geheim"), "gehäim", "ASCII"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := renderstore.HadoopCredentials(t.Context(), test.entries, value(test.password))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want an error with %q", err, test.want)
			}
			if strings.Contains(err.Error(), "geheim") {
				t.Errorf("the error has the value: %v", err)
			}
		})
	}
}

func TestHadoopCredentials_password(t *testing.T) {
	give := entries("a", "x")
	open := reveal(t)
	if !bytes.Equal(open(renderstore.HadoopCredentials(t.Context(), give, value(""))), open(renderstore.HadoopCredentials(t.Context(), give, value("none")))) {
		t.Error("without a password it is another than none")
	}
	if bytes.Equal(open(renderstore.HadoopCredentials(t.Context(), give, value(""))), open(renderstore.HadoopCredentials(t.Context(), give, value("some")))) {
		t.Error("the password changes nothing")
	}
}

// TestHadoopCredentials_salts holds to salts that differ, and whose halves do: Java treats equal ones in ways of its own.
func TestHadoopCredentials_salts(t *testing.T) {
	var given []renderstore.Entry
	for i := range 40 {
		given = append(given, entries(strings.Repeat("a", i+1), "the same")...)
	}
	store := reveal(t)(renderstore.HadoopCredentials(t.Context(), given, value("")))
	seen := map[string]bool{}
	for _, rest := range bytes.Split(store, []byte("\x30\x0e\x04\x08"))[1:] { // of the parameters: salt, iterations
		salt := rest[:8]
		seen[string(salt)] = true
		if (salt[3]^salt[7])&1 != 1 {
			t.Errorf("salt %x: its halves may be equal", salt)
		}
	}
	if len(seen) != len(given) {
		t.Errorf("%d entries have %d salts", len(given), len(seen))
	}
}

// TestStores_checks has certificates share the name of an authority: finding that of each key must not cost every pair.
func TestStores_checks(t *testing.T) {
	var given []renderstore.Entry
	for i := range 50 {
		seed := fmt.Sprintf("%02d.", i)
		authority := issue(t, "Authority", seeded(seed), nil, true)
		server := issue(t, "server", seeded(seed+"server."), &authority, false)
		given = append(given, entries(fmt.Sprint(i), pkcs8(server.key)+certificates(server, authority))...)
	}
	if _, err := renderstore.JKS(t.Context(), given[:30], "", value(pw)); err != nil { // 30 of 1 to 30 signatures each, and one of their own
		t.Errorf("30 keys: %v", err)
	}
	if _, err := renderstore.JKS(t.Context(), given, "", value(pw)); err == nil || !strings.Contains(err.Error(), "the same subjects") {
		t.Errorf("50 keys: %v", err)
	}
}

func FuzzPEM(f *testing.F) {
	p := fixedPKI(f)
	f.Add(certificates(p.server), pkcs8(p.server.key))
	f.Add("# name\r\n"+certificates(p.root, p.other), block("EC PARAMETERS", nil)+certificates(p.root))
	f.Fuzz(func(t *testing.T, first, second string) {
		out, err := renderstore.PEM(t.Context(), entries("a", first, "b", second))
		if err != nil {
			return
		}
		if strings.Count(first+second, "-----BEGIN ")-strings.Count(first+second, "-----BEGIN EC PARAMETERS-----") != strings.Count(string(out.Reveal()), "-----BEGIN ") {
			t.Errorf("PEM of %q and %q leaves blocks out:\n%s", first, second, out.Reveal())
		}
		again, err := renderstore.PEM(t.Context(), []renderstore.Entry{{Name: "a", Value: out}})
		if err != nil || !plaintext.Equal(out, again) {
			t.Errorf("PEM does not take its own output: %v", err)
		}
	})
}
