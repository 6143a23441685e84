package plaintext_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

const canary = "c4n4ry-value"

// forms are what the canary looks like when it leaks.
var forms = []string{
	canary,
	hex.EncodeToString([]byte(canary)),
	strings.ToUpper(hex.EncodeToString([]byte(canary))),
	base64.StdEncoding.EncodeToString([]byte(canary)),
	strings.Trim(fmt.Sprint([]byte(canary)), "[]"), // decimal bytes
	fmt.Sprintf("%#v", []byte(canary))[len("[]byte{"):][:20],
}

func value() plaintext.Value { return plaintext.New([]byte(canary)) }

type (
	credential struct{ Password plaintext.Value }
	wrapper    struct{ plaintext.Value }
	hidden     struct{ password plaintext.Value }
)

// holders are the shapes in which a value may reach something that prints.
func holders() map[string]any {
	v := value()
	entry := plaintext.Entry{Value: v, Binary: true}
	return map[string]any{
		"value":            v,
		"pointer":          &v,
		"slice":            []plaintext.Value{v},
		"array":            [1]plaintext.Value{v},
		"map":              map[string]plaintext.Value{"password": v},
		"map of any":       map[string]any{"password": v},
		"entry":            entry,
		"pointer to entry": &entry,
		"payload":          plaintext.Payload{"password": entry},
		"exported field":   credential{v},
		"embedded":         wrapper{v},
		"unexported field": hidden{v},
		"stringer":         fmt.Stringer(v),
	}
}

func checkHidden(t *testing.T, where, output string) {
	t.Helper()
	for _, form := range forms {
		if strings.Contains(output, form) {
			t.Errorf("%s shows the value as %q", where, form)
		}
	}
}

func TestValue_fmtRedacts(t *testing.T) {
	for name, holder := range holders() {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%c", "%U", "%b", "%o", "%t", "%T", "%p", "%10.3s"} {
			checkHidden(t, verb+" of "+name, fmt.Sprintf(verb, holder))
		}
		checkHidden(t, "Sprint of "+name, fmt.Sprint(holder))
		checkHidden(t, "Sprintln of "+name, fmt.Sprintln(holder))
		checkHidden(t, "an error about "+name, fmt.Errorf("writing %v: %w", holder, errors.ErrUnsupported).Error())
	}
	for _, verb := range []string{"%v", "%s", "%#v", "%x", "%d"} {
		if got := fmt.Sprintf(verb, value()); got != "[redacted]" {
			t.Errorf("Sprintf(%q) = %q, want [redacted]", verb, got)
		}
	}
	if v := value(); v.String() != "[redacted]" || v.GoString() != "[redacted]" {
		t.Errorf("String() = %q, GoString() = %q, want [redacted]", v.String(), v.GoString())
	}
}

func TestValue_logsRedact(t *testing.T) {
	for name, holder := range holders() {
		var out bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
			logger := slog.New(handler)
			logger.Info("storing", "value", holder)
			slog.NewLogLogger(handler, slog.LevelInfo).Print(holder)
			logger.With("value", holder).Info("storing", slog.Group("request", slog.Any("value", holder)))
		}
		if out.Len() == 0 {
			t.Fatal("nothing was logged")
		}
		checkHidden(t, "a log of "+name, out.String())
	}
}

func TestValue_encodersRefuse(t *testing.T) {
	for name, holder := range holders() {
		b, err := json.Marshal(holder)
		checkHidden(t, "JSON of "+name, string(b))
		if !errors.Is(err, plaintext.ErrMarshal) && name != "unexported field" { // which JSON leaves out
			t.Errorf("json.Marshal of %s: %v, want ErrMarshal", name, err)
		}
		b, _ = xml.Marshal(holder)
		checkHidden(t, "XML of "+name, string(b))
		var out bytes.Buffer
		_ = gob.NewEncoder(&out).Encode(holder)
		checkHidden(t, "gob of "+name, out.String())
	}
	if _, err := value().MarshalText(); !errors.Is(err, plaintext.ErrMarshal) {
		t.Errorf("MarshalText: %v, want ErrMarshal", err)
	}
}

func TestValue_templateRedacts(t *testing.T) {
	tmpl := template.Must(template.New("").Parse(`{{.}} {{printf "%s %x" . .}} {{print .}} {{html .}} {{js .}}`))
	for name, holder := range holders() {
		var out bytes.Buffer
		if err := tmpl.Execute(&out, holder); err != nil {
			t.Fatalf("Execute: %v", err)
		}
		checkHidden(t, "a template of "+name, out.String())
	}
}

func TestValue_revealsWhatItWasGiven(t *testing.T) {
	if got := string(value().Reveal()); got != canary {
		t.Errorf("Reveal() = %q, want %q", got, canary)
	}
	if got := value().Len(); got != len(canary) {
		t.Errorf("Len() = %d, want %d", got, len(canary))
	}
	var zero plaintext.Value
	if zero.Len() != 0 || len(zero.Reveal()) != 0 || !plaintext.Equal(zero, plaintext.New([]byte{})) {
		t.Error("the zero Value is not the empty value")
	}
}

func TestEqual(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"", "", true},
		{"a", "a", true},
		{"a", "b", false},
		{"a", "", false},
		{"a", "aa", false},
		{"a\x00", "a", false},
	} {
		if got := plaintext.Equal(plaintext.New([]byte(tc.a)), plaintext.New([]byte(tc.b))); got != tc.want {
			t.Errorf("Equal(%q, %q) = %v, want %v", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestPayload_Equal(t *testing.T) {
	entry := func(s string) plaintext.Entry { return plaintext.Entry{Value: plaintext.New([]byte(s))} }
	binary := plaintext.Entry{Value: plaintext.New([]byte("1")), Binary: true}
	payloads := []plaintext.Payload{
		{},
		{"a": entry("")},
		{"b": entry("")},
		{"a": entry("1")},
		{"a": entry("2")},
		{"b": entry("1")},
		{"a": binary},
		{"a": entry("1"), "b": entry("2")},
		{"a": entry("2"), "b": entry("1")},
	}
	for i, p := range payloads {
		for j, q := range payloads {
			if got := p.Equal(q); got != (i == j) {
				t.Errorf("payloads[%d].Equal(payloads[%d]) = %v", i, j, got)
			}
		}
	}
	if !plaintext.Payload(nil).Equal(plaintext.Payload{}) {
		t.Error("nil and empty payloads differ")
	}
}

func TestPayload_Size(t *testing.T) {
	p := plaintext.Payload{"password": {Value: value()}, "k": {Value: plaintext.New([]byte{1, 2}), Binary: true}}
	if got, want := p.Size(), len("password")+len(canary)+len("k")+2; got != want {
		t.Errorf("Size() = %d, want %d", got, want)
	}
}
