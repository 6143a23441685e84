package audit

// Selects reports whether the query selects an event.
func (q *Query) Selects(e *Event) bool { return q.selects(e) }
