package render

// TakesOver tells whether a variable, or a property of Spark, takes over a process.
func TakesOver(name string) bool { return takesOver(name) || sparkTakesOver(name) }

// SparkProblem says why a property of Spark that a workload names cannot be set to a secret; empty: it can.
func SparkProblem(name, value string) string {
	switch {
	case sparkRedacts(name):
		return "is refused, since it says what Spark redacts"
	case sparkTakesOver(name):
		return "is refused, since it changes how Spark starts, what it loads or for whom it works"
	}
	return sparkValueProblem(value)
}
