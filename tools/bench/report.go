package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

type report struct {
	settings settings
	subjects []subject
	began    time.Time
	runs     map[key][]measurement
}

type key struct {
	subject   string
	size      int
	operation string
}

// median returns the measurement with the median elapsed time.
func (r *report) median(subject string, size int, o operation) measurement {
	runs := slices.SortedFunc(slices.Values(r.runs[key{subject, size, o.name}]), func(a, b measurement) int { return cmp.Compare(a.wall, b.wall) })
	return runs[len(runs)/2]
}

// limit returns the floor's time plus the latency of the calls, at Terraform's parallelism. The report compares the
// time of the operation with this limit. The operation may still take less time, because Terraform works while calls
// are in flight.
func (r *report) limit(floor string, size int, o operation) time.Duration {
	waves := (size + r.settings.parallelism - 1) / r.settings.parallelism
	return r.median(floor, size, o).wall + time.Duration(o.calls*waves)*r.settings.latency
}

func (r *report) markdown() string {
	var text strings.Builder
	s, state := r.settings, "in a local file"
	if s.httpState {
		state = "on a server"
	}
	fmt.Fprintf(&text, "Measured on %s on %d processors (%s/%s), with %s and %s; the median of %d run(s). Each response of either system takes %s, and Terraform works on %d connections concurrently. State: %s.\n",
		r.began.Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, s.cli, runtime.Version(), s.runs, s.latency, s.parallelism, state)
	if s.rateLimit > 0 {
		r.underRateLimit(&text)
		return text.String()
	}
	for _, o := range operations {
		fmt.Fprintf(&text, "\n## %s\n\nLimits: the time of either floor, and %d × %s for each %d connections.\n\n", title(o), o.calls, s.latency, s.parallelism)
		text.WriteString("| Connections | With | Time | Empty limit | Time : limit | Stateful limit | Time : limit | CPU | Requests per connection, Recruitee + Wintro |\n")
		text.WriteString("|--:|---|--:|--:|--:|--:|--:|--:|--:|\n")
		for _, size := range s.sizes {
			for _, subject := range r.subjects {
				text.WriteString(r.line(subject, size, o))
			}
		}
	}
	return text.String()
}

// underRateLimit writes one table of all operations. For each operation, the table shows the time that its requests
// take at the average rate that Wintro allows.
func (r *report) underRateLimit(text *strings.Builder) {
	limit, window := r.settings.rateLimit, r.settings.rateWindow
	fmt.Fprintf(text, "\nWintro accepts %d requests in each %s. Each operation starts with a new window. *Allowed* is the time that the limit gives, at its average rate, to the requests that an operation needs: one for each connection that it creates or removes, or one for each page of 100 connections that it only reads. The operation can take less time, because the first %d requests don't wait.\n\n", limit, window, limit)
	text.WriteString("| Operation | Connections | With | Requests to Wintro | Per connection | Refused (429) | Time | Allowed |\n")
	text.WriteString("|---|--:|---|--:|--:|--:|--:|--:|\n")
	for _, o := range operations {
		for _, size := range r.settings.sizes {
			needed := (size + 99) / 100
			if o.writes {
				needed = size
			}
			for _, subject := range r.subjects {
				m := r.median(subject.name, size, o)
				fmt.Fprintf(text, "| %s | %d | %s | %d | %.2f | %d | %s | %s |\n", title(o), size, subject.name, m.wintro, float64(m.wintro)/float64(size),
					m.refused, seconds(m.wall), seconds(window*time.Duration(needed)/time.Duration(limit)))
			}
		}
	}
}

func (r *report) line(subject subject, size int, o operation) string {
	m := r.median(subject.name, size, o)
	against, requests := " | | | ", ""
	if !subject.isFloor {
		empty, stateful := r.limit(emptyFloor, size, o), r.limit(statefulFloor, size, o)
		against = fmt.Sprintf("%s | %.2f | %s | %.2f", seconds(empty), m.wall.Seconds()/empty.Seconds(), seconds(stateful), m.wall.Seconds()/stateful.Seconds())
		requests = fmt.Sprintf("%.2f + %.2f", float64(m.recruitee)/float64(size), float64(m.wintro)/float64(size))
	}
	return fmt.Sprintf("| %d | %s | %s | %s | %s | %s |\n", size, subject.name, seconds(m.wall), against, seconds(m.cpu), requests)
}

func title(o operation) string { return strings.ToUpper(o.name[:1]) + o.name[1:] }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
