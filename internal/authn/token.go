package authn

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"strings"
)

// A token is printed as
//
//	cfr_ bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cccccc
//
// without the blanks: the prefix by which secret scanners find it, 43 random base-62 digits (256 bits), and the CRC-32
// of all before it as 6 base-62 digits, so that a mistyped or cut token is refused without a look-up.
const (
	TokenPrefix = "cfr_"

	bodySize     = 43
	checksumSize = 6
	tokenSize    = len(TokenPrefix) + bodySize + checksumSize

	digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// Hash is the SHA-256 of a whole token: all that is kept of it. A slow hash would add nothing, as tokens cannot be
// guessed.
type Hash [sha256.Size]byte

// NewToken mints a token. The secret is shown once and then forgotten; the hash is stored.
func NewToken() (secret string, hash Hash, err error) {
	body := make([]byte, 0, tokenSize)
	body = append(body, TokenPrefix...)
	random := make([]byte, 64)
	for len(body) < len(TokenPrefix)+bodySize {
		if _, err := rand.Read(random); err != nil {
			return "", Hash{}, fmt.Errorf("reading random bytes: %w", err)
		}
		for _, b := range random {
			// Six bits make 64 values; the two beyond the alphabet are thrown away, so that every digit is as likely.
			if digit := b & 63; int(digit) < len(digits) && len(body) < len(TokenPrefix)+bodySize {
				body = append(body, digits[digit])
			}
		}
	}
	clear(random)
	sum := checksum(string(body))
	secret = string(append(body, sum[:]...))
	return secret, sha256.Sum256([]byte(secret)), nil
}

// ParseToken checks the form of a token, cheapest first, and returns its hash. Its only error is ErrUnauthenticated.
func ParseToken(secret string) (Hash, error) {
	if len(secret) != tokenSize || !strings.HasPrefix(secret, TokenPrefix) {
		return Hash{}, ErrUnauthenticated
	}
	signed, sum := secret[:tokenSize-checksumSize], secret[tokenSize-checksumSize:]
	for _, c := range []byte(signed[len(TokenPrefix):]) {
		if strings.IndexByte(digits, c) < 0 {
			return Hash{}, ErrUnauthenticated
		}
	}
	if want := checksum(signed); sum != string(want[:]) {
		return Hash{}, ErrUnauthenticated
	}
	return sha256.Sum256([]byte(secret)), nil
}

// checksum finds typing errors; it is no protection against forgery, and needs none.
func checksum(signed string) [checksumSize]byte {
	var out [checksumSize]byte
	n := crc32.ChecksumIEEE([]byte(signed))
	for i := range out {
		out[checksumSize-1-i] = digits[n%uint32(len(digits))]
		n /= uint32(len(digits))
	}
	return out
}
