package filter_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/filter"
)

// term is a piece of an expression: its text, and what it says of an item, told without the package.
type term struct {
	text  string
	holds func(get func(string) any) bool
}

var words = []string{"a", "b", "ab", "b-a", "a.b", "2", "", "A"}

// written returns a value as an expression may spell it.
func written(t *rapid.T, value string) string {
	if value == "" || rapid.Bool().Draw(t, "quoted") {
		return strconv.Quote(value)
	}
	return value
}

// relation returns an operator and whether it holds for an order.
func relation(t *rapid.T) (string, func(int) bool) {
	operator := rapid.SampledFrom([]string{"=", "!=", "<", "<=", ">", ">="}).Draw(t, "operator")
	return rapid.SampledFrom([]string{"", " "}).Draw(t, "space") + operator, func(order int) bool {
		switch operator {
		case "=":
			return order == 0
		case "!=":
			return order != 0
		case "<":
			return order < 0
		case "<=":
			return order <= 0
		case ">":
			return order > 0
		}
		return order >= 0
	}
}

// drawRestriction draws a comparison of any kind, and how it is meant to come out.
func drawRestriction(t *rapid.T) term {
	word := rapid.SampledFrom(words).Draw(t, "word")
	switch rapid.IntRange(0, 7).Draw(t, "restriction") {
	case 0:
		operator, holds := relation(t)
		return term{"description" + operator + written(t, word), func(get func(string) any) bool {
			return holds(strings.Compare(get("description").(string), word))
		}}
	case 1:
		return term{"description:" + written(t, word), func(get func(string) any) bool {
			return strings.Contains(strings.ToLower(get("description").(string)), strings.ToLower(word))
		}}
	case 2:
		operator, holds := relation(t)
		n := rapid.Int64Range(-2, 2).Draw(t, "n")
		return term{fmt.Sprint("version", operator, n), func(get func(string) any) bool {
			return holds(int(get("version").(int64) - n))
		}}
	case 3:
		operator, holds := relation(t)
		at := time.Unix(rapid.Int64Range(0, 2).Draw(t, "at"), 0).In(time.FixedZone("", rapid.IntRange(-9, 9).Draw(t, "zone")*3600))
		return term{"createTime" + operator + written(t, at.Format(time.RFC3339)), func(get func(string) any) bool {
			return holds(int(get("create_time").(time.Time).Unix() - at.Unix()))
		}}
	case 4:
		operator, holds := relation(t)
		key := rapid.SampledFrom([]string{"k", "a-b", "a.b/c"}).Draw(t, "key")
		return term{"labels." + key + operator + written(t, word), func(get func(string) any) bool {
			v, ok := get("labels").(map[string]string)[key]
			return ok && holds(strings.Compare(v, word))
		}}
	case 5:
		return term{"labels:" + written(t, word), func(get func(string) any) bool {
			_, ok := get("labels").(map[string]string)[word]
			return ok
		}}
	case 6:
		return term{"keys:" + written(t, word), func(get func(string) any) bool {
			return slices.Contains(get("keys").([]string), word)
		}}
	}
	return term{written(t, word), func(get func(string) any) bool {
		return strings.Contains(strings.ToLower(get("name").(string)), strings.ToLower(word))
	}}
}

// drawTerm draws an expression of limited depth. Whatever is joined stands in parentheses, so that the model needs no
// precedence; TestMatch has the cases of it.
func drawTerm(t *rapid.T, depth int) term {
	form := 0
	if depth > 0 {
		form = rapid.IntRange(0, 4).Draw(t, "form")
	}
	if form == 0 {
		return drawRestriction(t)
	}
	a := drawTerm(t, depth-1)
	if form == 1 {
		not := rapid.SampledFrom([]string{"NOT ", "NOT", "-"}).Draw(t, "not")
		return term{not + "(" + a.text + ")", func(get func(string) any) bool { return !a.holds(get) }}
	}
	b := drawTerm(t, depth-1)
	joint := map[int]string{2: " ", 3: " AND ", 4: " OR "}[form]
	return term{"(" + a.text + ")" + joint + "( " + b.text + " )", func(get func(string) any) bool {
		if form == 4 {
			return a.holds(get) || b.holds(get)
		}
		return a.holds(get) && b.holds(get)
	}}
}

func TestMatch_model(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom(words)
		values := map[string]any{
			"name":        word.Draw(t, "name"),
			"description": word.Draw(t, "description"),
			"version":     rapid.Int64Range(-2, 2).Draw(t, "version"),
			"create_time": time.Unix(rapid.Int64Range(0, 2).Draw(t, "create_time"), 0).UTC(),
			"labels":      rapid.MapOfN(rapid.SampledFrom(append(words, "k", "a-b", "a.b/c")), word, 0, 4).Draw(t, "labels"),
			"keys":        rapid.SliceOfN(word, 0, 3).Draw(t, "keys"),
		}
		get := func(field string) any { return values[field] }
		e := drawTerm(t, 3)
		f, err := filter.Parse(e.text, fields)
		if err != nil {
			t.Fatalf("Parse(%q) = %v", e.text, err)
		}
		if got, want := f.Match(get), e.holds(get); got != want {
			t.Fatalf("Parse(%q).Match(%v) = %v, want %v", e.text, values, got, want)
		}
	})
}
