package resolve

// Offset is where a payload has a line and a column.
func Offset(payload string, line, column int) int { return positionsOf(payload).offset(line, column) }

// KnownPositions is how many positions of a payload are known without a search.
func KnownPositions(payload string) int { return len(positionsOf(payload).runes) }
