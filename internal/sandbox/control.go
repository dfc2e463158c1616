package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
)

// A command is one call of the control API, which exposes the methods of Sandbox over HTTP. Example is an example of a
// request body. The IDs of connections and organisations in an example, such as conn_1, are placeholders.
type command struct {
	Method  string          `json:"method"`
	Path    string          `json:"path"`
	Does    string          `json:"does"`
	Example json.RawMessage `json:"example,omitempty"`
	run     func(s *Sandbox, body []byte) (any, error)
	// input is the type of the body, or nil if the command takes none.
	input reflect.Type
}

// serveControl serves the list of commands, or runs a command.
func (s *Sandbox) serveControl(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, ControlPath)
	if r.Method == http.MethodGet && path == "" {
		s.listCommands(w, r)
		return
	}
	command, found := s.command(r.Method, path)
	if !found {
		controlError(w, http.StatusNotFound,
			fmt.Sprintf("there is no %s %s; GET %s lists all commands", r.Method, r.URL.Path, ControlPath))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		controlError(w, http.StatusBadRequest, "the body could not be read: "+err.Error())
		return
	}
	result, err := s.runCommand(command, body)
	if err != nil {
		controlError(w, http.StatusBadRequest, err.Error())
		return
	}
	writeControl(w, http.StatusOK, result)
}

func (s *Sandbox) command(method, path string) (c command, found bool) {
	for _, c := range s.commands {
		if c.Method == method && c.Path == path {
			return c, true
		}
	}
	return command{}, false
}

// listCommands responds with the list of commands, as JSON if the Accept header asks for it, and as text otherwise.
func (s *Sandbox) listCommands(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		writeControl(w, http.StatusOK, s.commands)
		return
	}
	widest := 0
	for _, command := range s.commands {
		widest = max(widest, len(command.Path))
	}
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "These commands are under http://%s%s, for example:\n", r.Host, ControlPath)
	_, _ = fmt.Fprintf(&text, "  curl $WINTRO_SANDBOX_CONTROL/recruitee/issue-token -d '{\"company_id\":816,\"owner_id\":1704}'\n\n")
	for _, command := range s.commands {
		_, _ = fmt.Fprintf(&text, "%-6s %-*s  %s\n", command.Method, widest, command.Path, command.Does)
		if len(command.Example) > len("{}") {
			_, _ = fmt.Fprintf(&text, "       -d '%s'\n", command.Example)
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text.String())
}

// RunForm runs a command of the control API, such as POST /recruitee/issue-token. It takes the command's input from a
// form instead of a JSON body.
func (s *Sandbox) RunForm(method, path string, form url.Values) (err error) {
	command, found := s.command(method, path)
	if !found {
		return fmt.Errorf("there is no %s %s", method, path)
	}
	var body []byte
	if command.input != nil {
		if body, err = encodeForm(command.input, form); err != nil {
			return err
		}
	}
	_, err = s.runCommand(command, body)
	return err
}

// runCommand runs a command. If a method of Sandbox panics with a usageError, runCommand returns the error.
func (s *Sandbox) runCommand(command command, body []byte) (result any, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			usage, ok := panicked.(usageError)
			if !ok {
				panic(panicked)
			}
			err = usage.error
		}
	}()
	return command.run(s, body)
}

func controlError(w http.ResponseWriter, status int, message string) {
	writeControl(w, status, map[string]string{"error": message})
}

// writeControl writes a response as JSON, and indents it because users read it in a terminal.
func writeControl(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(body) // encoding a result can't fail
}

func get(path, does string, function any) command {
	return newCommand(http.MethodGet, path, does, "", function, nil)
}

func remove(path, does string, function any) command {
	return newCommand(http.MethodDelete, path, does, "", function, nil)
}

func post(path, does, example string, function any, names ...string) command {
	return newCommand(http.MethodPost, path, does, example, function, names)
}

// newCommand returns a command that calls function, whose first argument is the Sandbox. If function takes more
// arguments, the body must be a JSON object, and names lists its fields in the order of the arguments. A field whose
// name has the option omitempty is optional. If names is empty, function gets the whole object as its second
// argument.
func newCommand(method, path, does, example string, function any, names []string) command {
	called := reflect.ValueOf(function)
	var input reflect.Type
	if called.Type().NumIn() > 1 {
		input = inputType(called.Type(), names)
	}
	return command{
		Method: method, Path: path, Does: does, Example: json.RawMessage(example), input: input,
		run: func(s *Sandbox, body []byte) (any, error) {
			arguments := []reflect.Value{reflect.ValueOf(s)}
			if input != nil {
				value := reflect.New(input).Elem()
				if err := decodeInput(body, value); err != nil {
					return nil, fmt.Errorf("%w; send something like %s", err, example)
				}
				for i := range names {
					arguments = append(arguments, value.Field(i))
				}
				if len(names) == 0 {
					arguments = append(arguments, value)
				}
			}
			if results := called.Call(arguments); len(results) > 0 {
				return results[0].Interface(), nil
			}
			return map[string]bool{"ok": true}, nil
		},
	}
}

// inputType returns the type of a command's body. It is a struct with a field for each of the names, or the type of the
// function's second parameter if there are no names.
func inputType(function reflect.Type, names []string) reflect.Type {
	if len(names) == 0 {
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
