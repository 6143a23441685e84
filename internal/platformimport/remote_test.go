package platformimport_test

import (
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/platformimport"
)

const canary = "canary-5d1f"

// platform is an HTTP server and what reads from it with the credential "key".
func platform(t *testing.T, answer http.HandlerFunc) *platformimport.Remote {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return remote(t, platformimport.RemoteConfig{URL: s.URL})
}

func remote(t *testing.T, config platformimport.RemoteConfig) *platformimport.Remote {
	t.Helper()
	config.Header, config.Credential = "apikey", "key"
	r, err := platformimport.NewRemote(config)
	if err != nil {
		t.Fatalf("NewRemote(%q): %v", config.URL, err)
	}
	return r
}

// The credential goes to the host that was named, and to none that it sends to.
func TestRemote_followsNoRedirect(t *testing.T) {
	t.Parallel()
	reached := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(elsewhere.Close)
	r := platform(t, func(w http.ResponseWriter, req *http.Request) {
		if got := req.Header.Get("apikey"); got != "key" {
			t.Errorf("the header apikey is %q, want %q", got, "key")
		}
		http.Redirect(w, req, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	_, err := platformimport.InstillList(t.Context(), r, "team", "")
	if err == nil || !strings.Contains(err.Error(), "where the credential must not go") {
		t.Errorf("InstillList: %v, want an error that tells of the redirect", err)
	}
	if reached {
		t.Error("the redirect was followed")
	}
}

func TestRemote_faults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"no JSON": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, canary) }, "is not what the platform writes"},
		"another shape": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"secrets": [{"id": ["%s"]}]}`, canary)
		}, "is not what the platform writes"},
		"no HTTP": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				fmt.Fprintf(conn, "%s\r\n\r\n", canary)
				_ = conn.Close()
			}
		}, "it does not answer as HTTP does"},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, canary)
		}, "the answer breaks off"},
		"too large": {func(w http.ResponseWriter, _ *http.Request) {
			for range 17 {
				_, _ = w.Write(make([]byte, 1<<20))
			}
		}, "the answer is larger than"},
		"refused": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, canary, http.StatusForbidden)
		}, "403 Forbidden"},
		"refused in words of its own": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				fmt.Fprintf(conn, "HTTP/1.1 403 %s\r\nContent-Length: 0\r\n\r\n", canary)
				_ = conn.Close()
			}
		}, "403 Forbidden"},
		"sends elsewhere, in words of its own": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				fmt.Fprintf(conn, "HTTP/1.1 307 %s\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", canary)
				_ = conn.Close()
			}
		}, "307 Temporary Redirect: it sends elsewhere"},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"secrets": [], "nextPageToken": "again"}`)
		}, "the list has no end"},
		"endless, and always new": {func(w http.ResponseWriter, req *http.Request) {
			n, _ := strconv.Atoi(req.URL.Query().Get("pageToken"))
			fmt.Fprintf(w, `{"secrets": [], "nextPageToken": "%d"}`, n+1)
		}, "the list has no end"},
		"too many": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"secrets": [{"id": "x"}%s]}`, strings.Repeat(`,{"id": "x"}`, platformimport.MaxItems))
		}, "there is more than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := platformimport.InstillList(t.Context(), platform(t, test.answer), "team", "")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("InstillList: %v, want an error with %q", err, test.want)
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the error quotes what was answered: %v", err)
			}
		})
	}
}

// Names from elsewhere do not change what is asked for.
func TestRemote_escapesNames(t *testing.T) {
	t.Parallel()
	var asked []string
	r := platform(t, func(w http.ResponseWriter, req *http.Request) {
		asked = append(asked, req.URL.EscapedPath())
		fmt.Fprint(w, `{}`)
	})
	for _, id := range []string{"a/../b", "a?acl=rw", "ü"} {
		if _, err := platformimport.DataOSSecret(t.Context(), r, platformimport.HeimdallID{ID: id, Namespace: "here"}); err != nil {
			t.Errorf("DataOSSecret(%q): %v", id, err)
		}
	}
	want := []string{"/heimdall/api/v1/secrets/a%2F..%2Fb", "/heimdall/api/v1/secrets/a%3Facl=rw", "/heimdall/api/v1/secrets/%C3%BC"}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked for other paths (-want +got):\n%s", diff)
	}
	if _, err := platformimport.DataOSSecret(t.Context(), r, platformimport.HeimdallID{ID: "..", Namespace: "here"}); err == nil {
		t.Error("DataOSSecret(..): no error")
	}
}

func TestRemote_verifiesTLS(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"secrets": []}`) }))
	t.Cleanup(s.Close)
	_, err := platformimport.InstillList(t.Context(), remote(t, platformimport.RemoteConfig{URL: s.URL}), "team", "")
	var refused *platformimport.RemoteError
	if !errors.As(err, &refused) || !strings.Contains(refused.Cause, "x509") {
		t.Errorf("InstillList from a server that nobody vouches for: %v, want a refused certificate", err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := platformimport.InstillList(t.Context(), remote(t, platformimport.RemoteConfig{URL: s.URL, CACert: ca}), "team", ""); err != nil {
		t.Errorf("InstillList with the authority's certificate: %v", err)
	}
}

func TestNewRemote_refuses(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]platformimport.RemoteConfig{
		"no URL":             {URL: "platform", Credential: "key"},
		"another scheme":     {URL: "file:///etc/passwd", Credential: "key"},
		"a password":         {URL: "https://u:" + canary + "@platform.test", Credential: "key"},
		"a query":            {URL: "https://platform.test/?x=" + canary, Credential: "key"},
		"no TLS":             {URL: "http://platform.test", Credential: "key"},
		"no credential":      {URL: "https://platform.test"},
		"two lines":          {URL: "https://platform.test", Credential: canary + "\r\nX: y"},
		"no CA certificates": {URL: "https://platform.test", Credential: "key", CACert: "/dev/null"},
	} {
		config.Header = "apikey"
		if _, err := platformimport.NewRemote(config); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("NewRemote with %s: %v, want an error that does not quote it", name, err)
		}
	}
}

// Secrets as Heimdall serves them become what was applied.
func TestDataOSSecret_decodes(t *testing.T) {
	t.Parallel()
	entry := func(key, value string) string {
		return fmt.Sprintf(`{"key": %q, "base64Value": %q}`, key, base64.StdEncoding.EncodeToString([]byte(value)))
	}
	pemText := "-----BEGIN KEY-----\nYWJj==\n-----END KEY-----"
	for name, test := range map[string]struct {
		id, data string
		wantID   string
		want     map[string]string
		refusal  string
	}{
		"key-value":       {"tokens_r", entry("A", "1") + "," + entry("B", "x=y\n"), "tokens-r", map[string]string{"A": "1", "B": "x=y\n"}, ""},
		"one pair":        {"tokens_r", entry("A", "a=b\n"), "tokens-r", map[string]string{"A": "a=b\n"}, ""},
		"properties":      {"orders_db_r", entry("orders-db-r", "username=u\npassword=a=b#c\n"), "orders-db-r", map[string]string{"username": "u", "password": "a=b#c"}, ""},
		"indented":        {"db_r", entry("db-r", "a=1\n   b=2\n\n"), "db-r", map[string]string{"a": "1", "b": "2"}, ""},
		"a PEM text":      {"sf_r", entry("sf-r", "key="+pemText+"\nusername=u\n"), "sf-r", map[string]string{"key": pemText, "username": "u"}, ""},
		"a file":          {"bq_rw", entry("bq-rw", "json_keyfile=bq-rw_sa.json\n") + "," + entry("bq-rw_sa.json", "{}"), "bq-rw", map[string]string{"json_keyfile": "{}"}, ""},
		"a file besides":  {"bq_rw", entry("bq-rw", "a=1\n") + "," + entry("left.json", "{}"), "bq-rw", map[string]string{"a": "1", "left.json": "{}"}, ""},
		"no properties":   {"db_r", entry("db-r", "a=1\n"+canary+"\n"), "", nil, "its properties: line 2 is no key and value"},
		"a key twice":     {"db_r", entry("db-r", "a=1\na=2\n"), "", nil, "its properties: line 2 is no key and value"},
		"an endless PEM":  {"db_r", entry("db-r", "a=-----BEGIN X-----\n"+canary+"\n"), "", nil, "its properties: line 2 is no key and value"},
		"no base64":       {"db_r", `{"key": "a", "base64Value": "` + canary + `!"}`, "", nil, `the value of "a" is not base64`},
		"an entry twice":  {"db_r", entry("a", "1") + "," + entry("a", "2"), "", nil, `"a" is there twice`},
		"nothing":         {"db_r", "", "", nil, "the answer holds no entry"},
		"a key like none": {"db_r", entry("a b", canary), "", nil, `"a b" cannot be the key of a payload`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := platform(t, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"id": "another", "data": [%s], "_links": {"self": "x"}}`, test.data)
			})
			item, err := platformimport.DataOSSecret(t.Context(), r, platformimport.HeimdallID{ID: test.id, Namespace: "here"})
			if err != nil {
				t.Fatal(err)
			}
			if item.Refusal != test.refusal {
				t.Fatalf("refused: %q, want %q", item.Refusal, test.refusal)
			}
			if test.refusal != "" {
				return
			}
			secret := item.Resource.(*cofferv1.Secret)
			if want := "namespaces/here/secrets/" + test.wantID; secret.GetName() != want || item.Source != "dataos:heimdall/"+test.id {
				t.Errorf("%s from %s, want %s", secret.GetName(), item.Source, want)
			}
			if diff := cmp.Diff(test.want, secret.GetPayload().GetData()); diff != "" {
				t.Errorf("the payload differs (-want +got):\n%s", diff)
			}
		})
	}
}

// A depot's secret is one of properties whatever its entry is called, and a depot may have none.
func TestDataOSDepot(t *testing.T) {
	t.Parallel()
	r := platform(t, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != "/ds/api/v2/depots/orders/secrets" {
			http.NotFound(w, req)
			return
		}
		value := base64.StdEncoding.EncodeToString([]byte("username=" + req.URL.Query().Get("acl") + "\n"))
		fmt.Fprintf(w, `{"id": "orders_%s", "data": [{"key": "orders", "base64Value": %q}]}`, req.URL.Query().Get("acl"), value)
	})
	for acl, want := range map[string]cofferv1.Secret_AccessMode{"r": cofferv1.Secret_READ, "rw": cofferv1.Secret_READ_WRITE} {
		items, err := platformimport.DataOSDepot(t.Context(), r, "orders", acl, "instance")
		if err != nil || len(items) != 1 {
			t.Fatalf("DataOSDepot(orders, %s): %d items, %v; want one", acl, len(items), err)
		}
		secret := items[0].Resource.(*cofferv1.Secret)
		if secret.GetName() != "namespaces/instance/secrets/orders-"+acl || secret.GetAccessMode() != want ||
			secret.GetPayload().GetData()["username"] != acl {
			t.Errorf("DataOSDepot(orders, %s) = %s with the keys and mode of another", acl, secret.GetName())
		}
	}
	items, err := platformimport.DataOSDepot(t.Context(), r, "none", "r", "instance")
	if err != nil || len(items) != 0 {
		t.Errorf("DataOSDepot(none) = %d items, %v; want none and no error", len(items), err)
	}
}
