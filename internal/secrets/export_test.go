package secrets

// For tests of names, which have no door of their own.
var (
	Split        = split
	ParseVersion = parseVersion
	Join         = join
)

// Rules are the rules of IDs and keys.
var Rules = []interface {
	MatchString(s string) bool
	String() string
}{namespaceID, resourceID, userID, payloadKey, sourceType, labelKey}
