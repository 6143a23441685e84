// Package renderstore makes files of keys, certificates and credentials: PEM bundles, PKCS#12 and JKS stores, and the
// credential files of Hadoop.
//
// It guarantees that the same entries and the same password give the same bytes, so that a bundle changes only when
// what it is made of does, and that the readers of the format find in the store what was put in, or else it refuses.
// What threatens that: readers that disagree about passwords beyond ASCII and about the case of aliases, PEM parsers
// that skip what they do not understand, and certificates that would become trusted because the key they belong to was
// damaged. No error carries a value, a part of one or its size. Whoever writes the secrets decides how much there is to
// hash and to verify: passwords are bounded, and every entry begins by looking whether the context has ended.
//
// The salts of a store cannot be random. They come out of the password and the entries by as many iterations as the
// store itself asks for (newStream), so that they are no shorter way to guess either.
package renderstore

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// Entry is a named value of a file.
type Entry struct {
	// Name is that of the entry, or of the payload key. It appears in errors and is the default of aliases.
	Name string
	// Value is a PEM text, or a credential of Hadoop.
	Value plaintext.Value
}

// iterations is how often a password is hashed where a format lets us choose: what Java writes into PKCS#12 stores, and
// the least that it writes into JCEKS stores. Each entry of the latter costs them anew.
const iterations = 10_000

// maxAlias bounds the bytes of an alias.
const maxAlias = 255

// minPassword is the least number of characters that keytool takes for a password, and maxPassword the most that is taken
// here: JCEKS hashes all of it, over and over.
const (
	minPassword = 6
	maxPassword = 1 << 10
)

var (
	errNotASCII      = errors.New("the password of the store has characters other than printable ASCII, which readers encode in different ways")
	errShortPassword = errors.New("the password of the store is too short: keytool asks for at least 6 characters")
	errLongPassword  = errors.New("the password of the store is too long: at most 1024 characters")
)

// password is the text of a store's password if every reader takes it for the same bytes. Line ends are among what is
// refused: they come by accident, and readers that take the password from a file drop them.
func password(v plaintext.Value) (string, error) {
	if v.Len() > maxPassword {
		return "", errLongPassword
	}
	text := string(v.Reveal())
	if !printable(text) {
		return "", errNotASCII
	}
	return text, nil
}

// toolPassword is a password that keytool takes, too.
func toolPassword(v plaintext.Value) (string, error) {
	text, err := password(v)
	if err == nil && len(text) < minPassword {
		return "", errShortPassword
	}
	return text, err
}

// aliasOf is a name as stores of Java hold it. They look for lower case, whatever they are asked for.
func aliasOf(name string) (string, error) {
	if name == "" || len(name) > maxAlias || !printable(name) {
		return "", fmt.Errorf("alias %q: an alias has 1 to %d characters of printable ASCII", name, maxAlias)
	}
	return strings.ToLower(name), nil
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// live is the error of a context that has ended.
func live(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("making the file: %w", context.Cause(ctx))
	}
	return nil
}

// newStream is what a store takes for randomness. Whoever has the file sees a part of it, as salts. Guessing a password
// by them, with certificates that are public anyway, must not be easier than by the store: hence PBKDF2.
func newStream(format, alias, password string, entries []Entry) (*rand.ChaCha8, error) {
	content := sha256.New()
	write := func(b []byte) {
		content.Write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
		content.Write(b)
	}
	write([]byte(format))
	write([]byte(alias))
	for _, e := range entries {
		write([]byte(e.Name))
		write(e.Value.Reveal())
	}
	seed, err := pbkdf2.Key(sha256.New, password, content.Sum(nil), iterations, 32)
	if err != nil {
		return nil, fmt.Errorf("deriving salts: %w", err)
	}
	return rand.NewChaCha8([32]byte(seed)), nil
}
