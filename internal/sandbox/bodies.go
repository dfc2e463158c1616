package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// embody gives an answer without a body one, or else a fault in the body would do nothing to it.
func embody(a *answer) {
	if a.body.Len() > 0 {
		return
	}
	if a.status == http.StatusNoContent {
		a.status = http.StatusOK
	}
	a.header.Set("Content-Type", "application/json")
	a.body.WriteString(`{"data":null}`)
}

func (a *answer) truncate() { a.body.Truncate(a.body.Len() / 2) }

func truncated(c *call, a *answer) {
	a.truncate()
	a.send(c.w)
}

func bodyOf(content string) func(*answer) {
	return func(a *answer) {
		embody(a)
		a.body.Reset()
		a.body.WriteString(content)
	}
}

func mislabel(a *answer) {
	embody(a)
	a.header.Set("Content-Type", "text/plain; charset=utf-8")
}

func changeTypes(a *answer) {
	embody(a)
	decoder := json.NewDecoder(&a.body)
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		// Of the systems' answers only Recruitee's 429 is not JSON.
		value = ""
	}
	fields, isObject := value.(map[string]any)
	if isObject {
		changeFields(fields)
	} else {
		value = changeType(value)
	}
	encoded, _ := json.Marshal(value) // what was decoded can be encoded
	a.body.Reset()
	a.body.Write(encoded)
}

// changeFields changes the types of all fields, but objects stay objects, so that what they are made
// of is looked at.
func changeFields(fields map[string]any) {
	for name, value := range fields {
		if inner, isObject := value.(map[string]any); isObject {
			changeFields(inner)
		} else {
			fields[name] = changeType(value)
		}
	}
}

func changeType(value any) any {
	switch value := value.(type) {
	case nil:
		return false
	case bool:
		return strconv.FormatBool(value)
	case json.Number:
		return value.String()
	case []any:
		object := map[string]any{}
		for i, element := range value {
			object[strconv.Itoa(i)] = element
		}
		return object
	default:
		return []any{value}
	}
}

// endless begins with the real body, all but its end, and goes on with a text without end.
func endless(c *call, a *answer) {
	begun := bytes.TrimRight(a.body.Bytes(), "} \n")
	a.body.Truncate(len(begun))
	a.body.WriteString(`,"more":"`)
	a.send(c.w)
	more := bytes.Repeat([]byte("more "), 4<<10)
	for c.r.Context().Err() == nil {
		if _, err := c.w.Write(more); err != nil {
			return
		}
	}
}

// slow sends the header at once, and then one byte each time that the pace has passed.
func slow(c *call, a *answer) {
	body := a.body.Bytes()
	a.header.Set("Content-Length", strconv.Itoa(len(body)))
	a.sendHeader(c.w)
	client := http.NewResponseController(c.w)
	for client.Flush() == nil && len(body) > 0 && wait(c.r.Context(), c.fault.Pace) {
		_, _ = c.w.Write(body[:1]) // Flush tells whether it got through
		body = body[1:]
	}
}
