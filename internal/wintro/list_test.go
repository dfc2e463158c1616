package wintro_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// pageOf is the answer that holds these connections, given by ID; cursor is JSON.
func pageOf(t *testing.T, cursor string, ids ...string) http.HandlerFunc {
	t.Helper()
	body := `{"data":[`
	for i, id := range ids {
		if i > 0 {
			body += ","
		}
		body += connectionWith(t, `"con_1-A"`, `"`+id+`"`)
	}
	return success(200, body+`],"next_cursor":`+cursor+`}`)
}

func ids(connections []wintro.Connection) []string {
	var all []string
	for _, c := range connections {
		all = append(all, c.ID)
	}
	return all
}

func TestList(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		company string
		answers func(*testing.T) []http.HandlerFunc
		want    []string
		// cursors are those of the requests.
		cursors []string
	}{
		"an empty list": {
			answers: func(t *testing.T) []http.HandlerFunc { return []http.HandlerFunc{pageOf(t, `null`)} },
			cursors: []string{""}},
		"one page": {
			answers: func(t *testing.T) []http.HandlerFunc { return []http.HandlerFunc{pageOf(t, `null`, "a", "b")} },
			want:    []string{"a", "b"}, cursors: []string{""}},
		"a page without next_cursor is the last": {
			answers: func(*testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{success(200, `{"data":[`+connectionJSON+`]}`)}
			},
			want: []string{"con_1-A"}, cursors: []string{""}},
		"a page with an empty next_cursor is the last": {
			answers: func(t *testing.T) []http.HandlerFunc { return []http.HandlerFunc{pageOf(t, `""`, "a")} },
			want:    []string{"a"}, cursors: []string{""}},
		"page after page": {
			answers: func(t *testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{pageOf(t, `"one"`, "a", "b"), pageOf(t, `"two&limit=1"`, "c"), pageOf(t, `null`, "d")}
			},
			want: []string{"a", "b", "c", "d"}, cursors: []string{"", "one", "two&limit=1"}},
		"an empty page is not the last": {
			answers: func(t *testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{pageOf(t, `"one"`), pageOf(t, `null`, "a")}
			},
			want: []string{"a"}, cursors: []string{"", "one"}},
		"a page that failed first": {
			answers: func(t *testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{pageOf(t, `"one"`, "a"), transporttest.HTML(502), pageOf(t, `null`, "b")}
			},
			want: []string{"a", "b"}, cursors: []string{"", "one", "one"}},
		"a server that ignores the company": {
			company: "816",
			answers: func(t *testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{success(200, `{"data":[`+connectionWith(t, `"816"`, `"8160"`, `con_1-A`, `other`)+`,`+connectionJSON+`],"next_cursor":null}`)}
			},
			want: []string{"con_1-A"}, cursors: []string{""}},
		"a server that ignores the system": {
			answers: func(t *testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{success(200, `{"data":[`+connectionWith(t, `"recruitee"`, `"greenhouse"`, `con_1-A`, `other`)+`,`+connectionJSON+`],"next_cursor":null}`)}
			},
			want: []string{"con_1-A"}, cursors: []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, test.answers(t)...)
			found, err := list(t, r, test.company)
			if err != nil {
				t.Fatal(err)
			}
			same(t, ids(found), test.want)
			var cursors []string
			for _, sent := range r.Requests() {
				address, err := url.Parse(sent.URI)
				if err != nil {
					t.Fatal(err)
				}
				query := address.Query()
				cursors = append(cursors, query.Get("cursor"))
				query.Del("cursor")
				want := url.Values{"ats": {"recruitee"}, "limit": {"100"}}
				if test.company != "" {
					want.Set("company_id", test.company)
				}
				same(t, query, want)
				same(t, sent.Method+" "+address.Path, "GET /api/v1/ats-connections")
			}
			same(t, cursors, test.cursors)
		})
	}
}

func TestListCanBeGoneThroughTwice(t *testing.T) {
	t.Parallel()
	r := answering(t, pageOf(t, `"one"`, "a"), pageOf(t, `null`, "b"), pageOf(t, `"one"`, "a"), pageOf(t, `null`, "b"))
	all := r.List(t.Context(), "")
	for range 2 {
		var found []string
		for c, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, c.ID)
		}
		same(t, found, []string{"a", "b"})
	}
}

func TestListStopsAskingWithItsReader(t *testing.T) {
	t.Parallel()
	r := answering(t, pageOf(t, `"one"`, "a", "b"), pageOf(t, `"two"`, "c", "d"), pageOf(t, `null`, "e"))
	for c, err := range r.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if c.ID == "c" {
			break
		}
	}
	same(t, len(r.Requests()), 2)
}

func TestListAsksNothingBeforeItIsRead(t *testing.T) {
	t.Parallel()
	r := answering(t, pageOf(t, `null`))
	_ = r.List(t.Context(), "")
	same(t, len(r.Requests()), 0)
}

func TestListEndsWithItsFirstError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers func(*testing.T) []http.HandlerFunc
		found   []string
		want    string
	}{
		"on the first page": {
			answers: func(*testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{problem(403, `{"title":"Forbidden","status":403}`)}
			},
			want: "Wintro answered 403, Forbidden"},
		"on a later page": {
			answers: func(t *testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{pageOf(t, `"one"`, "a"), problem(422, `{"title":"Unprocessable","status":422}`)}
			},
			found: []string{"a"}, want: "Wintro answered 422, Unprocessable"},
		"with a cursor that leads back to itself": {
			answers: func(t *testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{pageOf(t, `"one"`, "a"), pageOf(t, `"one"`, "b")}
			},
			found: []string{"a"}, want: "it answered 200 OK; its pages go round in a circle"},
		"with a cursor that leads back to an earlier page": {
			answers: func(t *testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{pageOf(t, `"one"`, "a"), pageOf(t, `"two"`, "b"), pageOf(t, `"one"`, "c")}
			},
			found: []string{"a", "b"}, want: "it answered 200 OK; its pages go round in a circle"},
		"with a cursor that is no text": {
			answers: func(t *testing.T) []http.HandlerFunc { return []http.HandlerFunc{pageOf(t, `5`, "a")} },
			want:    "it answered 200 OK; the JSON's next_cursor isn't what the contract says"},
		"with data that is no list": {
			answers: func(*testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{success(200, `{"data":{},"next_cursor":null}`)}
			},
			want: "it answered 200 OK; the JSON's data isn't what the contract says"},
		"with data that is null": {
			answers: func(*testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{success(200, `{"data":null,"next_cursor":null}`)}
			},
			want: "it answered 200 OK; its list has no data"},
		"with nothing in the list": {
			answers: func(*testing.T) []http.HandlerFunc {
				return []http.HandlerFunc{success(200, `{"data":[null],"next_cursor":null}`)}
			},
			want: "it answered 200 OK; its connection has no valid id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := test.answers(t)
			r := answering(t, answers...)
			found, err := list(t, r, "")
			same(t, ids(found), test.found)
			text := ""
			if failure, ok := errors.AsType[*transport.NoAnswerError](err); ok {
				text = failure.Reason
			} else {
				text = typed[*wintro.APIError](t, err).Error()
			}
			same(t, text, test.want)
			requests := len(answers)
			if strings.HasPrefix(text, "it answered 200 OK") {
				// What isn't the contract's is asked for twice more.
				requests += 2
			}
			same(t, len(r.Requests()), requests)
		})
	}
}

func TestAnInterruptedList(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	r := answering(t, pageOf(t, `"one"`, "a"), pageOf(t, `null`, "b"))
	var found []string
	var last error
	for c, err := range r.List(ctx, "") {
		if last = err; err == nil {
			found = append(found, c.ID)
		}
		interrupt()
	}
	same(t, found, []string{"a"})
	_ = typed[*transport.NoAnswerError](t, last)
	if !errors.Is(last, context.Canceled) {
		t.Error(last)
	}
	if sent := r.Requests(); len(sent) != 1 || sent[0].Method != http.MethodGet {
		t.Errorf("%d requests", len(sent))
	}
}
