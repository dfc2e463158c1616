package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is all that was measured.
type report struct {
	settings settings
	began    time.Time
	versions string
	// started is how the provider and the one that does nothing start.
	started []start
	rows    []row
}

// row is a contender with a number of links, in all runs.
type row struct {
	contender contender
	size      int
	runs      []map[string]measurement
}

func (r *report) add(c contender, size int, measured map[string]measurement) {
	for i := range r.rows {
		if r.rows[i].size == size && r.rows[i].contender.name == c.name {
			r.rows[i].runs = append(r.rows[i].runs, measured)
			return
		}
	}
	r.rows = append(r.rows, row{c, size, []map[string]measurement{measured}})
}

// of are the medians of a contender's measurements, each by itself.
func (r *report) of(contender string, size int, o operation) measurement {
	for _, one := range r.rows {
		if one.contender.name != contender || one.size != size {
			continue
		}
		return measurement{
			wall:         medianOf(one.runs, o, func(m measurement) time.Duration { return m.wall }),
			terraformCPU: medianOf(one.runs, o, func(m measurement) time.Duration { return m.terraformCPU }),
			providerCPU:  medianOf(one.runs, o, func(m measurement) time.Duration { return m.providerCPU }),
			memory:       medianOf(one.runs, o, func(m measurement) int64 { return m.memory }),
			recruitee:    medianOf(one.runs, o, func(m measurement) int { return m.recruitee }),
			wintro:       medianOf(one.runs, o, func(m measurement) int { return m.wintro }),
			state:        medianOf(one.runs, o, func(m measurement) int64 { return m.state }),
		}
	}
	return measurement{}
}

func medianOf[T cmp.Ordered](runs []map[string]measurement, o operation, pick func(measurement) T) T {
	all := make([]T, len(runs))
	for i, run := range runs {
		all[i] = pick(run[o.name])
	}
	return median(all)
}

func median[T cmp.Ordered](all []T) T {
	return slices.Sorted(slices.Values(all))[len(all)/2]
}

// limit is what an operation is compared with: the time of a floor, and then the calls that follow one another,
// for as many links at once as Terraform works on. It can take less, since Terraform does both at once.
func (r *report) limit(floorName string, size int, o operation) time.Duration {
	floor := r.of(floorName, size, o)
	waves := (size + r.settings.parallelism - 1) / r.settings.parallelism
	return floor.wall + time.Duration(o.calls*waves)*r.settings.latency
}

func (r *report) write(stdout io.Writer) error {
	var text strings.Builder
	r.markdown(&text)
	if _, err := io.WriteString(stdout, text.String()); err != nil {
		return err
	}
	if r.settings.out == "" {
		return nil
	}
	if err := os.WriteFile(r.settings.out+".md", []byte(text.String()), 0o600); err != nil {
		return err
	}
	return r.plot(r.settings.out + ".svg")
}

func (r *report) markdown(text *strings.Builder) {
	s := r.settings
	_, _ = fmt.Fprintf(text, "Measured on %s on %s, with %s; medians of %d run(s). Each answer of either system takes %s, and Terraform works on %d links at once. State: %s.\n",
		r.began.Format(time.DateOnly), machine(), r.versions, s.runs, s.latency, s.parallelism, s.state)
	for _, o := range operations {
		_, _ = fmt.Fprintf(text, "\n## %s%s\n\nLimits: the time of the empty resource or of the inert link, and %d × %s for each %d links.\n\n", strings.ToUpper(o.name[:1]), o.name[1:], o.calls, s.latency, s.parallelism)
		text.WriteString("| Links | With | Time | Limit, empty | Time : empty | Limit, inert | Time : inert | CPU of Terraform | CPU of the provider | Its memory | Requests per link, Recruitee + Wintro |\n")
		text.WriteString("|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
		for _, row := range r.rows {
			r.line(text, row, o)
		}
	}
	text.WriteString("\n## State\n\nHow much of it there is once everything is applied.\n\n| Links | With | State |\n|--:|---|--:|\n")
	for _, row := range r.rows {
		state := r.of(row.contender.name, row.size, operations[0]).state
		_, _ = fmt.Fprintf(text, "| %d | %s | %.1f KB |\n", row.size, row.contender.name, float64(state)/1e3)
	}
	text.WriteString("\n## Start\n\nFrom the start of the process until its schema is answered, what is in memory then, and the size of the program.\n\n" +
		"| | Time | Memory | Program |\n|---|--:|--:|--:|\n")
	for i, name := range []string{"this provider", "empty resource"} {
		one := r.started[i]
		_, _ = fmt.Fprintf(text, "| %s | %d ms | %s | %s |\n", name, one.took.Milliseconds(), megabytes(one.memory), megabytes(one.binary))
	}
}

func (r *report) line(text *strings.Builder, row row, o operation) {
	m := r.of(row.contender.name, row.size, o)
	against := func(floorName string) string {
		if !row.contender.limited {
			return " | "
		}
		limit := r.limit(floorName, row.size, o)
		return fmt.Sprintf("%s | %.2f", seconds(limit), m.wall.Seconds()/limit.Seconds())
	}
	requests := ""
	if row.contender.linked {
		requests = fmt.Sprintf("%.2f + %.2f", float64(m.recruitee)/float64(row.size), float64(m.wintro)/float64(row.size))
	}
	_, _ = fmt.Fprintf(text, "| %d | %s | %s | %s | %s | %s | %s | %s | %s |\n", row.size, row.contender.name,
		seconds(m.wall), against(emptyResource), against(inertLink), seconds(m.terraformCPU), seconds(m.providerCPU), megabytes(m.memory), requests)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func megabytes(size int64) string { return fmt.Sprintf("%.1f MB", float64(size)/1e6) }

func machine() string {
	name := runtime.GOOS + "/" + runtime.GOARCH
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, model, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
			name = strings.TrimSpace(model) + ", " + name
			break
		}
	}
	return fmt.Sprintf("%d processors (%s)", runtime.NumCPU(), name)
}

// versions are those of Terraform and of Go.
func versions(ctx context.Context, terraform string) (string, error) {
	cmd := exec.CommandContext(ctx, terraform, "version", "-json")
	cmd.Env = append(withoutTerraforms(os.Environ()), "CHECKPOINT_DISABLE=1")
	printed, err := cmd.Output()
	if err != nil {
		return "", err
	}
	var is struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(printed, &is); err != nil {
		return "", err
	}
	name := "Terraform"
	if strings.Contains(terraform, "tofu") {
		name = "OpenTofu"
	}
	return fmt.Sprintf("%s %s and %s", name, is.Version, runtime.Version()), nil
}
