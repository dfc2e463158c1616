package conformance

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// TestForeignConnectionStopsRun makes the server respond to a create request with a connection that the run didn't
// create. The run must stop without changing this connection.
func TestForeignConnectionStopsRun(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(row, sent object){
		"another company's connection": func(object, object) {},
		"another company's connection as if it were new": func(row, sent object) {
			row["name"], row["atsCompanyId"] = sent["name"], sent["atsCompanyId"]
		},
		"an unknown connection of another company": func(row, sent object) { row["id"], row["name"] = "conn_unknown", sent["name"] },
		"an unknown connection with another name": func(row, sent object) {
			row["id"], row["atsCompanyId"] = "conn_unknown", sent["atsCompanyId"]
		},
		"a connection without company and name": func(row, _ object) {
			row["id"] = "conn_unknown"
			delete(row, "name")
			delete(row, "atsCompanyId")
		},
	} {
		inBubble(t, name, func(t *testing.T) {
			s, server, config := newSandbox()
			s.AddConnections(150)
			other := s.Connections()[120]
			row := object{}
			touched := 0
			server.Handler = violation{run: func(c *violatedCall) {
				if c.is(opUpdate, opDelete, opStartSync) && (c.id == other.ID || c.id == row.id()) {
					touched++
				}
				if c.is(opCreate) && c.sent() != nil && strings.HasPrefix(c.authorization(), "Bearer "+config.APIToken) {
					if len(row) == 0 {
						row = c.get(other.ID)
					}
					change(row, c.sent())
					c.write(http.StatusCreated, object{"data": row, "meta": object{"generatedAt": time.Now()}})
				}
			}}.around(s, s, config)
			report, err := Execute(t.Context(), config)
			if err == nil || !strings.Contains(err.Error(), "isn't the new connection: it is "+row.id()) {
				t.Fatalf("the error doesn't name the foreign connection %s: %v", row.id(), err)
			}
			if report.Passed() || !strings.Contains(report.Stopped, row.id()) || report.Results.Count(statusFailed) != 1 {
				t.Errorf("the report doesn't show one failure and a stopped run: %q, %s", report.Stopped, report.Summary())
			}
			if after, found := s.Connection(other.ID); touched > 0 || !found || !isSame(after, other) {
				t.Errorf("the other connection was touched %d times, and is now %v", touched, after)
			}
		})
	}
}

// TestInterruptionEndsEachRead makes the server hang at a request and at all later ones, and interrupts the run a
// second after the first of them. The run must end within 90 seconds.
func TestInterruptionEndsEachRead(t *testing.T) {
	t.Parallel()
	withBody := func(status int) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			body, _ := io.Pipe()
			return &http.Response{StatusCode: status, Body: body, Request: r}, nil
		}
	}
	for name, hang := range map[string]func(*http.Request) (*http.Response, error){
		"101 Switching Protocols": withBody(http.StatusSwitchingProtocols), //nolint:bodyclose // the client closes it
		"a body that never ends":  withBody(http.StatusOK),                 //nolint:bodyclose // the client closes it
		"no response": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
	} {
		// The cleanup after request 40 sends more requests, with their own timeouts.
		for first, limit := range map[int]time.Duration{1: interruptGrace, 40: time.Minute} {
			inBubble(t, fmt.Sprintf("%s from request %d", name, first), func(t *testing.T) {
				_, server, config := newSandbox()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				n, interrupted := 0, time.Time{}
				config.roundTripper = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
					if n++; n < first {
						return server.RoundTrip(r)
					}
					if n == first {
						time.AfterFunc(time.Second, func() { interrupted = time.Now(); cancel() })
					}
					return hang(r)
				})
				_, _ = Execute(ctx, config)
				if took := time.Since(interrupted); !interrupted.IsZero() && took > limit {
					t.Errorf("the run ended %s after the interruption", took)
				}
			})
		}
	}
}

// TestListWithoutEndIsBounded makes each page say that the list has a million pages. The run must stop reading the
// list anyway.
func TestListWithoutEndIsBounded(t *testing.T) {
	t.Parallel()
	for name, items := range map[string]int{"empty pages": 0, "one item on each page": 1, "4,100 items on each page": 4100} {
		inBubble(t, name, func(t *testing.T) {
			s, server, config := newSandbox()
			s.SetWintroRateLimit(100_000, time.Minute)
			config.Only = selected("^(list/(empty|totals|page-size)|document/listConnections)$")
			server.Handler = violation{run: func(c *violatedCall) {
				if !c.is(opList) || !c.isSuccess() {
					return
				}
				page := queryNumber(c, "page", 1)
				c.changeResponse(func(response object) {
					list := []object{}
					for i := range items {
						list = append(list, object{"id": fmt.Sprintf("conn_%d_%d", page, i)})
					}
					response["data"] = list
					object(response["meta"].(map[string]any)).object("pagination")["totalPages"] = 1_000_000
				})
			}}.around(s, s, config)
			report := execute(t, config)
			if most := 5 * maxPages; report.Requests > most || report.Passed() {
				t.Errorf("the run passed or sent more than %d requests: %s", most, report.Summary())
			}
			for _, result := range report.Results {
				if len(result.Failures) > maxFailures {
					t.Errorf("%s has %d failures", result.Name, len(result.Failures))
				}
			}
		})
	}
}

// TestReportsArePrintable makes the server send control characters, invisible characters, and commands of CI
// systems. No report may contain them.
func TestReportsArePrintable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, server, config := newSandbox()
		const hostile = "\x1b]0;title\x07\u202egnp\u200b\r\nok    all ##vso[task.setvariable variable=PATH]x ##[error]x"
		server.Handler = violation{run: func(c *violatedCall) {
			c.changeObject("error", func(problem object) { problem["code"], problem["message"] = hostile, hostile })
			c.response().Header().Set("X-Hostile", "\u202e")
			c.changeConnections(func(connection object) { connection["name"] = connection.text("name") + hostile })
		}}.around(s, s, config)
		config.Only = selected("^(create|read)/")
		report := execute(t, config)
		if report.Results.Count(statusFailed) == 0 {
			t.Fatal("no check failed")
		}
		for _, line := range strings.Split(everything(t, report), "\n") {
			if strings.ContainsFunc(line, func(char rune) bool { return !unicode.IsPrint(char) }) || strings.HasPrefix(line, "ok    all") || strings.Contains(line, "##") {
				t.Errorf("a report contains the line %q", line)
			}
		}
	})
}

// TestWritesNameOwnConnections checks the path of each write request. Except for create requests, the path must
// contain an ID that is safe in a path and doesn't belong to an earlier connection. Otherwise, the run could
// change that connection, or send "DELETE /ats-connections", and some servers would remove all connections.
func TestWritesNameOwnConnections(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", ".", "..", "../ats-connections", "a/../b", "%2e"} {
		inBubble(t, fmt.Sprintf("the ID %q", id), func(t *testing.T) {
			s, server, config := newSandbox()
			s.AddConnections(3)
			others := s.Connections()
			server.Handler = violation{run: func(c *violatedCall) {
				if c.is(opCreate) && id != "" {
					c.changeConnections(func(connection object) { connection["id"] = id })
				}
			}}.around(s, s, config)
			server.afterRequest = func(_ int, r *http.Request) bool {
				path, found := strings.CutPrefix(r.URL.EscapedPath(), sandbox.WintroPath+"/ats-connections")
				written, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
				isOther := slices.ContainsFunc(others, func(other contract.Connection) bool { return other.ID == written })
				switch {
				case r.Method == http.MethodGet, r.Method == http.MethodHead, r.Method == http.MethodPost && found && path == "":
				case !found, isOther, !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(written):
					t.Errorf("the run sent %s %s", r.Method, r.URL.EscapedPath())
				}
				return false
			}
			report, err := Execute(t.Context(), config)
			if (err != nil) != (id != "") || report == nil {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// TestContradictoryResponseRunsCleanup makes the server add the error code ALREADY_LINKED to each 201. The run
// must still remove the new connections.
func TestContradictoryResponseRunsCleanup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, server, config := newSandbox()
		server.Handler = violation{run: func(c *violatedCall) {
			if c.is(opCreate) && c.isSuccess() {
				c.changeResponse(func(response object) { response["error"] = object{"code": "ALREADY_LINKED"} })
			}
		}}.around(s, s, config)
		config.Only = selected("^(create|uniqueness)/")
		execute(t, config)
		if left := s.Connections(); len(left) > 0 {
			t.Errorf("%d connections are left", len(left))
		}
	})
}

// TestLostCreateIsReportedOrRemoved interrupts the run during a create request that gets no response. If the
// server stops responding, the report must name the company. If the server creates the connection a few seconds
// later, the cleanup must remove it.
func TestLostCreateIsReportedOrRemoved(t *testing.T) {
	t.Parallel()
	inBubble(t, "no more responses", func(t *testing.T) {
		s, server, config := newSandbox()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		isDown := false
		server.afterRequest = func(_ int, _ *http.Request) bool {
			if !isDown && len(s.Connections()) > 0 {
				isDown = true
				cancel()
			}
			return isDown
		}
		report, err := Execute(ctx, config)
		if err != nil || len(report.LeftBehind) != 1 || !strings.Contains(report.LeftBehind[0], "company 816") {
			t.Errorf("the error is %v, and the report says %v", err, report.LeftBehind)
		}
	})
	inBubble(t, "created later", func(t *testing.T) {
		s, server, config := newSandbox()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		config.roundTripper = roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodPost || ctx.Err() != nil || r.Header.Get("Authorization") != "Bearer "+config.APIToken {
				return server.RoundTrip(r)
			}
			late := r.Clone(context.WithoutCancel(r.Context()))
			time.AfterFunc(5*time.Second, func() {
				if response, err := server.RoundTrip(late); err == nil {
					_ = response.Body.Close()
				}
			})
			cancel()
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		report, err := Execute(ctx, config)
		if left := s.Connections(); err != nil || len(left) != 0 || s.Requests().With(http.MethodDelete).At("conn_") == nil {
			t.Errorf("the error is %v, %d connections are left, and the report says %v", err, len(left), report.LeftBehind)
		}
	})
}
