package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
)

// control is the control API: the methods of Sandbox for people with curl.
type control struct {
	s           *Sandbox
	mux         *http.ServeMux
	crossOrigin *http.CrossOriginProtection
}

// A command is one call of the control API. Example is a body that it takes, for a seeded sandbox.
type command struct {
	Method  string          `json:"method"`
	Path    string          `json:"path"`
	Does    string          `json:"does"`
	Example json.RawMessage `json:"example,omitempty"`
	run     func(s *Sandbox, body []byte) (any, error)
}

// okResult is what commands answer that have no result.
type okResult struct {
	OK bool `json:"ok"`
}

func newControl(s *Sandbox) *control {
	c := &control{s: s, mux: http.NewServeMux(), crossOrigin: http.NewCrossOriginProtection()}
	list := commands()
	for _, command := range list {
		c.mux.HandleFunc(command.Method+" "+ControlPath+command.Path, c.handle(command))
	}
	c.mux.HandleFunc("GET "+ControlPath, func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, "application/json", http.StatusOK, list)
	})
	return c
}

// ServeHTTP answers to this machine only, and not to web pages that a browser on it has open: with
// the control API, whoever can reach it gets tokens.
func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isLoopback(r.Host) {
		controlError(w, http.StatusForbidden,
			"the control API answers under localhost, 127.0.0.1 and [::1] only, not under "+r.Host)
		return
	}
	if err := c.crossOrigin.Check(r); err != nil {
		controlError(w, http.StatusForbidden, "the control API does not answer web pages: "+err.Error())
		return
	}
	if _, pattern := c.mux.Handler(r); pattern == "" {
		controlError(w, http.StatusNotFound,
			fmt.Sprintf("there is no %s %s; GET %s lists what there is", r.Method, r.URL.Path, ControlPath))
		return
	}
	c.mux.ServeHTTP(w, r)
}

func (c *control) handle(command command) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			controlError(w, http.StatusBadRequest, "the body could not be read: "+err.Error())
			return
		}
		result, err := c.runCommand(command, body)
		if err != nil {
			controlError(w, http.StatusBadRequest, err.Error())
			return
		}
		if err := c.s.Err(); err != nil {
			controlError(w, http.StatusInternalServerError, err.Error())
			return
		}
		writeJSON(w, "application/json", http.StatusOK, result)
	}
}

// runCommand runs a command. What is a panic for a test is an answer here.
func (c *control) runCommand(command command, body []byte) (result any, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			usage, ok := panicked.(usageError)
			if !ok {
				panic(panicked)
			}
			err = usage.error
		}
	}()
	return command.run(c.s, body)
}

func controlError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, "application/json", status, map[string]string{"error": message})
}

// isLoopback reports whether a Host header names this machine as only this machine can. A name that
// somebody else's DNS has pointed here does not count.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.IsLoopback()
}

// get makes a command that only looks.
func get(path, does string, read func(*Sandbox) any) command {
	return command{Method: http.MethodGet, Path: path, Does: does, run: func(s *Sandbox, _ []byte) (any, error) {
		return read(s), nil
	}}
}

// post makes a command that takes a JSON object, and needs all its fields except those with omitempty.
func post[Input any](path, does, example string, run func(*Sandbox, Input) any) command {
	return command{
		Method: http.MethodPost, Path: path, Does: does, Example: json.RawMessage(example),
		run: func(s *Sandbox, body []byte) (any, error) {
			var input Input
			if err := decodeInput(body, &input); err != nil {
				return nil, fmt.Errorf("%w; send something like %s", err, example)
			}
			return run(s, input), nil
		},
	}
}

// decodeInput is strict, since a misspelt or forgotten field would pass for a zero one.
func decodeInput(body []byte, input any) error {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return errors.New("the body is not a JSON object")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(input); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	inputType := reflect.TypeOf(input).Elem()
	for i := range inputType.NumField() {
		name, option, _ := strings.Cut(inputType.Field(i).Tag.Get("json"), ",")
		if _, found := fields[name]; !found && option != "omitempty" {
			return fmt.Errorf("%s is missing", name)
		}
	}
	return nil
}
