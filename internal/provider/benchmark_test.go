package provider

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// What the provider itself takes for one connection, at protocol level: without Terraform and with a server that
// answers at once. Allocations are the provider's alone, as far as that goes.

func BenchmarkRead(b *testing.B) {
	perLink(b, func(p *protocol, l benchmarked) { p.mustRead(l) })
}

func BenchmarkPlanUnchanged(b *testing.B) {
	perLink(b, func(p *protocol, l benchmarked) { p.mustPlan(l, p.state(l)) })
}

func BenchmarkPlanCreation(b *testing.B) {
	perLink(b, func(p *protocol, l benchmarked) { p.mustPlan(l, nil) })
}

func BenchmarkCreate(b *testing.B) {
	perLink(b, func(p *protocol, l benchmarked) { p.mustCreate(l) })
}

// BenchmarkCleanPlan is all that a clean plan asks of the provider for n connections, ten at a time. Its time and
// memory for one connection stay the same however many there are.
func BenchmarkCleanPlan(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			url := instant(b)
			var heap uint64
			for b.Loop() {
				p := benchmarkedProtocol(b, url)
				before := heapInUse()
				var running sync.WaitGroup
				next := make(chan int)
				for range 10 {
					running.Go(func() {
						for i := range next {
							l := benchmarked(i)
							p.mustPlan(l, p.mustRead(l))
						}
					})
				}
				for i := range n {
					next <- i
				}
				close(next)
				running.Wait()
				heap = heapInUse() - before
				runtime.KeepAlive(p)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/connection")
			b.ReportMetric(float64(heap)/float64(n), "retained-B/connection")
		})
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

// perLink lets the provider do something for one connection after another.
func perLink(b *testing.B, do func(*protocol, benchmarked)) {
	b.Helper()
	p := benchmarkedProtocol(b, instant(b))
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		do(p, benchmarked(i))
		i++
	}
}

func benchmarkedProtocol(b *testing.B, url string) *protocol {
	b.Helper()
	p := newProtocol(b)
	p.expectNone(p.configure(fields{
		"endpoint": url + sandbox.WintroPath, "recruitee_endpoint": url + sandbox.RecruiteePath, "api_token": "token-of-wintro",
	}, false).Diagnostics)
	return p
}

// benchmarked is a connection by its number.
type benchmarked int

func (l benchmarked) company() string { return fmt.Sprint(1_000_000 + int(l)) }
func (l benchmarked) id() string      { return "conn_" + l.company() }
func (l benchmarked) token() string   { return "token-of-" + l.company() }

func (l benchmarked) config() fields {
	return fields{"company_id": l.company(), "api_token_wo": l.token()}
}

func (l benchmarked) state() fields {
	return fields{
		"company_id": l.company(), "id": l.id(), "name": defaultName,
		"enabled": true, "require_administrator": true, "status": "active",
		"api_token_fingerprint": connection.Fingerprint(l.token()), "created_at": "2026-11-24T06:24:00Z",
	}
}

func (p *protocol) state(l benchmarked) *tfprotov6.DynamicValue {
	return p.object(p.schemas.ResourceSchemas[connectionType], l.state())
}

func (p *protocol) mustRead(l benchmarked) *tfprotov6.DynamicValue {
	resp, err := p.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: connectionType, CurrentState: p.state(l), CurrentIdentity: p.identity(l.id()),
	})
	p.must(err, resp.Diagnostics)
	return resp.NewState
}

func (p *protocol) mustPlan(l benchmarked, state *tfprotov6.DynamicValue) *tfprotov6.PlanResourceChangeResponse {
	schema := p.schemas.ResourceSchemas[connectionType]
	proposed := l.state()
	if state == nil {
		empty, err := tfprotov6.NewDynamicValue(schema.ValueType(), newNull(schema))
		p.must(err, nil)
		state, proposed = &empty, l.config()
	}
	resp, err := p.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: connectionType, PriorState: state, ProposedNewState: p.object(schema, proposed), Config: p.object(schema, l.config()),
	})
	p.must(err, resp.Diagnostics)
	return resp
}

func (p *protocol) mustCreate(l benchmarked) {
	schema := p.schemas.ResourceSchemas[connectionType]
	planned := p.mustPlan(l, nil)
	empty, err := tfprotov6.NewDynamicValue(schema.ValueType(), newNull(schema))
	p.must(err, nil)
	resp, err := p.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: connectionType, PriorState: &empty, PlannedState: planned.PlannedState, PlannedPrivate: planned.PlannedPrivate,
		Config: p.object(schema, l.config()),
	})
	p.must(err, resp.Diagnostics)
}

func (p *protocol) must(err error, diagnostics []*tfprotov6.Diagnostic) {
	if err != nil {
		p.t.Error(err)
	}
	for _, d := range diagnostics {
		p.t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

// instant is a server of both systems that does as little as possible, so that what is measured is the
// provider. Every company is there, with its token, and every connection is as it should be.
func instant(b *testing.B) (url string) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go answerInstantly(connection)
		}
	}()
	return "http://" + listener.Addr().String()
}

func answerInstantly(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	reader := bufio.NewReader(connection)
	for {
		first, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		length := 0
		for line := ""; line != "\r\n"; {
			if line, err = reader.ReadString('\n'); err != nil {
				return
			}
			_, _ = fmt.Sscanf(line, "Content-Length: %d", &length)
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(reader, body); err != nil {
			return
		}
		status, answer := instantAnswer(first, string(body))
		_, _ = fmt.Fprintf(connection, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(answer), answer)
	}
}

func instantAnswer(first, body string) (status, text string) {
	between := func(text, before, after string) string {
		_, rest, _ := strings.Cut(text, before)
		found, _, _ := strings.Cut(rest, after)
		return found
	}
	answer := func(company string) string {
		return fmt.Sprintf(`{"id":"conn_%s","ats":"recruitee","name":%q,"company_id":"%[1]s","enabled":true,"status":"active","token_fingerprint":%[3]q,"created_at":"2026-11-24T06:24:00Z","last_synced_at":null}`,
			company, defaultName, connection.Fingerprint("token-of-"+company))
	}
	switch {
	case strings.Contains(first, sandbox.RecruiteePath):
		company := between(first, "/c/", "/")
		return "200 OK", fmt.Sprintf(`{"admin":{"id":1704,"company_id":%s,"email":"ada@acme.example","first_name":"Ada","last_name":"Byron","role_name":"Administrator","role_admin":true,`+
			`"companies":[{"id":%[1]s,"name":"Acme","subdomain":"acme"}]}}`, company)
	case strings.HasPrefix(first, "POST"):
		return "201 Created", answer(between(body, `"company_id":"`, `"`))
	case strings.Contains(first, "company_id="):
		return "200 OK", `{"data":[],"next_cursor":null}`
	case strings.Contains(first, "limit="):
		var page strings.Builder
		begin := 0
		_, _ = fmt.Sscan(between(first, "cursor=", "&"), &begin)
		for i := range 100 {
			fmt.Fprintf(&page, ",%s", answer(benchmarked(begin+i).company()))
		}
		return "200 OK", fmt.Sprintf(`{"data":[%s],"next_cursor":"%d"}`, page.String()[1:], begin+100)
	}
	return "200 OK", answer(between(first, "conn_", " "))
}
