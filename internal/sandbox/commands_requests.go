package sandbox

import "net/http"

func requestCommands() []command {
	return []command{
		get("/requests", "the log of the requests to Recruitee and Wintro",
			func(s *Sandbox) any { return s.Requests() }),
		{Method: http.MethodDelete, Path: "/requests", Does: "empty the log",
			run: func(s *Sandbox, _ []byte) (any, error) { s.ClearRequests(); return done{true}, nil }},
	}
}
