package rendertemplate

import (
	"regexp"
	"strconv"
	"strings"
)

// construct is an object `{{ … }}`, whose tag is empty, or a tag `{% tag … %}`.
type construct struct {
	line   int
	tag    string
	args   string
	tokens []token
	// left and right are the marks that cut white space.
	left, right string
	// lines are the line ends in it, kept so that the library counts them.
	lines int
	// before is the text before it.
	before string
}

// liquidSource cuts a template into texts and constructs.
type liquidSource struct {
	rest       string
	line       int
	constructs []*construct
	raw        []string
	after      string // the text after the last construct
}

var (
	tagName    = regexp.MustCompile(`^\w+`)
	endRaw     = regexp.MustCompile(`\{%(-?)\s*endraw\s*(-?)%\}`)
	endComment = regexp.MustCompile(`\{%(-?)\s*endcomment\s*(-?)%\}`)
)

func rawName(i int) string { return liquidRaw + strconv.Itoa(i) }

func (s *liquidSource) read() error {
	for {
		i := strings.IndexByte(s.rest, '{')
		for i >= 0 && i+1 < len(s.rest) && s.rest[i+1] != '{' && s.rest[i+1] != '%' {
			next := strings.IndexByte(s.rest[i+1:], '{')
			if next < 0 {
				i = -1
				break
			}
			i += 1 + next
		}
		if i < 0 || i+1 >= len(s.rest) {
			s.after = s.rest
			return nil
		}
		before := s.rest[:i]
		s.advance(i)
		c, err := s.construct()
		if err != nil {
			return err
		}
		c.before = before
		s.constructs = append(s.constructs, c)
	}
}

// advance goes over n bytes and counts the lines.
func (s *liquidSource) advance(n int) (lines int) {
	lines = strings.Count(s.rest[:n], "\n")
	s.line += lines
	s.rest = s.rest[n:]
	return lines
}

func (s *liquidSource) construct() (*construct, error) {
	c := &construct{line: s.line}
	isTag := s.rest[1] == '%'
	closing := "}}"
	if isTag {
		closing = "%}"
	}
	inner, _, found := strings.Cut(s.rest[2:], closing)
	if !found || strings.Contains(inner, "{{") || strings.Contains(inner, "{%") {
		return nil, invalid(s.line, "%s is not closed", s.rest[:2])
	}
	c.lines = s.advance(len(inner) + 4)
	if strings.HasPrefix(inner, "-") {
		c.left, inner = "-", inner[1:]
	}
	if strings.HasSuffix(inner, "-") {
		c.right, inner = "-", inner[:len(inner)-1]
	}
	c.args = strings.TrimSpace(inner)
	if isTag {
		c.tag = tagName.FindString(c.args)
		if c.tag == "" || strings.HasPrefix(c.tag, "_") {
			return nil, invalid(c.line, "this is no tag")
		}
		c.args = strings.TrimSpace(c.args[len(c.tag):])
	} else if c.args == "" {
		return nil, invalid(c.line, "there is nothing to print")
	}
	switch c.tag {
	case "raw":
		return c, s.verbatim(c, endRaw)
	case "comment":
		return c, s.verbatim(c, endComment)
	}
	var err error
	c.tokens, err = scan(c.line, c.args)
	return c, err
}

// verbatim takes what is up to the end tag into the construct.
func (s *liquidSource) verbatim(c *construct, end *regexp.Regexp) error {
	if c.args != "" {
		return invalid(c.line, "%s takes no arguments", c.tag)
	}
	m := end.FindStringSubmatchIndex(s.rest)
	if m == nil {
		return invalid(c.line, "%s is not closed", c.tag)
	}
	body := s.rest[:m[0]]
	if c.right != "" {
		body = strings.TrimLeft(body, " \t\r\n")
	}
	if m[2] < m[3] {
		body = strings.TrimRight(body, " \t\r\n")
	}
	c.right = s.rest[m[4]:m[5]]
	c.lines += s.advance(m[1])
	if c.tag == "raw" {
		c.args = rawName(len(s.raw))
		s.raw = append(s.raw, body)
	}
	return nil
}

// rewritten is the template for the library. It must read constructs and lines as they were read here.
func (s *liquidSource) rewritten() string {
	var b strings.Builder
	for _, c := range s.constructs {
		b.WriteString(c.before)
		opening, closing, tag, args, body := "{%", "%}", c.tag, strings.ReplaceAll(c.args, "\n", " "), ""
		switch c.tag {
		case "", "raw":
			opening, closing, tag = "{{", "}}", ""
		case "comment":
			tag = liquidCount
		case "capture":
			tag = liquidCapture
		case "endcapture":
			tag = "end" + liquidCapture
		case "for":
			i := modifiers(c.tokens, len(args))
			args = args[:i] + " | " + liquidIterate + " " + args[i:]
			body = "{% " + liquidCount + " %}"
		}
		b.WriteString(opening + c.left + " " + tag + " " + args + " " + strings.Repeat("\n", c.lines) + c.right + closing + body)
	}
	return b.String() + s.after
}
