package main

import (
	"context"
	"fmt"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// operation is something that people do with Terraform.
type operation struct {
	name string
	// calls is how many calls, one after the other, a link needs at the least.
	calls     int
	arguments []string
	exit      int
	// drifted tells whether every link is another than the last time.
	drifted bool
	// profiled tells whether this is what a profile is of.
	profiled bool
}

// The order is that of a life.
var operations = []operation{
	// While planning the token is checked. While applying it is checked again, beside the look-up for an
	// existing link; then the link is made.
	{name: "apply", calls: 3, arguments: []string{"apply", "-auto-approve"}},
	// Both systems are asked at once.
	{name: "clean plan", calls: 1, arguments: []string{"plan", "-detailed-exitcode"}, profiled: true},
	{name: "drifted plan", calls: 1, arguments: []string{"plan", "-detailed-exitcode"}, exit: 2, drifted: true},
	{name: "refresh-only", calls: 1, arguments: []string{"plan", "-refresh-only"}},
	// A refresh comes first.
	{name: "destroy", calls: 2, arguments: []string{"destroy", "-auto-approve"}},
}

// measurement is what one operation took.
type measurement struct {
	wall, terraformCPU, providerCPU time.Duration
	// memory is the provider's peak, in bytes.
	memory int64
	// recruitee and wintro are how many requests there were.
	recruitee, wintro int
	// state is how many bytes of state there are once it is over.
	state int64
}

// measure lets a contender live through all operations once.
func measure(ctx context.Context, asked settings, c contender, size int, folder string) (map[string]measurement, error) {
	w, err := newWorld(ctx, size)
	if err != nil {
		return nil, err
	}
	defer w.close()
	t, err := newTerraform(asked, c, folder)
	if err != nil {
		return nil, err
	}
	stateSize := t.localStateSize
	if asked.state == httpState {
		state := newStateServer()
		defer state.Close()
		stateSize = state.size
		if err := t.initialize(ctx, state.backend()); err != nil {
			return nil, err
		}
	}
	if err := t.write("main.tf", c.configuration(w, size)); err != nil {
		return nil, err
	}
	w.slow(asked.latency)
	measured := map[string]measurement{}
	for _, o := range operations {
		m, err := t.measure(ctx, o, w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
		if m.state, err = stateSize(); err != nil {
			return nil, err
		}
		measured[o.name] = m
		if made := len(w.Connections()); c.linked && o.name == "apply" && made != size {
			return nil, fmt.Errorf("%d links were made", made)
		}
	}
	if left := len(w.Connections()); left > 0 {
		return nil, fmt.Errorf("%d links are left", left)
	}
	return measured, nil
}

func (t *terraform) measure(ctx context.Context, o operation, w *world) (measurement, error) {
	var env []string
	if o.drifted {
		w.relabel("By hand")
		defer w.relabel("Recruitee")
		env = append(env, "TF_VAR_drift=drifted")
	}
	if o.profiled && t.asked.profiles != "" {
		env = append(env, profileFolder+"="+t.asked.profiles)
	}
	w.ClearRequests()
	m, err := t.run(ctx, o, env)
	if err != nil {
		return measurement{}, err
	}
	requests := w.Requests()
	m.recruitee, m.wintro = len(requests.To(sandbox.Recruitee)), len(requests.To(sandbox.Wintro))
	return m, nil
}
