package secrets

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The errors of the domain. Those of the gate (denied, unavailable), of the sealed store (integrity) and of contexts
// pass through it.
var (
	// ErrNotFound: the resource does not exist. Told only to callers who hold the right they asked to use.
	ErrNotFound = errors.New("not found")
	// ErrExists: the name is taken.
	ErrExists = errors.New("already exists")
	// ErrEtag: the etag sent is not the current one.
	ErrEtag = errors.New("the etag is not the current one: read the resource again and retry")
	// ErrChanged: what is worked on was changed meanwhile.
	ErrChanged = errors.New("it was changed meanwhile: try again")
	// ErrVersionState: the state of the version does not allow it.
	ErrVersionState = errors.New("the state of the version does not allow this")
	// ErrPayloadMissing: there is no active version, or it lacks a key.
	ErrPayloadMissing = errors.New("nothing to deliver")
	// ErrExpired: the secret's expire_time has passed.
	ErrExpired = errors.New("the secret has expired")
	// ErrDangling: an item of the projection refers to a deleted secret.
	ErrDangling = errors.New("the projection refers to a deleted secret")
	// ErrNamespaceNotEmpty: the namespace still holds something.
	ErrNamespaceNotEmpty = errors.New("the namespace is not empty")
	// ErrNamespaceDeleted: the namespace is deleted.
	ErrNamespaceDeleted = errors.New("the namespace is deleted")
	// ErrPrecondition: the state of the resource does not allow it.
	ErrPrecondition = errors.New("the state of the resource does not allow this")
	// ErrNotRepresentable: what would be delivered cannot be carried in the shape asked for.
	ErrNotRepresentable = errors.New("the values cannot be delivered in this shape")
	// ErrTakeover: the projection delivers a variable that takes over a process, and the caller has not allowed it.
	ErrTakeover = errors.New("the caller has not allowed it")
	// ErrRequestReused: the request_id was used for another request.
	ErrRequestReused = errors.New("the request_id was used before for another request")
	// ErrLimit: a limit on counts.
	ErrLimit = errors.New("limit exceeded")
	// ErrQuota: the namespace may not hold more.
	ErrQuota = errors.New("quota exceeded")
)

// Violation says what is wrong with one field of a request.
type Violation struct {
	Field       string // proto path, like secret.payload.data
	Description string // never holds a value
}

// InvalidError says what is wrong with a request.
type InvalidError struct{ Violations []Violation }

// Error implements error.
func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		parts[i] = v.Field + ": " + v.Description
	}
	return "invalid request: " + strings.Join(parts, "; ")
}

// Invalid is an InvalidError for one field.
func Invalid(field, format string, args ...any) error {
	return &InvalidError{[]Violation{{field, fmt.Sprintf(format, args...)}}}
}

// InUseError tells which projections use a secret, so that it is not deleted, a version of it, so that it stays as it is,
// or the secrets of a namespace.
type InUseError struct {
	// Secret is the full name of the secret; empty where it is about a namespace.
	Secret string
	// Version is the number of the version; 0 where it is about the secret as a whole.
	Version int64
	// Namespace is the full name of a namespace, with all below it, whose secrets are used from elsewhere.
	Namespace string
	// Projections are the full names of those that the caller may see.
	Projections []string
	// Hidden counts the others.
	Hidden int
}

// maxNamed bounds the projections that one error names: it has to fit into the answer.
const maxNamed = 10

// Named are the first of the projections, and how many more of them ListDependents names.
func (e *InUseError) Named() (names []string, more int) {
	names = e.Projections[:min(maxNamed, len(e.Projections))]
	return names, len(e.Projections) - len(names)
}

// Error implements error.
func (e *InUseError) Error() string {
	names, more := e.Named()
	users := strings.Join(names, ", ")
	if more > 0 {
		users += fmt.Sprintf(", %d more", more)
	}
	switch {
	case users == "":
		users = fmt.Sprintf("%d projections you may not see", e.Hidden)
	case e.Hidden > 0:
		users += fmt.Sprintf(" and %d you may not see", e.Hidden)
	}
	switch {
	case e.Version != 0:
		return fmt.Sprintf("version %d of %s is named by its number in %s; write them without it first", e.Version, e.Secret, users)
	case e.Secret == "":
		return fmt.Sprintf("secrets of %s are in use by %s; write them without those first, or use force", e.Namespace, users)
	}
	return fmt.Sprintf("%s is in use by %s; write them without it first, or use force", e.Secret, users)
}

// Subject is the full name of what is in use.
func (e *InUseError) Subject() string {
	switch {
	case e.Version != 0:
		return join(e.Secret, versionsOf, strconv.FormatInt(e.Version, 10))
	case e.Secret == "":
		return e.Namespace
	}
	return e.Secret
}

// maxViolations bounds what one error reports: it has to fit into the answer.
const maxViolations = 12

// problems collects violations.
type problems []Violation

func (p *problems) addf(field, format string, args ...any) {
	if len(*p) < maxViolations {
		*p = append(*p, Violation{field, fmt.Sprintf(format, args...)})
	}
}

func (p *problems) err() error {
	if len(*p) == 0 {
		return nil
	}
	return &InvalidError{*p}
}
