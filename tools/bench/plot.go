package main

import (
	"os"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// plot draws the time of a clean plan, which people wait for most often, over the number of connections. The
// legend is beside it.
func (r *report) plot(file string) error {
	p := plot.New()
	p.Title.Text = title(cleanPlan)
	p.X.Label.Text, p.Y.Label.Text = "connections", "seconds"
	p.X.Min, p.Y.Min, p.Y.Max = 0, 0, 1
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(wholeTicks), plot.TickerFunc(wholeTicks)
	p.Add(plotter.NewGrid())
	if err := plotutil.AddLinePoints(p, r.curves()...); err != nil {
		return err
	}
	legend := p.Legend
	legend.Top, legend.Left, legend.Padding = true, true, vg.Points(6)
	p.Legend = plot.NewLegend()

	canvas := vgsvg.New(20*vg.Centimeter, 10*vg.Centimeter)
	all := draw.New(canvas)
	const legendWidth = 6 * vg.Centimeter
	all.FillPolygon(p.BackgroundColor, []vg.Point{all.Min, {X: all.Min.X, Y: all.Max.Y}, all.Max, {X: all.Max.X, Y: all.Min.Y}})
	p.Draw(draw.Crop(all, 0, -legendWidth, 0, 0))
	legend.Draw(draw.Crop(all, all.Max.X-legendWidth+vg.Centimeter/2, 0, 0, -vg.Centimeter))

	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := canvas.WriteTo(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// curves are the names and points of the limit and of each subject, as plotutil takes them.
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

// wholeTicks marks whole numbers, at most ten of them.
func wholeTicks(_, largest float64) []plot.Tick {
	step := 1.0 // then 2, 5, 10, 20 and so on
	for i := 0; largest/step > 10; i++ {
		step *= []float64{2, 2.5, 2}[i%3]
	}
	var ticks []plot.Tick
	for at := 0.0; at <= largest; at += step {
		ticks = append(ticks, plot.Tick{Value: at, Label: strconv.Itoa(int(at))})
	}
	return ticks
}
