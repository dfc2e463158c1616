package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
)

// An answer is an http.ResponseWriter that keeps what is written.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: http.Header{}} }

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// send passes the answer on to the caller. That the caller may be gone is nobody's error here.
func (a *answer) send(w http.ResponseWriter) {
	a.sendHeader(w)
	_, _ = w.Write(a.body.Bytes())
}

func (a *answer) sendHeader(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
}

func writeJSON(w http.ResponseWriter, contentType string, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(append(encoded, '\n'))
}

type sentBodyKey struct{}

// withSentBody keeps the body as it was sent beside the typed one that the generated server makes of
// it: only the former tells an absent field from a zero one.
func withSentBody(ctx context.Context, body []byte) context.Context {
	return context.WithValue(ctx, sentBodyKey{}, body)
}

func sentBody(ctx context.Context) []byte {
	body, _ := ctx.Value(sentBodyKey{}).([]byte)
	return body
}
