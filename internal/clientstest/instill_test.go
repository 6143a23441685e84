//go:build interop

package clientstest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var root = filepath.Join("..", "..")

// The commands of Instill's manual, pasted as they are but for the names and the token that they ask for, and the port.
func TestInstill_commands(t *testing.T) {
	m := makeRun(t, root)
	m.call("POST", "/v1/namespaces?namespaceId=test", `{}`)
	m.call("POST", "/v1beta/namespaces/test/secrets", `{"id": "my-secret-1", "description": "A secret", "value": "the-secret-value"}`)
	secret := func(description string) string {
		return fmt.Sprintf(`{"name":"users/test/secrets/my-secret-1","uid":"UUID","id":"my-secret-1","createTime":"TIME","updateTime":"TIME","description":%q}`, description)
	}
	const brief = "A brief description of your secret"
	for _, step := range []struct{ command, want string }{
		{"list", `200 {"secrets":[` + secret("A secret") + `],"nextPageToken":"","totalSize":1}`},
		{"get", `200 {"secret":` + secret("A secret") + `}`},
		{"update", `200 {"secret":` + secret(brief) + `}`},
		{"get", `200 {"secret":` + secret(brief) + `}`},
		{"delete", `204`},
		{"get", `404 {"code":5,"message":"not found","details":[]}`},
		{"delete", `404 {"code":5,"message":"not found","details":[]}`},
		{"list", `200 {"secrets":[],"nextPageToken":"","totalSize":0}`},
	} {
		if got := m.paste(step.command, m.token); got != step.want {
			t.Errorf("%s:\n got %s\nwant %s", step.command, got, step.want)
		}
		if step.command == "update" { // the line break of the manual is part of the value
			if got := m.call("GET", "/v1/namespaces/test/secrets/my-secret-1/versions/active:access", ""); !strings.Contains(got, `"The\nsecret value"`) {
				t.Errorf("the value is %s", got)
			}
		}
	}
	if got, want := m.paste("list", "wrong"), `401 {"code":16,"message":"the credential is missing or not valid","details":[]}`; got != want {
		t.Errorf("with a wrong token: %s, want %s", got, want)
	}
}

var (
	aUUID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	aTime = regexp.MustCompile(`20\d\d-\d\d-\d\dT[0-9:.]+Z`)
)

// paste runs a command in a shell and returns the status and the body of the answer.
func (m made) paste(command, token string) string {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "instill", command+".sh"))
	if err != nil {
		m.t.Fatal(err)
	}
	// What the command leaves to the user's settings: to say the status too, and nothing else.
	home := m.t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".curlrc"), []byte("silent\nshow-error\nnoproxy = \"*\"\nwrite-out = \"\\n%{http_code}\"\n"), 0o600); err != nil {
		m.t.Fatal(err)
	}
	_, port, _ := strings.Cut(m.address, ":")
	pasted := strings.NewReplacer("NAMESPACE_ID", "test", "SECRET_ID", "my-secret-1", "********", token, ":8080", ":"+port).Replace(string(text))
	cmd := exec.CommandContext(m.t.Context(), "bash", "-e")
	cmd.Stdin, cmd.Stderr = strings.NewReader(pasted), m.t.Output()
	cmd.Env = append(os.Environ(), "HOME="+home)
	out, err := cmd.Output()
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", command, err, out)
	}
	i := bytes.LastIndexByte(out, '\n')
	var body bytes.Buffer
	if i > 0 {
		if err := json.Compact(&body, out[:i]); err != nil {
			m.t.Fatalf("%s: %v in %s", command, err, out)
		}
	}
	answer := aTime.ReplaceAllString(aUUID.ReplaceAllString(body.String(), "UUID"), "TIME")
	return strings.TrimSpace(string(out[i+1:]) + " " + answer)
}

// told is a line of the program that uses the SDK.
type told struct {
	Step    string
	Secret  map[string]string
	IDs     []string
	Total   int
	More    bool
	Refused bool
}

// Instill's own SDK, as it is published.
func TestInstill_sdk(t *testing.T) {
	asked := exec.CommandContext(t.Context(), "make", "--question", ".cache/instill/.stamp")
	asked.Dir, asked.Env = root, plainEnvironment()
	if err := asked.Run(); err != nil {
		t.Fatal("Instill's SDK is not installed, or not as its requirements.txt says: run `make clients` before, which takes minutes")
	}
	m := makeRun(t, root)
	for _, namespace := range []string{"test", "many"} {
		m.call("POST", "/v1/namespaces?namespaceId="+namespace, `{}`)
	}
	secret := func(description string) map[string]string {
		return map[string]string{
			"name": "users/test/secrets/my-secret-1", "uid": "UUID", "id": "my-secret-1", "create_time": "TIME", "update_time": "TIME", "description": description,
		}
	}
	const brief, another = "A brief description of your secret", "Another description"
	out, err := m.program("test", "story", m.token)
	if diff := cmp.Diff([]told{
		{Step: "create", Secret: secret("A secret")},
		{Step: "get", Secret: secret("A secret")},
		{Step: "update", Secret: secret(brief)},
		{Step: "describe", Secret: secret(another)},
		{Step: "list", IDs: []string{"my-secret-1"}, Total: 1},
		{Step: "create again", Refused: true},
		{Step: "on behalf", Secret: secret(another)},
	}, m.read(out, err)); diff != "" {
		t.Errorf("the story (-want +got):\n%s", diff)
	}
	// The update without a value, and without a mask, has kept the one before.
	if got := m.call("GET", "/v1/namespaces/test/secrets/my-secret-1/versions/active:access", ""); !strings.Contains(got, `"The secret value"`) {
		t.Errorf("the value is %s", got)
	}

	var all []string // the newest first
	for i := range 255 {
		all = append(all, fmt.Sprint("s", i))
	}
	slices.Reverse(all)
	out, err = m.program("many", "paging", m.token)
	if diff := cmp.Diff([]told{
		{Step: "default", IDs: all[:10], Total: 255, More: true},
		{Step: "page", IDs: all[:100], Total: 255, More: true},
		{Step: "page", IDs: all[100:200], Total: 255, More: true},
		{Step: "page", IDs: all[200:], Total: 255},
		{Step: "deleted", IDs: []string{}},
	}, m.read(out, err)); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}

	for what, call := range map[string]struct{ story, token, code, message string }{
		"a missing secret": {"missing", m.token, "StatusCode.NOT_FOUND", "not found"},
		"a wrong token":    {"missing", "cfr_wrong", "StatusCode.UNAUTHENTICATED", "the credential is missing or not valid"},
	} {
		out, err := m.program("test", call.story, call.token)
		if text := string(out); err == nil || !strings.Contains(text, call.code) || !strings.Contains(text, call.message) || strings.Contains(text, "not reached") {
			t.Errorf("%s: %v\n%s\nwant %s: %s", what, err, out, call.code, call.message)
		}
	}
}

// program runs the program that uses the SDK, and returns all that it writes.
func (m made) program(namespace, story, token string) ([]byte, error) {
	m.t.Helper()
	python := filepath.Join(root, ".cache", "instill", "bin", "python")
	cmd := exec.CommandContext(m.t.Context(), python, filepath.Join("testdata", "instill", "sdk.py"), m.address, namespace, story)
	cmd.Env = append(os.Environ(), "INSTILL_API_TOKEN="+token, "no_proxy=127.0.0.1")
	return cmd.CombinedOutput()
}

// read takes the lines of the program out of what it wrote: the SDK logs among them.
func (m made) read(out []byte, err error) (lines []told) {
	m.t.Helper()
	if err != nil {
		m.t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		line = aTime.ReplaceAllString(aUUID.ReplaceAllString(line, "UUID"), "TIME")
		var l told
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			m.t.Fatalf("%v in %s", err, line)
		}
		lines = append(lines, l)
	}
	return lines
}
