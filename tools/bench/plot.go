package main

import (
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	_ "gonum.org/v1/plot/vg/vgsvg" // Save needs it to write SVG
)

// plot draws the time of a clean plan against the number of connections. A clean plan is the most frequent
// operation.
func (r *report) plot(file string) error {
	p := plot.New()
	p.Title.Text = title(cleanPlan)
	p.X.Label.Text, p.Y.Label.Text = "connections", "seconds"
	p.X.Min, p.Y.Min, p.Y.Max = 0, 0, 1
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(labelledTicks), plot.TickerFunc(labelledTicks)
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, vg.Points(6) // away from the curves
	p.Add(plotter.NewGrid())
	if err := plotutil.AddLinePoints(p, r.curves()...); err != nil {
		return err
	}
	p.X.Max *= 1.05 // leaves room for the last number
	return p.Save(20*vg.Centimeter, 10*vg.Centimeter, file)
}

// curves returns the names and points of the limit and of each subject, in the form that plotutil expects.
func (r *report) curves() []any {
	curve := func(at func(size int) time.Duration) plotter.XYs {
		var points plotter.XYs
		for _, size := range r.settings.sizes {
			points = append(points, plotter.XY{X: float64(size), Y: at(size).Seconds()})
		}
		return points
	}
	curves := []any{"empty limit", curve(func(size int) time.Duration { return r.limit(emptyFloor, size, cleanPlan) })}
	for _, subject := range r.subjects {
		curves = append(curves, subject.name, curve(func(size int) time.Duration { return r.median(subject.name, size, cleanPlan).wall }))
	}
	return curves
}

// labelledTicks gives every tick a label and a grid line, even the small ticks.
func labelledTicks(smallest, largest float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(smallest, largest)
	for i := range ticks {
		ticks[i].Label = strconv.FormatFloat(ticks[i].Value, 'f', -1, 32)
	}
	return ticks
}
