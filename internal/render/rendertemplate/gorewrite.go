package rendertemplate

import (
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// maxDepth is how deep constructs may be within one another.
const maxDepth = 100

// goRewriter checks a tree and puts the run's functions into it. The names that dot stands for are followed as far as
// with and parentheses go; nil is a dot that is not known.
type goRewriter struct {
	*checker
	source string
	tree   *parse.Tree
}

func (w *goRewriter) line(n parse.Node) int {
	return 1 + strings.Count(w.source[:min(int(n.Position()), len(w.source))], "\n")
}

func (w *goRewriter) list(l *parse.ListNode, dot []string, depth int) error {
	if l == nil {
		return nil
	}
	for _, n := range l.Nodes {
		if err := w.node(n, dot, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *goRewriter) node(n parse.Node, dot []string, depth int) error {
	switch n := n.(type) {
	case *parse.TextNode, *parse.CommentNode, *parse.BreakNode, *parse.ContinueNode:
		return nil
	case *parse.ActionNode:
		names, err := w.pipe(n.Pipe, dot, depth)
		if err != nil {
			return err
		}
		if len(n.Pipe.Decl) == 0 {
			if whole(names) {
				return invalid(w.line(n), "this is a whole secret, and not the value of a key")
			}
			n.Pipe.Cmds = append(n.Pipe.Cmds, w.call(n.Pos, print1))
		}
		return nil
	case *parse.IfNode:
		return w.branch(&n.BranchNode, dot, func([]string) []string { return dot }, depth)
	case *parse.WithNode:
		return w.branch(&n.BranchNode, dot, func(names []string) []string { return names }, depth)
	case *parse.RangeNode:
		if cmd := n.Pipe.Cmds[len(n.Pipe.Cmds)-1]; cmd.Args[0].Type() == parse.NodeNumber {
			return invalid(w.line(n), "range goes over lists, the keys of a secret, and values, and not over numbers")
		}
		if err := w.branch(&n.BranchNode, dot, func([]string) []string { return nil }, depth); err != nil {
			return err
		}
		n.Pipe.Cmds = append(n.Pipe.Cmds, w.call(n.Pos, iterate))
		step := &parse.ActionNode{NodeType: parse.NodeAction, Pos: n.Pos, Line: n.Line, Pipe: w.pipeOf(w.call(n.Pos, count))}
		n.List.Nodes = slices.Insert(n.List.Nodes, 0, parse.Node(step))
		return nil
	}
	return invalid(w.line(n), "templates in templates (template, block) are not supported")
}

func (w *goRewriter) branch(b *parse.BranchNode, dot []string, inner func([]string) []string, depth int) error {
	names, err := w.pipe(b.Pipe, dot, depth+1)
	if err != nil {
		return err
	}
	if err := w.list(b.List, inner(names), depth+1); err != nil {
		return err
	}
	return w.list(b.ElseList, dot, depth) // an "else if" is a list with a branch in it, and no deeper
}

// pipe returns the names that the pipe stands for, or nil.
func (w *goRewriter) pipe(p *parse.PipeNode, dot []string, depth int) ([]string, error) {
	if depth > maxDepth {
		return nil, invalid(w.line(p), "nested too deeply")
	}
	var names []string
	for i, cmd := range p.Cmds {
		var err error
		if names, err = w.command(cmd, dot, depth, i > 0); err != nil {
			return nil, err
		}
	}
	if len(p.Cmds) != 1 {
		return nil, nil
	}
	return names, nil
}

func (w *goRewriter) command(cmd *parse.CommandNode, dot []string, depth int, piped bool) ([]string, error) {
	f, isCall := cmd.Args[0].(*parse.IdentifierNode)
	if !isCall && (piped || len(cmd.Args) > 1) {
		return nil, invalid(w.line(cmd), "only functions take arguments")
	}
	var names []string
	for i, arg := range cmd.Args {
		replaced, argNames, err := w.arg(arg, dot, depth)
		if err != nil {
			return nil, err
		}
		s, isString := arg.(*parse.StringNode)
		switch {
		case !isCall:
			names = argNames
		case f.Ident != "index":
		case i == 1:
			names = argNames
		case isString && names != nil:
			names = slices.Concat(names, []string{s.Text})
			if err := w.path(w.line(arg), names); err != nil {
				return nil, err
			}
		case i > 1:
			names = nil
		}
		cmd.Args[i] = replaced
	}
	return names, nil
}

// arg returns what takes the place of n, and the names that it stands for, or nil.
func (w *goRewriter) arg(n parse.Node, dot []string, depth int) (parse.Node, []string, error) {
	switch n := n.(type) {
	case *parse.IdentifierNode:
		return n, nil, w.function(n)
	case *parse.DotNode:
		return n, dot, nil
	case *parse.FieldNode:
		return w.field(n, &parse.DotNode{NodeType: parse.NodeDot, Pos: n.Pos}, dot, n.Ident)
	case *parse.VariableNode:
		var names []string
		if n.Ident[0] == "$" {
			names = []string{}
		}
		if len(n.Ident) == 1 {
			return n, names, nil
		}
		base := &parse.VariableNode{NodeType: parse.NodeVariable, Pos: n.Pos, Ident: n.Ident[:1]}
		return w.field(n, base, names, n.Ident[1:])
	case *parse.ChainNode:
		base, names, err := w.arg(n.Node, dot, depth)
		if err != nil {
			return nil, nil, err
		}
		return w.field(n, base, names, n.Field)
	case *parse.PipeNode:
		names, err := w.pipe(n, dot, depth+1)
		return n, names, err
	case *parse.StringNode:
		w.literals[n.Text] = true
	}
	return n, nil, nil
}

func (w *goRewriter) function(n *parse.IdentifierNode) error {
	_, common := functions[n.Ident]
	_, own := goFunctions[n.Ident]
	if !common && !own {
		return invalid(w.line(n), "no function %s", strconv.Quote(n.Ident))
	}
	return nil
}

// field replaces fields of base by a look-up.
func (w *goRewriter) field(n, base parse.Node, names, fields []string) (parse.Node, []string, error) {
	for _, field := range fields {
		w.literals[field] = true
	}
	if names != nil {
		names = slices.Concat(names, fields)
		if err := w.path(w.line(n), names); err != nil {
			return nil, nil, err
		}
	}
	call := w.call(n.Position(), lookUp)
	call.Args = append(call.Args, base)
	for _, field := range fields {
		call.Args = append(call.Args, &parse.StringNode{NodeType: parse.NodeString, Pos: n.Position(), Quoted: strconv.Quote(field), Text: field})
	}
	return w.pipeOf(call), names, nil
}

func (w *goRewriter) call(pos parse.Pos, name string) *parse.CommandNode {
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: []parse.Node{
		parse.NewIdentifier(name).SetTree(w.tree).SetPos(pos),
	}}
}

func (w *goRewriter) pipeOf(cmd *parse.CommandNode) *parse.PipeNode {
	return &parse.PipeNode{NodeType: parse.NodePipe, Pos: cmd.Pos, Cmds: []*parse.CommandNode{cmd}}
}
