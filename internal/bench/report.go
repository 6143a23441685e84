package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// What CONTRACT.md measured of OpenBao's KV v2 with an audit device, at 64 callers on a machine where the bare gRPC echo
// makes openBaoEcho calls a second. OpenBao is not run here: its figures are scaled by this machine's echo.
const (
	openBaoReads  = 4_400
	openBaoWrites = 950
	openBaoEcho   = 24_000
)

// bar is a figure that CONTRACT.md section 5 wants held.
type bar struct {
	what, want, got string
	met             bool
}

func (b *bench) report(out io.Writer) error {
	c := b.config
	fmt.Fprintf(out, "\nCoffer on %d cores, %s %s/%s. Each figure is the median of %d rounds of %v, in turns; 256-byte values.\n",
		runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, c.rounds, c.round)
	fmt.Fprintf(out, "The small store has %d secrets at %d versions each, where adding one takes the oldest away: 4 puts and a delete.\n", c.few, maxVersions)
	fmt.Fprintf(out, "The large one has %d secrets, where adding a version is 3 puts; seeded in %.1f s.\n", c.many, b.many.Took.Seconds())
	fmt.Fprintf(out, "Each has %d grants and %d policies of operators.\n\n", c.grants, c.policies)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	b.figures(w)
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	b.rest(out)
	fmt.Fprintln(out)
	w = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "bar of CONTRACT section 5\twanted\tmeasured\t")
	missed := 0
	for _, one := range b.bars() {
		verdict := "met"
		if !one.met {
			verdict = "MISSED"
			missed++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", one.what, one.want, one.got, verdict)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%d missed.\n", missed)
	return err
}

// figures prints every measurement.
func (b *bench) figures(w io.Writer) {
	heads, columns := []string{""}, []string{"calls/s, ms, µs of server CPU a call"}
	for _, callers := range callerCounts {
		heads = append(heads, "", fmt.Sprintf("%d callers:", callers), "", "")
		columns = append(columns, "calls/s", "p50", "p99", "CPU")
	}
	fmt.Fprintln(w, strings.Join(heads, "\t")+"\t")
	fmt.Fprintln(w, strings.Join(columns, "\t")+"\t")
	for _, t := range append(b.reads(), b.writes()...) {
		cells := []string{t.name}
		for _, callers := range callerCounts {
			f := figure{t.name, callers}
			if len(b.samples[f]) == 0 {
				cells = append(cells, "", "", "", "")
				continue
			}
			cpu := ""
			if t.server != nil {
				cpu = fmt.Sprintf("%.0f", b.samples.median(f, byCPU)/1e3)
			}
			cells = append(cells, fmt.Sprintf("%.0f", b.samples.median(f, byRate)),
				fmt.Sprintf("%.2f", b.samples.median(f, byP50)/1e6), fmt.Sprintf("%.2f", b.samples.median(f, byP99)/1e6), cpu)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t")+"\t")
	}
}

// rest prints what is not a rate.
func (b *bench) rest(out io.Writer) {
	for _, d := range b.decisions {
		fmt.Fprintf(out, "decision among %d grants and %d policies, %s: %.2f µs\n", b.config.grants, b.config.policies, d.what, float64(d.took)/1e3)
	}
	for _, r := range b.revoked {
		fmt.Fprintf(out, "from %s to the end of an idle watch: %v, at most %v\n", r.what, median(r.delay).Round(time.Millisecond), slices.Max(r.delay).Round(time.Millisecond))
	}
	b.watching.report(out)
	fmt.Fprintf(out, "start to ready with %d secrets: %v (%v)\n", b.config.many, median(b.starts).Round(time.Millisecond), b.starts)
	for _, m := range []struct {
		when string
		memory
	}{{"after the start", b.fresh}, {"after the load", b.worked}} {
		fmt.Fprintf(out, "resident memory, idle %s: %.0f MiB of its own, %.0f MiB of the program, and %.0f MiB of the mapped store\n",
			m.when, mebibytes(m.private), mebibytes(m.other), mebibytes(m.store))
	}
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }

// bars compares the figures with CONTRACT.md section 5, in its order, and with what else is aimed at.
func (b *bench) bars() []bar {
	s, most := b.samples, callerCounts[len(callerCounts)-1]
	at := func(name string) figure { return figure{name, most} }
	alone := func(name string) figure { return figure{name, callerCounts[0]} }
	atLeast := func(what string, want float64, of string, got float64, times string) bar {
		return bar{what, fmt.Sprintf("≥ %.2g × %s", want, of), fmt.Sprintf("%.2f × %s", got, times), got >= want}
	}
	times := func(target, base string) string {
		return fmt.Sprintf("(%.0f/s to %.0f/s)", s.median(at(target), byRate), s.median(at(base), byRate))
	}
	ratio := func(what string, want float64, target, base string) bar {
		return atLeast(what, want, base, s.ratio(at(target), at(base), byRate), times(target, base))
	}
	openBao := func(what string, want float64, target string, reference float64) bar {
		scaled := s.ratio(at(target), at(echoTarget), byRate) * openBaoEcho / reference
		return atLeast(what, want, "OpenBao (not run: scaled)", scaled,
			fmt.Sprintf("(%.0f/s where the echo makes %d/s)", reference, openBaoEcho))
	}
	var slowest time.Duration
	for _, d := range b.decisions {
		slowest = max(slowest, d.took)
	}
	cpu := s.ratio(at(accessTarget), at(echoTarget), byCPU)
	// bbolt's two are in place, that of the audit log appends.
	fsync := (2*s.median(alone(fsyncTarget), byP50) + s.median(alone(appendTarget), byP50)) / 3
	write := s.median(alone(addTarget), byP50) / fsync
	page := s.ratio(alone(listTarget+onLarge), alone(listTarget), byP50)
	beyond := mebibytes(b.fresh.private + b.fresh.other)
	return append([]bar{
		ratio("gRPC access, 64 callers", 0.6, accessTarget, echoTarget),
		ratio("REST access, 64 callers", 0.4, restTarget, jsonTarget),
		ratio("DataOS read, 64 callers", 0.4, dataOSTarget, jsonTarget),
		openBao("gRPC access", 3, accessTarget, openBaoReads),
		openBao("REST access", 3, restTarget, openBaoReads),
		ratio("add version, 64 callers, durable", 0.5, addTarget, rawTarget),
		openBao("add version", 5, addTarget, openBaoWrites),
		{"an authorization decision, ten policies applicable", "≤ 8 µs", fmt.Sprintf("%.2f µs", float64(slowest)/1e3), slowest <= 8*time.Microsecond},
		{
			"server CPU of a gRPC access", "≤ 2.2 × the echo's",
			fmt.Sprintf("%.2f × (%.0f µs to %.0f µs)", cpu, s.median(at(accessTarget), byCPU)/1e3, s.median(at(echoTarget), byCPU)/1e3), cpu <= 2.2,
		},
		{
			"one caller's add version, p50", "≤ 3 fsyncs",
			fmt.Sprintf("%.1f of %.2f ms (raw bbolt %.1f, an echo %.1f)", write, fsync/1e6,
				s.median(alone(rawTarget), byP50)/fsync, s.median(alone(echoTarget), byP50)/fsync), write <= 3,
		},
		atLeast("gRPC access, large", 0.8, "small", s.ratio(at(accessTarget+onLarge), at(accessTarget), byRate), times(accessTarget+onLarge, accessTarget)),
		atLeast("REST access, large", 0.8, "small", s.ratio(at(restTarget+onLarge), at(restTarget), byRate), times(restTarget+onLarge, restTarget)),
		atLeast("gRPC render, large", 0.8, "small", s.ratio(at(renderTarget+onLarge), at(renderTarget), byRate), times(renderTarget+onLarge, renderTarget)),
		ratio("add version, large", 0.5, addTarget+onLarge, rawTarget+onLarge),
		{
			"list page of 100, large, one caller, p50", "≤ 5 × small",
			fmt.Sprintf("%.2f × (%.2f ms)", page, s.median(alone(listTarget+onLarge), byP50)/1e6), page <= 5,
		},
		{"start to ready, large", "≤ 2 s", median(b.starts).Round(time.Millisecond).String(), median(b.starts) <= 2*time.Second},
		{"resident memory beyond the mapped store, idle", "≤ 60 MiB", fmt.Sprintf("%.0f MiB", beyond), beyond <= 60},
	}, b.watching.bars()...)
}
