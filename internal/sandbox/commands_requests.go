package sandbox

import (
	"fmt"
	"net/http"
	"time"
)

func requestCommands() []command {
	return []command{
		get("/requests", "the log of the requests to Recruitee and Wintro",
			func(s *Sandbox) any { return s.Requests() }),
		{Method: http.MethodDelete, Path: "/requests", Does: "empty the log",
			run: func(s *Sandbox, _ []byte) (any, error) { s.ClearRequests(); return done{true}, nil }},
		get("/faults", "the faults that are still to come", func(s *Sandbox) any {
			list := []faultInput{}
			for _, f := range s.Faults() {
				list = append(list, showFault(f))
			}
			return list
		}),
		post("/faults", "make requests fail; see Fault in package sandbox",
			`{"system":"wintro","method":"GET","times":1,"status":503,"header":{"Retry-After":"1"}}`,
			func(s *Sandbox, in faultInput) any { s.Fail(in.fault()); return done{true} }),
		{Method: http.MethodDelete, Path: "/faults", Does: "remove all faults",
			run: func(s *Sandbox, _ []byte) (any, error) { s.ClearFaults(); return done{true}, nil }},
	}
}

// faultInput is a Fault in JSON.
type faultInput struct {
	System       string            `json:"system,omitempty"`
	Method       string            `json:"method,omitempty"`
	PathContains string            `json:"path_contains,omitempty"`
	Times        int               `json:"times,omitempty"`
	Latency      duration          `json:"latency,omitempty"`
	DropBefore   bool              `json:"drop_before,omitempty"`
	DropAfter    bool              `json:"drop_after,omitempty"`
	Status       int               `json:"status,omitempty"`
	Header       map[string]string `json:"header,omitempty"`
	Body         string            `json:"body,omitempty"`
}

func (in faultInput) fault() Fault {
	header := http.Header{}
	for name, value := range in.Header {
		header.Set(name, value)
	}
	return Fault{
		System: in.System, Method: in.Method, PathContains: in.PathContains, Times: in.Times,
		Latency: time.Duration(in.Latency), DropBefore: in.DropBefore, DropAfter: in.DropAfter,
		Status: in.Status, Header: header, Body: in.Body,
	}
}

func showFault(f Fault) faultInput {
	header := map[string]string{}
	for name := range f.Header {
		header[name] = f.Header.Get(name)
	}
	return faultInput{
		System: f.System, Method: f.Method, PathContains: f.PathContains, Times: f.Times,
		Latency: duration(f.Latency), DropBefore: f.DropBefore, DropAfter: f.DropAfter,
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
