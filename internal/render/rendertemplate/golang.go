package rendertemplate

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// Functions that no template can name: rewriting puts them into its tree.
const (
	lookUp  = "_lookUp"  // instead of every field
	print1  = "_print"   // after what an action prints
	iterate = "_iterate" // after what a range is over
	count   = "_count"   // in the body of every range
)

// goProgram is a template of text/template, rewritten so that each look-up, loop and output goes through the run.
type goProgram struct{ tree *parse.Tree }

func compileGo(source string, c *checker) (program, error) {
	tree := parse.New("")
	tree.Mode = parse.SkipFuncCheck // goRewriter does it
	set := map[string]*parse.Tree{}
	if _, err := tree.Parse(source, "", "", set); err != nil {
		line, message := parseError(err)
		return nil, invalid(line, "%s", message)
	}
	if len(set) != 1 || set[""] != tree {
		return nil, invalid(1, "templates in templates (define, block) are not supported")
	}
	w := &goRewriter{checker: c, source: source, tree: tree}
	if err := w.list(tree.Root, []string{}, 0); err != nil {
		return nil, err
	}
	return goProgram{tree}, nil
}

var parsePosition = regexp.MustCompile(`^template: :(\d+)(?::\d+)?: `)

// parseError keeps of a parser's error the line, and the message up to where it quotes the template, in which somebody
// may have written a password.
func parseError(err error) (line int, message string) {
	message = err.Error()
	if m := parsePosition.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	if i := strings.IndexAny(message, "\"'`<{:$.0123456789"); i >= 0 {
		message = message[:i]
	}
	return line, strings.TrimSpace("syntax error: " + strings.TrimSpace(message))
}

func (p goProgram) execute(r *run, out *output) (line int, failed bool) {
	t := template.New("").Option("missingkey=error").Funcs(r.funcs())
	t, err := t.AddParseTree("", p.tree)
	if err == nil {
		err = t.Execute(out, node{r, root, ""})
	}
	if err == nil {
		return 0, false
	}
	if exec, ok := errors.AsType[template.ExecError](err); ok {
		line, _ = parseError(exec)
	}
	return line, true
}

// goFunctions are those of Go templates alone; nil are text/template's own. Nothing changes them.
var goFunctions = map[string]func(r *run, args []any) (any, error){
	"index":  goIndex,
	"hasKey": goHasKey,
	"len":    goLen,
	"print":  goPrint,
	"printf": goPrintf,
	"eq":     goEqual,
	"ne":     goNotEqual,
	"lt":     ordered(func(c int) bool { return c < 0 }),
	"le":     ordered(func(c int) bool { return c <= 0 }),
	"gt":     ordered(func(c int) bool { return c > 0 }),
	"ge":     ordered(func(c int) bool { return c >= 0 }),
	"and":    nil,
	"or":     nil,
	"not":    nil,
}

// funcs are all functions of Go templates, for one run.
func (r *run) funcs() template.FuncMap {
	funcs := template.FuncMap{
		lookUp: r.lookUp,
		print1: func(v any) (string, error) {
			s, err := text(v)
			if err != nil {
				return "", r.fail(wrapFailed("printing", err))
			}
			return s, nil
		},
		iterate: r.iterate,
		count:   func() (string, error) { return "", r.spend(0) },
	}
	for name, f := range functions {
		funcs[name] = func(args ...any) (any, error) {
			if len(args) == 0 {
				return nil, r.fail(wrapFailed(name, errNothing))
			}
			last := len(args) - 1
			return r.apply(name, f, args[last], args[:last])
		}
	}
	for name, f := range goFunctions {
		if f == nil {
			continue
		}
		funcs[name] = func(args ...any) (any, error) {
			for _, v := range args {
				if err := r.take(v); err != nil {
					return nil, err
				}
			}
			result, err := f(r, args)
			if err != nil {
				return nil, r.fail(wrapFailed(name, err))
			}
			return result, r.take(result)
		}
	}
	return funcs
}

func (r *run) lookUp(base any, names ...string) (any, error) {
	for _, name := range names {
		var err error
		switch b := base.(type) {
		case node:
			base, err = b.get(name)
		default:
			err = r.fail(wrapFailed("looking up "+r.quoted(name), errNoNode))
		}
		if err != nil {
			return nil, err
		}
	}
	return base, nil
}

// iterate lets range over lists, and over the keys or values of a node; a number would be a loop of any length.
func (r *run) iterate(v any) (any, error) {
	if err := r.take(v); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case []string:
		return v, nil
	case node:
		return v.texts()
	}
	return nil, r.fail(wrapFailed("range", errNoRange))
}
