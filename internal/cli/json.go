package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonStart is how a document in JSON begins, and hardly one in YAML.
var jsonStart = regexp.MustCompile(`^[ \t\r\n]*\{[ \t\r\n]*["}]`)

// decodeJSON reads a document that is JSON. Read as YAML, which knows more line breaks and fewer escapes, its values could
// be others. A key given twice, and what stands for no character, are refused.
func decodeJSON(text string) (map[string]any, error) {
	d := jsontext.NewDecoder(strings.NewReader(text))
	value, err := jsonValue(d, 0)
	if err == nil {
		if _, more := d.ReadToken(); !errors.Is(more, io.EOF) {
			return nil, usage(position(text, d.InputOffset()) + "not valid JSON: more follows; a line with --- divides documents")
		}
	}
	syntax, malformed := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case malformed:
		return nil, usage(position(text, syntax.ByteOffset) + jsonCause(syntax))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, usage("not valid JSON: it ends too early")
	case err != nil:
		return nil, usage(position(text, d.InputOffset()) + err.Error())
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, usage(wantMapping)
	}
	return object, nil
}

// position names a place in a document; columns are counted in characters.
func position(text string, offset int64) string {
	before := text[:min(int(offset), len(text))]
	column := 1 + utf8.RuneCountInString(before[1+strings.LastIndexByte(before, '\n'):])
	return fmt.Sprintf("line %d of the document, column %d: ", 1+strings.Count(before, "\n"), column)
}

// jsonCause tells what is wrong. The parser's own words may quote a value.
func jsonCause(err *jsontext.SyntacticError) string {
	switch text := err.Err.Error(); {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return "the key " + err.JSONPointer.LastToken() + " is given twice"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "not valid JSON: it ends too early"
	case strings.Contains(text, "UTF-8"):
		return "not valid JSON: text that is not UTF-8"
	case strings.Contains(text, "surrogate"), strings.Contains(text, "escape"):
		return "not valid JSON: an escape that stands for no character"
	}
	return "not valid JSON"
}

func jsonValue(d *jsontext.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		return jsonObject(d, depth)
	case '[':
		list := []any{}
		for d.PeekKind() != ']' {
			entry, err := jsonValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, entry)
		}
		_, err := d.ReadToken()
		return list, err
	case '"':
		return token.String(), nil
	case '0':
		return json.Number(token.String()), nil
	case 'n':
		return nil, nil //nolint:nilnil // null
	}
	return token.Kind() == 't', nil
}

func jsonObject(d *jsontext.Decoder, depth int) (map[string]any, error) {
	object := map[string]any{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String() // the token is good until the next is read
		if object[key], err = jsonValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken()
	return object, err
}
