package connection

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// stress runs many goroutines that read, create, update and delete connections. Each goroutine owns a company, and
// knows the expected state of its connection. All goroutines also compete for one shared company.
type stress struct {
	env     *environment
	service *Service

	mu sync.Mutex
	// written maps each connection's ID to the result of the last finished write.
	written map[string]written
	// registered maps each ID to the number of creates that returned it.
	registered map[string]int
}

// written is the result of a write. version is the number of the write, which is also the connection's name.
type written struct {
	conn    Connection
	version int
	deleted bool
}

func TestConcurrentOperationsLoseNothing(t *testing.T) {
	t.Parallel()
	const goroutines, steps = 12, 60
	env := newEnvironment(t)
	env.SetMaxPageSize(5)
	env.setOrganisation("org_1")
	env.StayPending(1)
	env.addMany(8)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	disturb := func(ctx context.Context, call string) error {
		isWrite := call == "create" || strings.HasPrefix(call, "update") || strings.HasPrefix(call, "delete")
		if isWrite && rand.IntN(20) == 0 {
			return errPage
		}
		return pass(ctx, rand.N(200*time.Microsecond))
	}
	env.before, env.after = disturb, disturb
	s := &stress{env: env, service: env.service(VerifyOff), written: map[string]written{}, registered: map[string]int{}}
	var all sync.WaitGroup
	for i := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			own := &owner{stress: s, t: t, random: random, company: int64(5000 + i)}
			env.AddCompany(sandbox.Company{ID: own.company})
			own.ownerID = env.AddOwner(sandbox.Owner{CompanyID: own.company, Administrator: true}).ID
			for range steps {
				switch random.IntN(8) {
				case 0, 1, 2:
					own.step()
				case 3:
					own.contend()
				case 4:
					s.readAny(t, random, rand.N(200*time.Microsecond))
				default:
					s.readAny(t, random, time.Hour)
				}
				if t.Failed() {
					return
				}
			}
		})
	}
	all.Wait()
	s.expectNoDoubles(t)
}

func (s *stress) record(w written) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written[w.conn.ID] = w
}

// any returns a random recorded connection, which may no longer exist. It returns false if it picks none, which can
// happen even if connections exist.
func (s *stress) any(random *rand.Rand) (written, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := random.IntN(len(s.written) + 1)
	for _, w := range s.written {
		if n--; n < 0 {
			return w, true
		}
	}
	return written{}, false
}

// inWintro returns a connection as the sandbox stores it, or false if the connection doesn't exist.
func (s *stress) inWintro(id string) (wintro.Connection, bool) {
	return s.env.Connection(s.env.id(id))
}

// readAny reads a random connection of any goroutine, and compares the result with the last write. A read that times
// out must not affect other readers.
func (s *stress) readAny(t *testing.T, random *rand.Rand, timeout time.Duration) {
	before, ok := s.any(random)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	got, err := read(ctx, s.service, before.conn)
	_, exists := s.inWintro(before.conn.ID)
	version, _ := strconv.Atoi(got.Name)
	switch {
	case is[*GoneError](err):
		// The sandbox never reuses an ID, so a connection that exists now existed during the read.
		if exists {
			t.Errorf("%s exists, but was reported as gone", before.conn.ID)
		}
	case err != nil && ctx.Err() != nil:
	case err != nil:
		t.Errorf("reading %s: %v", before.conn.ID, err)
	case before.deleted:
		t.Errorf("%s was read after it had been deleted", before.conn.ID)
	case version < before.version:
		t.Errorf("%s was read with the result of write %d, although write %d had ended", before.conn.ID, version, before.version)
	}
}

func (s *stress) create(ctx context.Context, spec Spec) (Connection, error) {
	conn, err := s.service.Create(ctx, spec)
	if err != nil {
		return conn, err
	}
	s.mu.Lock()
	s.registered[conn.ID]++
	s.mu.Unlock()
	conn, warnings, err := s.service.Await(ctx, conn, spec)
	// No other goroutine changes this connection, so even a warning is an error.
	return conn, errors.Join(append(warnings, err)...)
}

// contend tries to create the connection for which all goroutines compete. If the create succeeds, contend deletes the
// connection.
func (o *owner) contend() {
	spec := Spec{CompanyID: "816", Name: "1", Enabled: true, Token: o.newToken(sandbox.SeedCompanyID, sandbox.SeedOwnerID)}
	conn, err := o.create(o.t.Context(), spec)
	if err != nil {
		if !is[*ExistsError](err) && !is[*UnavailableError](err) {
			o.t.Errorf("creating the contended connection: %v", err)
		}
		return
	}
	if got, ok := o.inWintro(conn.ID); !ok || *got.TokenFingerprint != Fingerprint(spec.Token) {
		o.t.Errorf("%s belongs to another goroutine", conn.ID)
	}
	o.record(written{conn: conn, version: 1})
	o.delete(conn)
}

// delete deletes a connection. While Wintro is unavailable, it repeats the request.
func (o *owner) delete(conn Connection) {
	for {
		err := o.service.Delete(o.t.Context(), conn)
		if err == nil || is[*GoneError](err) {
			o.record(written{conn: conn, deleted: true})
			return
		}
		if !is[*UnavailableError](err) {
			o.t.Errorf("deleting %s: %v", conn.ID, err)
			return
		}
	}
}

// An owner is a goroutine that owns a company. No other goroutine changes the company's connection.
type owner struct {
	*stress
	t      *testing.T
	random *rand.Rand
	// ownerID is the ID of the company's Administrator in Recruitee.
	company, ownerID int64
	// version is the number of the last write. current is the company's connection; its ID is empty if the company has
	// no connection.
	current Connection
	version int
}

// newToken adds a random token of this owner to Recruitee, and returns the token.
func (o *owner) newToken(company, ownerID int64) string {
	token := fmt.Sprint(o.random.Uint64())
	o.env.AddToken(company, ownerID, token)
	return token
}

// step creates, updates or deletes the owner's connection, and checks the result.
func (o *owner) step() {
	o.version++
	spec := Spec{CompanyID: fmt.Sprint(o.company), Name: fmt.Sprint(o.version), Enabled: true, Token: o.newToken(o.company, o.ownerID)}
	switch {
	case o.current.ID == "":
		conn, err := o.create(o.t.Context(), spec)
		if is[*UnavailableError](err) {
			// The request was lost: if only the response had been lost, Create would have found the connection.
			o.expectNone()
			return
		}
		if err != nil {
			o.t.Errorf("creating: %v", err)
			return
		}
		o.current = conn
		o.record(written{conn: conn, version: o.version})
	case o.random.IntN(3) > 0:
		conn, warnings, err := update(o.t.Context(), o.service, o.current, Change{Spec: spec, Planned: Planned{IsFingerprintUnknown: o.random.IntN(2) == 0}})
		switch {
		case is[*UnavailableError](err):
			// Wintro may have updated the connection anyway.
			c, _ := o.inWintro(o.current.ID)
			o.version, _ = strconv.Atoi(c.Name)
			o.record(written{conn: o.current, version: o.version})
		case err != nil:
			o.t.Errorf("updating %s: %v", o.current.ID, err)
		default:
			expectWarnings(o.t, warnings)
			o.current = conn
			o.record(written{conn: conn, version: o.version})
		}
	default:
		o.delete(o.current)
		if _, err := read(o.t.Context(), o.service, o.current); !is[*GoneError](err) {
			o.t.Errorf("%s was deleted, and then read with the error %v", o.current.ID, err)
		}
		o.current = Connection{}
		o.expectNone()
		return
	}
	got, err := read(o.t.Context(), o.service, o.current)
	if want := fmt.Sprint(o.version); err != nil || got.Name != want {
		o.t.Errorf("%s is %q instead of %q, error %v", o.current.ID, got.Name, want, err)
	}
	o.current = got
}

// expectNone checks that a look-up finds no connection of the owner's company.
func (o *owner) expectNone() {
	if err := o.service.LookUp(o.t.Context(), fmt.Sprint(o.company)); err != nil {
		o.t.Errorf("company %d has no connection, but the look-up returns: %v", o.company, err)
	}
}

func (s *stress) expectNoDoubles(t *testing.T) {
	t.Helper()
	byCompany := map[string]string{}
	for _, c := range s.env.Connections() {
		id := s.env.name(c.ID)
		if other := byCompany[c.AtsCompanyID]; other != "" {
			t.Errorf("company %s has the connections %s and %s", c.AtsCompanyID, id, other)
		}
		byCompany[c.AtsCompanyID] = id
		if s.registered[id] == 0 && strings.HasPrefix(id, "conn_new") {
			t.Errorf("%s exists, but no create returned it", id)
		}
	}
	for id, times := range s.registered {
		if times != 1 {
			t.Errorf("%d creates returned %s", times, id)
		}
	}
}
