package filter

import (
	"fmt"
	"slices"
	"strings"

	"go.einride.tech/aip/ordering"
)

// Order is the field a list is sorted by. The zero value leaves the order to the list.
type Order struct {
	Field string // proto name
	Desc  bool   // descending
}

// ParseOrder parses an AIP-132 order_by of at most one field out of those allowed (proto names), for instance
// "create_time desc". Of the empty string it makes the zero Order. Errors wrap ErrInvalid.
func ParseOrder(orderBy string, allowed ...string) (Order, error) {
	var parsed ordering.OrderBy
	if len(orderBy) > MaxSize || parsed.UnmarshalString(strings.TrimSpace(orderBy)) != nil || len(parsed.Fields) > 1 {
		return Order{}, fmt.Errorf(`%w: order_by is one field, then "asc" or "desc" if wanted`, ErrInvalid)
	}
	if len(parsed.Fields) == 0 {
		return Order{}, nil
	}
	field := parsed.Fields[0]
	for _, name := range []string{field.Path, protoName(field.Path)} {
		if slices.Contains(allowed, name) {
			return Order{Field: name, Desc: field.Desc}, nil
		}
	}
	return Order{}, fmt.Errorf("%w: cannot order by %.64q, only by %s", ErrInvalid, field.Path, strings.Join(allowed, ", "))
}
