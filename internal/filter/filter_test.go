package filter_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/filter"
)

// fields and item have one field of each kind, and some that the item lacks.
var fields = filter.Fields{
	"name": filter.String, "description": filter.String, "version": filter.Int, "managed": filter.Bool,
	"create_time": filter.Timestamp, "expire_time": filter.Timestamp, "labels": filter.StringMap,
	"annotations": filter.StringMap, "keys": filter.StringList, "state": filter.Enum,
}

func item(field string) any {
	return map[string]any{
		"name":        "namespaces/acme/secrets/orders-db",
		"description": `Orders "DB" of (EU)`,
		"version":     int64(7),
		"managed":     true,
		"create_time": time.Date(2026, 3, 4, 12, 0, 0, 500, time.UTC),
		"expire_time": time.Time{},
		"labels":      map[string]string{"team": "orders", "cost-center": "42", "app.kubernetes.io/name": "pg", "empty": ""},
		"keys":        []string{"user", "password"},
		"state":       "ENABLED",
	}[field]
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		expression string
		want       bool
	}{
		{"", true},
		{" \t\n", true},

		// Bare words.
		{"orders", true},
		{"ORDERS-db", true},
		{`"orders-db"`, true},
		{"orders db", true},
		{"orders nothing", false},
		{"acme", false},
		{"order*", true},
		{"db*", false},
		{"*-db", true},
		{"-orders", false},
		{"NOT orders", false},
		{"version", false},
		{"*", true},
		{"2fa", false},
		{"orders.db", false},

		// Strings.
		{`name = "namespaces/acme/secrets/orders-db"`, true},
		{`name=namespaces/acme/secrets/orders-db`, true},
		{`name = "orders-db"`, false},
		{`name = "*/orders-db"`, true},
		{`name = "namespaces/acme/*"`, true},
		{`name = "*acme*"`, true},
		{`name = "*ACME*"`, false},
		{`name = "name*db"`, false},
		{`name != "*acme*"`, false},
		{`name > namespaces/acme`, true},
		{`name >= "namespaces/acme/secrets/orders-db"`, true},
		{`name < a`, false},
		{`name <= "o"`, true},
		{`description:db`, true},
		{`description : "of (eu)"`, true},
		{`description:"\"DB\""`, true},
		{`description:'"db"'`, true},
		{`description:"orders*"`, true},
		{`description:"*orders"`, false},
		{`description:*`, true},
		{`description = ""`, false},

		// Integers, booleans, enums.
		{"version = 7", true},
		{`version = "7"`, true},
		{"version:7", true},
		{"version != 7", false},
		{"version > -5", true},
		{"version<7", false},
		{"version<=7", true},
		{"version >= 8", false},
		{"version:*", true},
		{"managed = true", true},
		{"managed = false", false},
		{"managed != false", true},
		{"managed:true", true},
		{"state = ENABLED", true},
		{`state = "ENABLED"`, true},
		{"state = enabled", false},
		{"state != DISABLED", true},
		{"state:ENABLED", true},
		{"state = ENABLE*", false},
		{"state:(DISABLED OR ENABLED)", true},
		{"state = (DISABLED OR DESTROYED)", false},
		{"state = (NOT DISABLED)", true},

		// Timestamps.
		{`create_time > "2026-03-04T11:59:59Z"`, true},
		{`createTime > 2026-03-04T12:00:00Z`, true},
		{`create_time < 2026-03-04T12:30:00+02:00`, false},
		{`create_time = 2026-03-04T14:00:00.0000005+02:00`, true},
		{`create_time <= 2026-03-04T12:00:00-01:00 AND create_time >= 2026-01-01T00:00:00Z`, true},
		{`create_time:*`, true},
		{`expire_time:*`, false},
		{`expire_time < 2030-01-01T00:00:00Z`, false},
		{`expire_time != 2030-01-01T00:00:00Z`, false},
		{`NOT expire_time < 2030-01-01T00:00:00Z`, true},

		// Maps and lists.
		{"labels:team", true},
		{"labels:other", false},
		{`labels:"cost-center"`, true},
		{"labels:cost-center", true},
		{"labels:app.kubernetes.io/name", true},
		{"labels:*", true},
		{"annotations:*", false},
		{"annotations:a", false},
		{"labels.team = orders", true},
		{"labels.team:orders", true},
		{"labels.team:order", false},
		{"labels.team:ord*", true},
		{"labels.team:*", true},
		{"labels.empty:*", true},
		{`labels.empty = ""`, true},
		{"labels.other:*", false},
		{"labels.cost-center = 42", true},
		{`labels."cost-center" = 42`, true},
		{"labels.cost-center > 5", false},
		{"labels.app.kubernetes.io/name = pg", true},
		{"labels.team != billing", true},
		{"labels.other != x", false},
		{"NOT labels.other = x", true},
		{"-labels.other:x", true},
		{"keys:password", true},
		{"keys:pass", false},
		{"keys:pass*", true},
		{"keys:(nothing OR user)", true},
		{"keys:(nothing AND user)", false},
		{"keys:*", true},

		// Precedence and layout.
		{"nothing AND nothing OR orders", false},
		{"orders OR nothing AND nothing", false},
		{"orders OR (nothing AND nothing)", true},
		{"orders version = 7 OR nothing", true},
		{"NOT(nothing)", true},
		{"orders AND(db)", true},
		{"-(orders db)", false},
		{"( orders  OR\n nothing )  ", true},
		{"orders -nothing", true},
	} {
		f, err := filter.Parse(tt.expression, fields)
		if err != nil {
			t.Errorf("Parse(%q) = %v", tt.expression, err)
		} else if got := f.Match(item); got != tt.want {
			t.Errorf("Parse(%q).Match(item) = %v, want %v", tt.expression, got, tt.want)
		}
	}
}

// TestParse_nested would not end if any construct were parsed or compiled twice at each level.
func TestParse_nested(t *testing.T) {
	for _, tt := range []struct{ prefix, open string }{
		{"", "("},
		{"", "-("},
		{"", "NOT("},
		{"", "a OR ("},
		{"", "a AND ("},
		{"", "a ("},
		{"", "(a) ("},
		{"state:", "("},
		{"state:", "(-"},
		{"state:", "(A OR "},
		{"labels.a:", "(NOT "},
	} {
		expression := tt.prefix + strings.Repeat(tt.open, filter.MaxGroups/strings.Count(tt.open, "(")) + "A"
		expression += strings.Repeat(")", strings.Count(expression, "(")-strings.Count(expression, ")"))
		f, err := filter.Parse(expression, fields)
		if err != nil {
			t.Errorf("Parse(%q) = %v", expression, err)
			continue
		}
		f.Match(item)
	}
}

func TestMatch_absent(t *testing.T) {
	absent := func(string) any { return nil }
	for field := range fields {
		f, err := filter.Parse(field+":*", fields)
		if err != nil {
			t.Fatalf("Parse(%s:*) = %v", field, err)
		}
		if f.Match(absent) {
			t.Errorf("%s:* matches an item without it", field)
		}
	}
	if !new(filter.Filter).Match(absent) {
		t.Error("the zero Filter does not match")
	}
}

func TestParse_invalid(t *testing.T) {
	for _, tt := range []struct{ expression, want string }{
		{"ownr = x", `unknown field "ownr", known are annotations, create_time`},
		{`"a.b" = x`, `unknown field "a.b"`},
		{strings.Repeat("x", 2000) + " = y", `unknown field "` + strings.Repeat("x", 64) + `",`},
		{"state.x = y", `field "state" has no fields of its own`},
		{"version = seven", `field "version" is compared with an integer`},
		{"version = 7.5", `field "version" is compared with an integer`},
		{"version = 99999999999999999999", `field "version" is compared with an integer`},
		{"createTime > yesterday", `field "create_time" is compared with a time such as`},
		{"managed = 1", `field "managed" is compared with true or false`},
		{"managed < true", `operator < does not apply to field "managed", only : = !=`},
		{"labels = x", `operator = does not apply to field "labels", only :`},
		{"keys = x", `operator = does not apply to field "keys"`},
		{"state > A", `operator > does not apply to field "state"`},
		{"version > (1 OR 2)", "takes one value"},
		{"version = (version = 7)", "something other than a value"},
		{"orders and db", "write and in upper case"},
		{"timestamp(x)", "functions are not supported"},
		{"a.b(x)", "functions are not supported"},
		{"name = f(x)", "functions are not supported"},
		{"name =", "it ends where"},
		{"(a", "expected )"},
		{"AND", "unexpected token AND"},
		{"a AND", "unexpected trailing token"},
		{"a)", "unexpected trailing token"},
		{"= x", "unexpected token ="},
		{`"a`, "unterminated string"},
		{`"\q"`, "unable to unescape"},
		{"a\xff", "invalid UTF-8"},
		{strings.Repeat("x", filter.MaxSize+1), "longer than 4096 bytes"},
		{strings.Repeat("a ", filter.MaxTokens), "more than 1000"},
		{strings.Repeat("(", filter.MaxGroups+1), "more than 64 parentheses"},
	} {
		_, err := filter.Parse(tt.expression, fields)
		if !errors.Is(err, filter.ErrInvalid) || !strings.Contains(err.Error(), tt.want) || len(err.Error()) > 400 {
			t.Errorf("Parse(%.100q) = %v, want ErrInvalid with %q", tt.expression, err, tt.want)
		}
	}
	if _, err := filter.Parse("word", filter.Fields{"state": filter.Enum}); !errors.Is(err, filter.ErrInvalid) {
		t.Errorf("Parse of a word without a name to search = %v, want ErrInvalid", err)
	}
}

func TestParseOrder(t *testing.T) {
	for _, tt := range []struct {
		orderBy string
		want    filter.Order
		invalid bool
	}{
		{"", filter.Order{}, false},
		{" ", filter.Order{}, false},
		{"name", filter.Order{Field: "name"}, false},
		{"name asc", filter.Order{Field: "name"}, false},
		{" create_time  desc ", filter.Order{Field: "create_time", Desc: true}, false},
		{"createTime desc", filter.Order{Field: "create_time", Desc: true}, false},
		{"name, create_time", filter.Order{}, true},
		{"name DESC", filter.Order{}, true},
		{"name;", filter.Order{}, true},
		{"description", filter.Order{}, true},
		{strings.Repeat("x", filter.MaxSize+1), filter.Order{}, true},
	} {
		got, err := filter.ParseOrder(tt.orderBy, "name", "create_time")
		if got != tt.want || errors.Is(err, filter.ErrInvalid) != tt.invalid || (err != nil) != tt.invalid {
			t.Errorf("ParseOrder(%.40q) = %+v, %v, want %+v, invalid %v", tt.orderBy, got, err, tt.want, tt.invalid)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "orders-db", `labels."a-b" != 'x' OR -keys:p*`, "create_time > 2026-03-04T12:00:00+01:00", "((a) b)",
		"state:(A OR NOT B)", strings.Repeat("-(", 64) + "a" + strings.Repeat(")", 64), "NOT(a)AND(b)", "f(x,y)", "0x.5-.a", `"\u0041"`, "a.AND.1:*", strings.Repeat("(", 70),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		a, errA := filter.Parse(expression, fields)
		b, errB := filter.Parse(expression, fields)
		if (errA == nil) != (errB == nil) || errA != nil && errA.Error() != errB.Error() {
			t.Fatalf("Parse(%q) = %v, then %v", expression, errA, errB)
		}
		if errA != nil {
			if !errors.Is(errA, filter.ErrInvalid) || len(errA.Error()) > 600 {
				t.Fatalf("Parse(%q) = %v, want a short ErrInvalid", expression, errA)
			}
			return
		}
		if a.Match(item) != b.Match(item) {
			t.Fatalf("Parse(%q) matches once, and once not", expression)
		}
		// What stands by itself can be negated.
		not, err := filter.Parse("NOT ("+expression+")", fields)
		if strings.TrimSpace(expression) != "" && err == nil && not.Match(item) == a.Match(item) {
			t.Fatalf("%q and its negation both give %v", expression, a.Match(item))
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	f, err := filter.Parse(`labels.team = orders AND state = ENABLED AND create_time > 2026-01-01T00:00:00Z`, fields)
	if err != nil {
		b.Fatal(err)
	}
	labels, created := any(map[string]string{"team": "orders"}), any(time.Now())
	for b.Loop() {
		f.Match(func(field string) any {
			switch field {
			case "labels":
				return labels
			case "state":
				return "ENABLED"
			}
			return created
		})
	}
}

// BenchmarkParse_worst has as many tokens and groups as allowed.
func BenchmarkParse_worst(b *testing.B) {
	expression := strings.Repeat("(", filter.MaxGroups) + strings.Repeat("a-b:c ", 140) + strings.Repeat(")", filter.MaxGroups)
	for b.Loop() {
		if _, err := filter.Parse(expression, filter.Fields{"a-b": filter.String}); err != nil {
			b.Fatal(err)
		}
	}
}
