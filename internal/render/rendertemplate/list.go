package rendertemplate

import (
	"strings"
	"unicode/utf8"
)

func replace(r *run, subject any, args []any) (any, error) {
	s, err := text(subject)
	if err != nil {
		return nil, err
	}
	from, err := text(args[0])
	if err != nil {
		return nil, err
	}
	to, err := text(args[1])
	if err != nil {
		return nil, err
	}
	if strings.Count(s, from)*len(to) > 2*MaxOutput {
		return nil, r.fail(errTooLong)
	}
	return strings.ReplaceAll(s, from, to), nil
}

// split leaves out the empty texts at the end, as Liquid does.
func split(_ *run, subject any, args []any) (any, error) {
	s, err := text(subject)
	if err != nil {
		return nil, err
	}
	separator, err := text(args[0])
	if err != nil {
		return nil, err
	}
	list := strings.Split(s, separator)
	for len(list) > 0 && list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list, nil
}

func join(r *run, subject any, args []any) (any, error) {
	list, ok := subject.([]string)
	if !ok {
		return nil, errNoList
	}
	separator, err := textArg(args, 0, " ")
	if err != nil {
		return nil, err
	}
	if len(list)*len(separator) > MaxOutput {
		return nil, r.fail(errTooLong)
	}
	return strings.Join(list, separator), nil
}

// fallback is the subject, or the argument where the subject is empty, false or nothing.
func fallback(_ *run, subject any, args []any) (any, error) {
	switch v := subject.(type) {
	case nil:
		return args[0], nil
	case bool:
		if !v {
			return args[0], nil
		}
	case string:
		if v == "" {
			return args[0], nil
		}
	case []string:
		if len(v) == 0 {
			return args[0], nil
		}
	}
	return subject, nil
}

func indent(r *run, subject any, args []any) (any, error) {
	s, err := text(subject)
	if err != nil {
		return nil, err
	}
	n, err := countArg(args, 0, 0)
	if err != nil {
		return nil, err
	}
	if (strings.Count(s, "\n")+1)*n > MaxOutput {
		return nil, r.fail(errTooLong)
	}
	pad := strings.Repeat(" ", n)
	return pad + strings.ReplaceAll(s, "\n", "\n"+pad), nil
}

func nindent(r *run, subject any, args []any) (any, error) {
	s, err := indent(r, subject, args)
	if err != nil {
		return nil, err
	}
	return "\n" + s.(string), nil
}

// truncate cuts to a count of characters, the ellipsis among them.
func truncate(_ *run, subject any, args []any) (any, error) {
	s, err := text(subject)
	if err != nil {
		return nil, err
	}
	n, err := countArg(args, 0, 50)
	if err != nil {
		return nil, err
	}
	ellipsis, err := textArg(args, 1, "...")
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(s) <= n {
		return s, nil
	}
	keep := max(0, n-utf8.RuneCountInString(ellipsis))
	for i := range s {
		if keep == 0 {
			return s[:i] + ellipsis, nil
		}
		keep--
	}
	return s, nil
}

func uniq(_ *run, subject any, _ []any) (any, error) {
	list, ok := subject.([]string)
	if !ok {
		return nil, errNoList
	}
	seen := make(map[string]bool, len(list))
	var result []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			result = append(result, s)
		}
	}
	return result, nil
}
