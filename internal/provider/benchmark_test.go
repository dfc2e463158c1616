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
	const listed = 100
	perConnection(b, listed, func(p *protocol, c benchmarked) { p.mustRead(c % listed) })
}

func BenchmarkPlanUnchanged(b *testing.B) {
	perConnection(b, 0, func(p *protocol, c benchmarked) { p.mustPlan(c, p.state(c)) })
}

func BenchmarkPlanCreation(b *testing.B) {
	perConnection(b, 0, func(p *protocol, c benchmarked) { p.mustPlan(c, nil) })
}

func BenchmarkCreate(b *testing.B) {
	perConnection(b, 0, func(p *protocol, c benchmarked) { p.mustCreate(c) })
}

// BenchmarkCleanPlan is all that a clean plan asks of the provider for n connections, ten at a time. Its time and
// memory for one connection stay the same however many there are.
func BenchmarkCleanPlan(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			url := instant(b, n)
			var heap uint64
			for b.Loop() {
				p := benchmarkedProtocol(b, url)
				before := heapInUse()
				var running sync.WaitGroup
				next := make(chan int)
				for range 10 {
					running.Go(func() {
						for i := range next {
							c := benchmarked(i)
							p.mustPlan(c, p.mustRead(c))
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

// perConnection lets the provider do something for one connection after another, if Wintro lists so many.
func perConnection(b *testing.B, listed int, do func(*protocol, benchmarked)) {
	b.Helper()
	p := benchmarkedProtocol(b, instant(b, listed))
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

func (c benchmarked) company() string { return fmt.Sprint(1_000_000 + int(c)) }
func (c benchmarked) id() string      { return "conn_" + c.company() }
func (c benchmarked) token() string   { return "token-of-" + c.company() }

func (c benchmarked) config() fields {
	return fields{"company_id": c.company(), "api_token_wo": c.token()}
}

func (c benchmarked) state() fields {
	return fields{
		"company_id": c.company(), "id": c.id(), "name": defaultName,
		"enabled": true, "require_administrator": true, "status": "active",
		"api_token_fingerprint": connection.Fingerprint(c.token()), "created_at": "2026-11-24T06:24:00Z",
	}
}

func (p *protocol) state(c benchmarked) *tfprotov6.DynamicValue {
	return p.object(p.schemas.ResourceSchemas[connectionType], c.state())
}

func (p *protocol) mustRead(c benchmarked) *tfprotov6.DynamicValue {
	resp, err := p.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: connectionType, CurrentState: p.state(c), CurrentIdentity: p.identity(c.id()),
	})
	p.must(err, resp.Diagnostics)
	return resp.NewState
}

func (p *protocol) mustPlan(c benchmarked, state *tfprotov6.DynamicValue) *tfprotov6.PlanResourceChangeResponse {
	schema := p.schemas.ResourceSchemas[connectionType]
	proposed := c.state()
	if state == nil {
		empty, err := tfprotov6.NewDynamicValue(schema.ValueType(), newNull(schema))
		p.must(err, nil)
		state, proposed = &empty, c.config()
	}
	resp, err := p.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: connectionType, PriorState: state, ProposedNewState: p.object(schema, proposed), Config: p.object(schema, c.config()),
	})
	p.must(err, resp.Diagnostics)
	return resp
}

func (p *protocol) mustCreate(c benchmarked) {
	schema := p.schemas.ResourceSchemas[connectionType]
	planned := p.mustPlan(c, nil)
	empty, err := tfprotov6.NewDynamicValue(schema.ValueType(), newNull(schema))
	p.must(err, nil)
	resp, err := p.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: connectionType, PriorState: &empty, PlannedState: planned.PlannedState, PlannedPrivate: planned.PlannedPrivate,
		Config: p.object(schema, c.config()),
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
// provider. Every company is there, with its token, and every connection is as it should be. So many are
// listed.
func instant(b *testing.B, listed int) (url string) {
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
			go answerInstantly(connection, listed)
		}
	}()
	return "http://" + listener.Addr().String()
}

func answerInstantly(connection net.Conn, listed int) {
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
		status, answer := instantAnswer(first, string(body), listed)
		_, _ = fmt.Fprintf(connection, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(answer), answer)
	}
}

func instantAnswer(first, body string, listed int) (status, text string) {
	between := func(text, before, after string) string {
		_, rest, _ := strings.Cut(text, before)
		found, _, _ := strings.Cut(rest, after)
		return found
	}
	switch {
	case strings.Contains(first, sandbox.RecruiteePath):
		company := between(first, "/c/", "/")
		return "200 OK", fmt.Sprintf(`{"admin":{"id":1704,"company_id":%s,"email":"ada@acme.example","first_name":"Ada","last_name":"Byron","role_name":"Administrator","role_admin":true,`+
			`"companies":[{"id":%[1]s,"name":"Acme","subdomain":"acme"}]}}`, company)
	case strings.HasPrefix(first, "POST"):
		return "201 Created", instantEnvelope(instantConnection(between(body, `"atsCompanyId":"`, `"`)), "")
	case strings.Contains(first, "&page="):
		page := 0
		_, _ = fmt.Sscan(between(first, "&page=", "&"), &page)
		return "200 OK", instantPage(page, listed)
	}
	return "200 OK", instantEnvelope(instantConnection(between(first, "conn_", " ")), "")
}

func instantPage(number, listed int) string {
	const size = 100
	var connections []string
	for i := (number - 1) * size; i < min(number*size, listed); i++ {
		connections = append(connections, instantConnection(benchmarked(i).company()))
	}
	return instantEnvelope("["+strings.Join(connections, ",")+"]", fmt.Sprintf(
		`,"pagination":{"page":%d,"pageSize":%d,"totalItems":%d,"totalPages":%d}`, number, size, listed, (listed+size-1)/size))
}

func instantConnection(company string) string {
	return fmt.Sprintf(`{"id":"conn_%s","ats":"recruitee","name":%q,"atsCompanyId":"%[1]s","atsCompanyName":"Acme","enabled":true,"status":"active","tokenFingerprint":%[3]q,"createdAt":"2026-11-24T06:24:00Z","lastSyncedAt":null}`,
		company, defaultName, connection.Fingerprint("token-of-"+company))
}

func instantEnvelope(data, pagination string) string {
	return fmt.Sprintf(`{"data":%s,"meta":{"generatedAt":"2026-11-24T06:24:00Z","organisationId":"org_1"%s}}`, data, pagination)
}
