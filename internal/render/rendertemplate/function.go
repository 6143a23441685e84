package rendertemplate

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"al.essio.dev/pkg/shellescape"
)

// function is one that templates of both engines call: in Liquid its subject comes before the bar, in Go last. It is pure,
// and its errors tell no value. What it makes is checked by its caller; one that could make far more than MaxOutput
// checks that beforehand.
type function struct {
	min, max int // arguments besides the subject
	call     func(r *run, subject any, args []any) (any, error)
}

var (
	errNoText   = errors.New("it takes a text")
	errNoList   = errors.New("it takes a list")
	errNoNumber = errors.New("it takes a whole number that is not too big")
	errNothing  = errors.New("it takes a text, and there is none")
	errNode     = errors.New("it takes the value of a key, and not a whole secret")
	errNoUTF8   = errors.New("it takes UTF-8")
	errNUL      = errors.New("it takes a text without NUL")
	errNoBase64 = errors.New("it takes base64")
	errNoURL    = errors.New("it takes a text that is escaped for URLs")
	errUnfit    = errors.New("it cannot take what it is given")
	errNoJSON   = errors.New("it takes what JSON can hold")
)

// functions are those of both engines, by every name they have. Nothing changes them.
var functions = func() map[string]function {
	encode, decode := always(encodeBase64), ofText(decodeBase64)
	toJSON, toYAML := function{0, 0, quoteJSON}, ofUTF8(quoteYAML)
	query, path := always(url.QueryEscape), always(url.PathEscape)
	shell, properties := ofText(quoteShell), ofUTF8(func(s string) (string, error) { return QuoteProperties(s), nil })
	lower, upper, trim := ofUTF8(plain(strings.ToLower)), ofUTF8(plain(strings.ToUpper)), always(strings.TrimSpace)
	return map[string]function{
		"b64enc": encode, "base64_encode": encode,
		"b64dec": decode, "base64_decode": decode,
		"json": toJSON, "toJson": toJSON, "quoteJson": toJSON, "quote_json": toJSON, "quote": toJSON,
		"toYaml": toYAML, "quoteYaml": toYAML, "quote_yaml": toYAML,
		"urlquery": query, "url_encode": query, "urlpath": path, "url_path": path,
		"url_decode": ofText(decodeQuery),
		"quoteShell": shell, "quote_shell": shell,
		"quoteProperties": properties, "quote_properties": properties,
		"html":  always(html.EscapeString),
		"lower": lower, "downcase": lower, "upper": upper, "upcase": upper, "trim": trim, "strip": trim,
		"trimPrefix": affix(strings.TrimPrefix), "trimSuffix": affix(strings.TrimSuffix),
		"hasPrefix": affix(strings.HasPrefix), "hasSuffix": affix(strings.HasSuffix),
		"replace": {2, 2, replace}, "split": {1, 1, split}, "splitList": {1, 1, split}, "join": {0, 1, join},
		"default": {1, 1, fallback}, "indent": {1, 1, indent}, "nindent": {1, 1, nindent},
		"truncate": {0, 2, truncate}, "uniq": {0, 0, uniq},
	}
}()

// apply calls f within the bounds of the run.
func (r *run) apply(name string, f function, subject any, args []any) (any, error) {
	if len(args) < f.min || len(args) > f.max {
		return nil, r.fail(fmt.Errorf("%w: %s takes another number of arguments", ErrFailed, name))
	}
	for _, v := range append([]any{subject}, args...) {
		if err := r.take(v); err != nil {
			return nil, err
		}
	}
	result, err := f.call(r, subject, args)
	switch {
	case r.err != nil:
		return nil, r.err
	case err != nil:
		return nil, r.fail(fmt.Errorf("%w: %s: %w", ErrFailed, name, err))
	}
	return result, r.take(result)
}

// text is v as a template prints it.
func text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case rune:
		return strconv.Itoa(int(v)), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case nil:
		return "", errNothing
	case node:
		return "", errNode
	}
	return "", errNoText
}

// textArg is the i-th argument, or else what it is by default.
func textArg(args []any, i int, otherwise string) (string, error) {
	if i >= len(args) {
		return otherwise, nil
	}
	return text(args[i])
}

// countArg is the i-th argument as a count, or else what it is by default.
func countArg(args []any, i, otherwise int) (int, error) {
	if i >= len(args) {
		return otherwise, nil
	}
	n, ok := args[i].(int)
	if s, isText := args[i].(string); isText {
		var err error
		n, err = strconv.Atoi(s)
		ok = err == nil
	}
	if !ok || n < 0 || n > MaxOutput {
		return 0, errNoNumber
	}
	return n, nil
}

func ofText(f func(string) (string, error)) function {
	return function{0, 0, func(_ *run, subject any, _ []any) (any, error) {
		s, err := text(subject)
		if err != nil {
			return nil, err
		}
		return f(s)
	}}
}

func ofUTF8(f func(string) (string, error)) function {
	return ofText(func(s string) (string, error) {
		if !utf8.ValidString(s) {
			return "", errNoUTF8
		}
		return f(s)
	})
}

func plain(f func(string) string) func(string) (string, error) {
	return func(s string) (string, error) { return f(s), nil }
}

func always(f func(string) string) function { return ofText(plain(f)) }

func affix[T any](f func(s, affix string) T) function {
	return function{1, 1, func(_ *run, subject any, args []any) (any, error) {
		s, err := text(subject)
		if err != nil {
			return nil, err
		}
		a, err := text(args[0])
		return f(s, a), err
	}}
}

func encodeBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// decodeBase64 takes the standard alphabet and that of URLs, padded or not.
func decodeBase64(s string) (string, error) {
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := e.DecodeString(s); err == nil {
			return string(b), nil
		}
	}
	return "", errNoBase64
}

func decodeQuery(s string) (string, error) {
	s, err := url.QueryUnescape(s)
	if err != nil {
		return "", errNoURL // the cause quotes the text
	}
	return s, nil
}

func quoteShell(s string) (string, error) {
	if strings.ContainsRune(s, 0) {
		return "", errNUL
	}
	return shellescape.Quote(s), nil
}

// quoteJSON takes lists and whole secrets, too.
func quoteJSON(_ *run, subject any, _ []any) (any, error) {
	texts := []string{}
	switch v := subject.(type) {
	case string:
		texts = append(texts, v)
	case []string:
		texts = append(texts, v...)
	case node:
		entries, err := v.texts()
		if err != nil {
			return nil, err
		}
		for _, s := range entries {
			texts = append(texts, s)
		}
		subject = entries
	case bool, int, int64, float64:
	default:
		return nil, errNoJSON
	}
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return nil, errNoUTF8
		}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(subject); err != nil {
		return nil, errNoJSON // the cause could quote the value
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
