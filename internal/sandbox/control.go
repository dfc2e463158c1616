package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
)

// control is the control API: the methods of Sandbox over HTTP.
type control struct {
	s        *Sandbox
	mux      *http.ServeMux
	commands []command
}

// A command is one call of the control API. Example is a body that it takes, for a seeded sandbox.
type command struct {
	Method  string          `json:"method"`
	Path    string          `json:"path"`
	Does    string          `json:"does"`
	Example json.RawMessage `json:"example,omitempty"`
	run     func(s *Sandbox, body []byte) (any, error)
	// input is the type of the body, or nil if the command takes none.
	input reflect.Type
}

// okResult is the response of commands that have no result.
type okResult struct {
	OK bool `json:"ok"`
}

func newControl(s *Sandbox) *control {
	c := &control{s: s, mux: http.NewServeMux(), commands: commands()}
	for _, command := range c.commands {
		c.mux.HandleFunc(command.Method+" "+ControlPath+command.Path, c.handle(command))
	}
	c.mux.HandleFunc("GET "+ControlPath, c.list)
	return c
}

func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := c.mux.Handler(r); pattern == "" {
		controlError(w, r, http.StatusNotFound,
			fmt.Sprintf("there is no %s %s; GET %s lists all commands", r.Method, r.URL.Path, ControlPath))
		return
	}
	c.mux.ServeHTTP(w, r)
}

// list serves the list of commands: as JSON to a caller that asks for it, or else as text.
func (c *control) list(w http.ResponseWriter, r *http.Request) {
	if wantsJSON(r) {
		writeControl(w, r, http.StatusOK, c.commands)
		return
	}
	widest := 0
	for _, command := range c.commands {
		widest = max(widest, len(command.Path))
	}
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "The commands below http://%s%s, for example\n", r.Host, ControlPath)
	_, _ = fmt.Fprintf(&text, "  curl $WINTRO_SANDBOX_CONTROL/recruitee/issue-token -d '{\"company_id\":816,\"owner_id\":1704}'\n\n")
	for _, command := range c.commands {
		_, _ = fmt.Fprintf(&text, "%-6s %-*s  %s\n", command.Method, widest, command.Path, command.Does)
		if len(command.Example) > 2 {
			_, _ = fmt.Fprintf(&text, "       -d '%s'\n", command.Example)
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text.String())
}

// RunForm runs a command of the control API, such as POST /recruitee/issue-token, with the fields of a form in
// place of a body. It returns an error if a field is invalid.
func (s *Sandbox) RunForm(method, path string, form url.Values) (result any, err error) {
	for _, command := range s.control.commands {
		if command.Method != method || command.Path != path {
			continue
		}
		var body []byte
		if command.input != nil {
			if body, err = encodeForm(command.input, form); err != nil {
				return nil, err
			}
		}
		return s.control.runCommand(command, body)
	}
	return nil, fmt.Errorf("there is no %s %s", method, path)
}

func (c *control) handle(command command) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			controlError(w, r, http.StatusBadRequest, "the body could not be read: "+err.Error())
			return
		}
		result, err := c.runCommand(command, body)
		if err != nil {
			controlError(w, r, http.StatusBadRequest, err.Error())
			return
		}
		writeControl(w, r, http.StatusOK, result)
	}
}

// runCommand runs a command. It returns the error that a method of Sandbox panics with.
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

func controlError(w http.ResponseWriter, r *http.Request, status int, message string) {
	writeControl(w, r, status, map[string]string{"error": message})
}

// writeControl writes JSON: on one line to a caller that asks for it, or else indented.
func writeControl(w http.ResponseWriter, r *http.Request, status int, body any) {
	if wantsJSON(r) {
		writeJSON(w, "application/json", status, body)
		return
	}
	var laidOut bytes.Buffer
	encoder := json.NewEncoder(&laidOut)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(laidOut.Bytes())
}

// wantsJSON reports whether the caller asks for JSON.
func wantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

// get makes a command that reads something.
func get(path, does string, read func(*Sandbox) any) command {
	return command{Method: http.MethodGet, Path: path, Does: does, run: func(s *Sandbox, _ []byte) (any, error) {
		return read(s), nil
	}}
}

// remove makes a command that removes something.
func remove(path, does string, run func(*Sandbox)) command {
	return command{Method: http.MethodDelete, Path: path, Does: does, run: func(s *Sandbox, _ []byte) (any, error) {
		run(s)
		return okResult{true}, nil
	}}
}

// post makes a command that takes a JSON object and calls function, such as a method of Sandbox. It
// passes the fields with these names as arguments. An argument with the option omitempty is optional. Without names, it
// passes the whole object.
func post(path, does, example string, function any, names ...string) command {
	called := reflect.ValueOf(function)
	input := inputType(called.Type(), names)
	return command{
		Method: http.MethodPost, Path: path, Does: does, Example: json.RawMessage(example), input: input,
		run: func(s *Sandbox, body []byte) (any, error) {
			value := reflect.New(input)
			if err := decodeInput(body, value.Elem()); err != nil {
				return nil, fmt.Errorf("%w; send something like %s", err, example)
			}
			arguments := []reflect.Value{reflect.ValueOf(s)}
			for i := range names {
				arguments = append(arguments, value.Elem().Field(i))
			}
			if len(names) == 0 && called.Type().NumIn() > 1 {
				arguments = append(arguments, value.Elem())
			}
			if results := called.Call(arguments); len(results) > 0 {
				return results[0].Interface(), nil
			}
			return okResult{true}, nil
		},
	}
}

// inputType returns the type of a command's body: a struct with a field for each argument.
func inputType(function reflect.Type, names []string) reflect.Type {
	if len(names) == 0 && function.NumIn() > 1 {
		return function.In(1)
	}
	var fields []reflect.StructField
	for i, name := range names {
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprint("Argument", i), Type: function.In(i + 1), Tag: reflect.StructTag(fmt.Sprintf("json:%q", name)),
		})
	}
	return reflect.StructOf(fields)
}
