package sandbox

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// inputField is a field of a command's body.
type inputField struct {
	name     string
	optional bool
	index    []int
	kind     reflect.Type
}

func inputFields(input reflect.Type) (fields []inputField) {
	for _, field := range reflect.VisibleFields(input) {
		if name, option, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
			fields = append(fields, inputField{name, option == "omitempty", field.Index, field.Type})
		}
	}
	return fields
}

// decodeInput is strict, since a misspelt or forgotten field would pass for a zero one.
func decodeInput(body []byte, value reflect.Value) error {
	sent := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &sent); err != nil || sent == nil {
		return errors.New("the body is not a JSON object")
	}
	fields := inputFields(value.Type())
	var known []string
	for _, field := range fields {
		known = append(known, field.name)
	}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown field %q: there are %s", name, strings.Join(known, ", "))
		}
	}
	for _, field := range fields {
		raw, found := sent[field.name]
		if !found {
			if field.optional {
				continue
			}
			return fmt.Errorf("%s is missing", field.name)
		}
		if err := decodeField(raw, value.FieldByIndex(field.index)); err != nil {
			return fmt.Errorf("%s %w", field.name, err)
		}
	}
	return nil
}

// decodeField returns what is wrong with a field, as the rest of a sentence that begins with its name.
func decodeField(raw json.RawMessage, field reflect.Value) error {
	if string(raw) == "null" {
		return fmt.Errorf("must be %s, not null", kindOf(field.Type()))
	}
	err := json.Unmarshal(raw, field.Addr().Interface())
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType):
		return fmt.Errorf("must be %s, not %s", kindOf(field.Type()), raw)
	case err != nil:
		return fmt.Errorf("is wrong: %w", err)
	}
	return nil
}

// kindOf is what a field takes, in words.
func kindOf(field reflect.Type) string {
	if takesText(field) {
		return "a text"
	}
	switch field.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number from 0 up"
	case reflect.Float64:
		return "a number"
	case reflect.Map:
		if field.Elem().Kind() == reflect.Interface {
			return "an object"
		}
		return "an object of texts"
	default:
		return "an object"
	}
}

func takesText(field reflect.Type) bool {
	return field.Kind() == reflect.String || reflect.PointerTo(field).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// encodeForm makes the body of a command from a form's fields. An optional field that is empty is left out; decodeInput
// complains about what isn't a number.
func encodeForm(input reflect.Type, form url.Values) ([]byte, error) {
	body := map[string]any{}
	for _, field := range inputFields(input) {
		values, found := form[field.name]
		if !found || field.optional && values[0] == "" {
			continue
		}
		text := strings.TrimSpace(values[0])
		if !takesText(field.kind) && json.Valid([]byte(text)) {
			body[field.name] = json.RawMessage(text)
		} else {
			body[field.name] = values[0]
		}
	}
	return json.Marshal(body)
}
