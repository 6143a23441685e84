package render

import "strings"

// The dialects of dotenv contradict each other. A value is written in the first of three styles that shells sourcing the
// file, godotenv, docker compose and python-dotenv all read the same, and refused if there is none:
//
//	NAME=value    only letters, digits and _./:@%+,=- ; docker run --env-file and systemd read these too
//	NAME='value'  literal. Not with ' (no common escape), \\ (python-dotenv halves it), a last \ (escapes the quote in
//	              most libraries), ${ (python-dotenv expands it even here)
//	NAME="value"  with \" and \\ (which Node's readers keep as they are: they read the first two styles only). Not with
//	              $ (python-dotenv keeps the backslash of \$), ` (compose keeps it), a last " or \ (godotenv misreads both)
//
// Newlines are written as they are. Carriage returns are refused (libraries turn them into newlines), and so is NUL.
// A value with both ' and $, say, has no style: such secrets want another format.
type dotenvQuoting int

const (
	dotenvRefused dotenvQuoting = iota
	dotenvBare
	dotenvSingle
	dotenvDouble
)

const dotenvPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@%+,=-"

func dotenvStyle(s string) dotenvQuoting {
	switch {
	case strings.Trim(s, dotenvPlain) == "":
		return dotenvBare
	case strings.ContainsAny(s, "\x00\r"), strings.HasSuffix(s, `\`):
		return dotenvRefused
	case !strings.Contains(s, `'`) && !strings.Contains(s, `\\`) && !strings.Contains(s, `${`):
		return dotenvSingle
	case !strings.ContainsAny(s, "$`") && !strings.HasSuffix(s, `"`):
		return dotenvDouble
	}
	return dotenvRefused
}

// dotenvNameProblem says why a variable cannot be set by a file that shells source.
func dotenvNameProblem(name string) string {
	if shellOwned[name] {
		return "shells keep for themselves"
	}
	return envNameProblem(name, false)
}

func encodeDotenv(pairs []pair) []byte {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	var b []byte
	for _, p := range pairs {
		b = append(b, p.name...)
		b = append(b, '=')
		switch dotenvStyle(p.text) {
		case dotenvBare:
			b = append(b, p.text...)
		case dotenvSingle:
			b = append(b, '\'')
			b = append(b, p.text...)
			b = append(b, '\'')
		case dotenvDouble:
			b = append(b, '"')
			b = append(b, escape.Replace(p.text)...)
			b = append(b, '"')
		case dotenvRefused:
			panic("render: encoding DOTENV")
		}
		b = append(b, '\n')
	}
	return b
}
