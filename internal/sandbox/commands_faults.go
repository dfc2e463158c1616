package sandbox

import (
	"fmt"
	"net/http"
	"time"
)

func faultCommands() []command {
	return []command{
		get("/faults", "the faults that are still to come", func(s *Sandbox) any {
			list := []faultInput{}
			for _, f := range s.Faults() {
				list = append(list, showFault(f))
			}
			return list
		}),
		get("/faults/kinds", "the kinds of faults", func(*Sandbox) any { return Kinds() }),
		post("/faults", "make requests fail: those to a system, with a method, whose path contains path; "+
			"some times, or with a probability from a seed; with latency before it, and with another status, "+
			"header or body where there is an answer",
			`{"kind":"answer-lost","system":"wintro","method":"POST","path":"/ats-connections","times":1}`,
			func(s *Sandbox, in faultInput) any { s.Fail(in.fault()); return done{true} }),
		{Method: http.MethodDelete, Path: "/faults", Does: "remove all faults",
			run: func(s *Sandbox, _ []byte) (any, error) { s.ClearFaults(); return done{true}, nil }},
	}
}

// faultInput is a Fault in JSON.
type faultInput struct {
	Kind        Kind              `json:"kind,omitempty"`
	System      string            `json:"system,omitempty"`
	Method      string            `json:"method,omitempty"`
	Path        string            `json:"path,omitempty"`
	Times       int               `json:"times,omitempty"`
	Probability float64           `json:"probability,omitempty"`
	Seed        uint64            `json:"seed,omitempty"`
	Latency     duration          `json:"latency,omitempty"`
	Pace        duration          `json:"pace,omitempty"`
	CarryOut    bool              `json:"carry_out,omitempty"`
	Status      int               `json:"status,omitempty"`
	Header      map[string]string `json:"header,omitempty"`
	Body        string            `json:"body,omitempty"`
}

func (in faultInput) fault() Fault {
	header := http.Header{}
	for name, value := range in.Header {
		header.Set(name, value)
	}
	return Fault{
		Kind: in.Kind, System: in.System, Method: in.Method, Path: in.Path,
		Times: in.Times, Probability: in.Probability, Seed: in.Seed,
		Latency: time.Duration(in.Latency), Pace: time.Duration(in.Pace), CarryOut: in.CarryOut,
		Status: in.Status, Header: header, Body: in.Body,
	}
}

func showFault(f Fault) faultInput {
	header := map[string]string{}
	for name := range f.Header {
		header[name] = f.Header.Get(name)
	}
	return faultInput{
		Kind: f.Kind, System: f.System, Method: f.Method, Path: f.Path,
		Times: f.Times, Probability: f.Probability, Seed: f.Seed,
		Latency: duration(f.Latency), Pace: duration(f.Pace), CarryOut: f.CarryOut,
		Status: f.Status, Header: header, Body: f.Body,
	}
}

// duration is written as people do, such as 1.5s.
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 1.5s", text)
	}
	*d = duration(parsed)
	return nil
}
