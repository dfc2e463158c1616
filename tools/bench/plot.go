package main

import (
	"image/color"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const limitName = "limit, empty"

var plotted = []string{"apply", "clean plan", "destroy"}

// plot draws the time over the number of links, for the operations that people wait for.
func (r *report) plot(file string) error {
	canvas := vgsvg.New(30*vg.Centimeter, 10*vg.Centimeter)
	var plots []*plot.Plot
	for _, o := range operations {
		if !slices.Contains(plotted, o.name) {
			continue
		}
		one, err := r.plotOf(o)
		if err != nil {
			return err
		}
		plots = append(plots, one)
	}
	tiles := draw.Tiles{Rows: 1, Cols: len(plots), PadX: vg.Centimeter, PadRight: vg.Centimeter}
	for i, canvas := range plot.Align([][]*plot.Plot{plots}, tiles, draw.New(canvas))[0] {
		plots[i].Draw(canvas)
	}
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

func (r *report) plotOf(o operation) (*plot.Plot, error) {
	p := plot.New()
	p.BackgroundColor = color.White
	p.Title.Text = strings.ToUpper(o.name[:1]) + o.name[1:]
	p.X.Label.Text, p.Y.Label.Text = "links", "seconds"
	p.X.Min, p.Y.Min = 0, 0
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	for i, curve := range r.curves(o) {
		line, points, err := plotter.NewLinePoints(curve.points)
		if err != nil {
			return nil, err
		}
		line.Color, points.Color = colours[i%len(colours)], colours[i%len(colours)]
		line.Width, points.Shape = vg.Points(1.5), draw.CircleGlyph{}
		if curve.name == limitName {
			line.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
		}
		p.Add(line, points)
		p.Legend.Add(curve.name, line)
	}
	return p, nil
}

var colours = []color.Color{
	color.RGBA{0x88, 0x88, 0x88, 0xff}, color.RGBA{0x1f, 0x77, 0xb4, 0xff}, color.RGBA{0xff, 0x7f, 0x0e, 0xff},
	color.RGBA{0x2c, 0xa0, 0x2c, 0xff}, color.RGBA{0xd6, 0x27, 0x28, 0xff}, color.RGBA{0x94, 0x67, 0xbd, 0xff},
	color.RGBA{0x8c, 0x56, 0x4b, 0xff},
}

type curve struct {
	name   string
	points plotter.XYs
}

// curves are one for each contender, and the limit behind them.
func (r *report) curves(o operation) []curve {
	limit := curve{name: limitName}
	var all []curve
	for _, row := range r.rows {
		at := slices.IndexFunc(all, func(c curve) bool { return c.name == row.contender.name })
		if at < 0 {
			at = len(all)
			all = append(all, curve{name: row.contender.name})
		}
		m := r.of(row.contender.name, row.size, o)
		all[at].points = append(all[at].points, plotter.XY{X: float64(row.size), Y: m.wall.Seconds()})
		if row.contender.name == emptyResource {
			limit.points = append(limit.points, plotter.XY{X: float64(row.size), Y: r.limit(emptyResource, row.size, o).Seconds()})
		}
	}
	return append([]curve{limit}, all...)
}
