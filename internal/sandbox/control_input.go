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

// inputField describes a field of a command's JSON body.
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

// decodeInput decodes a command's body. It rejects unknown fields and missing required fields, because a misspelt or
// forgotten field would otherwise go unnoticed.
func decodeInput(body []byte, value reflect.Value) error {
	sent := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &sent); err != nil || sent == nil {
		return errors.New("the body isn't a JSON object")
	}
	fields := inputFields(value.Type())
	var known []string
	for _, field := range fields {
		known = append(known, field.name)
	}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown field %q; use %s", name, strings.Join(known, ", "))
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

// decodeField decodes one field. The text of its error continues a sentence that begins with the field's name.
func decodeField(raw json.RawMessage, field reflect.Value) error {
	err := json.Unmarshal(raw, field.Addr().Interface())
	if _, isWrongType := errors.AsType[*json.UnmarshalTypeError](err); isWrongType || string(raw) == "null" {
		return fmt.Errorf("can't be %s", raw)
	}
	if err != nil {
		return fmt.Errorf("is wrong: %w", err)
	}
	return nil
}

func takesText(field reflect.Type) bool {
	return field.Kind() == reflect.String || reflect.PointerTo(field).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// encodeForm converts a form to the JSON body of a command. It leaves out optional fields that are empty.
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
