package rendertemplate

import (
	"io"
	"strings"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/parser"
	"github.com/osteele/liquid/render"
	"github.com/osteele/liquid/tags"
)

// Names in rewritten templates that no template can use itself.
const (
	liquidCount   = "_count"   // a tag, in the body of every loop
	liquidCapture = "_capture" // a block, instead of capture, whose text has no bound
	liquidIterate = "_iterate" // a filter, after what a loop is over
	liquidRaw     = "_raw"     // variables of texts between raw and endraw
	liquidRun     = "_run"     // the variable of the run
)

// liquidProgram is a Liquid template, rewritten so that each look-up, loop and text goes through the run.
//
// The library is lax: what it does not understand it leaves as it is or takes for empty, and it bounds nothing. So the
// source is cut into its constructs here (liquidSource), each is checked (liquidChecker), and the library sees only what
// it reads the same way.
type liquidProgram struct {
	config render.Config
	root   render.Node
	raw    []string
}

func compileLiquid(source string, c *checker) (program, error) {
	s := &liquidSource{rest: source, line: 1}
	if err := s.read(); err != nil {
		return nil, err
	}
	check := &liquidChecker{checker: c}
	if err := check.all(s.constructs); err != nil {
		return nil, err
	}
	config := render.NewConfig()
	tags.AddStandardTags(config)
	config.AddTag(liquidCount, func(string) (func(io.Writer, render.Context) error, error) { return countStep, nil })
	config.AddBlock(liquidCapture).Compiler(captureTag)
	// With a path, errors keep the line of the innermost construct and leave out its text.
	root, err := config.Compile(s.rewritten(), parser.SourceLoc{Pathname: "template", LineNo: 1})
	if err != nil {
		message, _, _ := strings.Cut(err.Error(), "): ")
		if _, after, found := strings.Cut(err.Error(), "): "); found {
			message = strings.TrimSuffix(after, " in template")
		}
		if i := strings.IndexAny(message, "\"'`{"); i >= 0 {
			message = message[:i]
		}
		return nil, invalid(err.LineNumber(), "syntax error: %s", strings.TrimSpace(message))
	}
	config.StrictVariables = true
	return liquidProgram{config, root, s.raw}, nil
}

func (p liquidProgram) execute(r *run, out *output) (line int, failed bool) {
	config := p.config
	config.Config.Config = expressions.NewConfig() // filters of this run
	for name, f := range r.liquidFilters() {
		config.AddFilter(name, f)
	}
	bindings := map[string]any{"secrets": node{r, allSecrets, ""}, "values": node{r, allValues, ""}, liquidRun: r}
	for i, s := range p.raw {
		bindings[rawName(i)] = s
	}
	if err := render.Render(p.root, out, bindings, config); err != nil {
		if cause := err.Cause(); cause != nil && cause.Error() == "undefined variable" {
			_ = r.fail(wrapFailed("printing", errNothing))
		}
		return err.LineNumber(), true
	}
	return 0, false
}

func runOf(ctx render.Context) *run { return ctx.Get(liquidRun).(*run) }

func countStep(_ io.Writer, ctx render.Context) error { return runOf(ctx).spend(0) }

func captureTag(block render.BlockNode) (func(io.Writer, render.Context) error, error) {
	return func(_ io.Writer, ctx render.Context) error {
		out := &output{run: runOf(ctx)}
		if err := ctx.RenderChildren(out); err != nil {
			return err
		}
		ctx.Set(block.Args, out.b.String())
		return nil
	}, nil
}
