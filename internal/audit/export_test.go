package audit

// File is what a log needs of the segment it writes.
type File = file

// WithFile makes the log write through what wrap returns.
func WithFile(cfg Config, wrap func(File) File) Config {
	cfg.wrap = wrap
	return cfg
}
