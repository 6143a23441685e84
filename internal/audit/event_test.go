package audit_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
)

// hostile are strings that would break a careless log.
var hostile = map[string]string{
	"newline":        "a\nb\r\nc",
	"forged record":  "x\"}\n{\"seq\":9,\"time\":\"2026-11-22T01:02:03Z\",\"kind\":\"DECISION\"}\n",
	"forged mac":     `x","mac":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`,
	"quotes":         `"'` + "`" + `\\\"`,
	"control":        "\x00\x01\x1b[2J\x7f\b\t",
	"C1 control":     "\u0085\u009b31m",
	"separators":     "a\u2028b\u2029c",
	"bidirectional":  "a\u202eb\u2066c",
	"byte order":     "\ufeffx",
	"invalid UTF-8":  "a\xff\xfe\xc0\xafb\xed\xa0\x80",
	"beyond the BMP": "🔑\U000e0001",
	"html":           "<script>&amp;</script>",
	"very long":      strings.Repeat("x", 1<<20),
	"long wide":      strings.Repeat("é", 1<<10),
	"long control":   strings.Repeat("\x00", 1<<20),
	"long quote":     strings.Repeat(`"`, 1<<10),
}

// everywhere puts s into every string of an event.
func everywhere(s string) *audit.Event {
	reasons := make([]string, 20)
	for i := range reasons {
		reasons[i] = s
	}
	return &audit.Event{
		Kind: audit.Kind(s), RequestID: s, Principal: s, AuthnMethod: s, TokenName: s, Source: s, Client: s, Method: s, Action: s,
		Resource: s, ResourceUID: s, Decision: audit.Decision(s), Reasons: reasons, Code: s, Detail: s, Duration: -1, Count: 1,
	}
}

func checkLine(t *testing.T, line, s string) {
	t.Helper()
	if len(line) > 32<<10 {
		t.Errorf("line of %d bytes", len(line))
	}
	for _, r := range line {
		if !unicode.IsPrint(r) || !utf8.ValidRune(r) {
			t.Errorf("line holds %U", r)
		}
	}
	var e audit.Event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		t.Fatalf("line is not JSON: %v", err)
	}
	checkString(t, e.Principal, s)
}

// checkString wants got to be s, made valid and perhaps cut.
func checkString(t *testing.T, got, s string) {
	t.Helper()
	want := string([]rune(s))
	if begin, cut := strings.CutSuffix(got, "…"); cut && len(s) > 80 && strings.HasPrefix(want, begin) {
		return // at worst, six bytes are written for one
	}
	if got != want {
		t.Errorf("read %q, want %q", got, want)
	}
}

func TestRecord_hostileStringsKeepToTheirLine(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	n := uint64(0)
	for name, s := range hostile {
		t.Run(name, func(t *testing.T) {
			if err := l.Record(t.Context(), everywhere(s), audit.Written); err != nil {
				t.Fatalf("Record: %v", err)
			}
			n++
			lines := strings.Split(read(t, segmentFiles(t, cfg)[0]), "\n")
			if len(lines) != int(n)+1 {
				t.Fatalf("%d lines after %d records", len(lines)-1, n)
			}
			checkLine(t, lines[n-1], s)
			verify(t, l, audit.Report{Records: n, FirstSeq: 1, LastSeq: n, Segments: 1})
		})
	}
	closeLog(t, l)
	if got := list(t, open(t, cfg), audit.Query{}); len(got) != len(hostile) {
		t.Errorf("%d events listed, want %d", len(got), len(hostile))
	}
}

// What whoever may do nothing chooses freely is short, and names are whole.
func TestRecord_boundsWhatCallersChoose(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	longest := "namespaces/" + strings.Repeat("n", 63) + "/serviceAccounts/" + strings.Repeat("a", 128) + "/tokens/" + strings.Repeat("t", 128)
	n := 0
	for name, s := range hostile {
		e := &audit.Event{Kind: audit.KindDecision, TokenName: longest, Client: s, Resource: "namespaces/" + s}
		if err := l.Record(t.Context(), e, audit.Written); err != nil {
			t.Fatalf("Record: %v", err)
		}
		n++
		line := strings.Split(read(t, segmentFiles(t, cfg)[0]), "\n")[n-1]
		if limit := 430 + len(longest); len(line) > limit {
			t.Errorf("%s: line of %d bytes, want no more than %d: %s", name, len(line), limit, line)
		}
		checkLine(t, line, "")
	}
	e := &audit.Event{Kind: audit.KindDecision, TokenName: longest, Client: strings.Repeat("c", 128), Resource: longest}
	if err := l.Record(t.Context(), e, audit.Written); err != nil {
		t.Fatal(err)
	}
	if got := list(t, l, audit.Query{PageSize: 1})[0]; got.Resource != longest || got.TokenName != longest || got.Client != e.Client {
		t.Errorf("read %+v, want %+v", got, e)
	}
}

func TestRecord_boundsReasons(t *testing.T) {
	l := open(t, newConfig(t))
	e := event(1)
	e.Reasons = strings.Split(strings.Repeat("g ", 20), " ")[:20]
	if err := l.Record(t.Context(), e, audit.Written); err != nil {
		t.Fatal(err)
	}
	want := append(strings.Split(strings.Repeat("g ", 15), " ")[:15], "and 5 more")
	if diff := cmp.Diff(want, list(t, l, audit.Query{})[0].Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func FuzzRecord(f *testing.F) {
	for _, s := range hostile {
		if len(s) < 1<<10 {
			f.Add(s)
		}
	}
	cfg := newConfig(f)
	l := open(f, cfg)
	f.Fuzz(func(t *testing.T, s string) {
		if err := l.Record(t.Context(), everywhere(s), audit.Written); err != nil {
			t.Fatalf("Record: %v", err)
		}
		page, err := l.List(t.Context(), audit.Query{PageSize: 1})
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		checkString(t, page.Events[0].Principal, s)
	})
}
