// Package sandbox is both systems that the provider talks to, Recruitee and Wintro's connections
// API, as one local HTTP handler with an in-memory store. Tests, the demo and authors of Terraform
// modules use it in place of the real ones.
//
// A Sandbox answers as the real systems do, and it can do what happens to them in real life: tokens
// are revoked, roles change, connections are edited by hand (see the methods of Sandbox), answers fail
// or get lost (see Fault). It also remembers which requests reached it (see Sandbox.Requests).
//
//	s := sandbox.New()
//	token := s.Seed()
//	server := httptest.NewServer(s)
//	recruitee := server.URL + sandbox.RecruiteePath
//	wintro := server.URL + sandbox.WintroPath
//
// Package sandboxtest does all that for a test; Serve is for programs.
//
// Methods that name a company, an owner or a connection that does not exist panic: in a test that is
// a mistake in the test. The control API answers with the same errors.
package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Where the parts of a Sandbox are found under the address of its server.
const (
	// RecruiteePath is the path of Recruitee's base URL: its calls are at /recruitee/c/{company}/...
	RecruiteePath = "/recruitee"
	// WintroPath is the path of Wintro's base URL: its calls are at /wintro/api/v1/ats-connections...
	WintroPath = "/wintro/api/v1"
	// ControlPath is where the control API is: the methods of Sandbox for people with curl.
	ControlPath = "/control"
)

// The two systems, as Request.System and Fault.System name them.
const (
	Recruitee = "recruitee"
	Wintro    = "wintro"
)

// maxBody is far above any body that either API takes.
const maxBody = 1 << 20

// A Sandbox is Recruitee and Wintro as one http.Handler. It is safe for concurrent use.
type Sandbox struct {
	now       func() time.Time
	recruitee http.Handler
	wintro    http.Handler
	control   *control
	log       requestLog
	faults    faultList
	changes   changes

	// mu guards what follows. Each request to either API holds it once, for all it reads and changes.
	mu    sync.Mutex
	store store
	usage rateUsage
	file  *stateFile
}

// An Option changes how a Sandbox is made.
type Option func(*Sandbox)

// WithClock makes the sandbox take the time from now, so that a test can let a day pass. The request
// log keeps to the real time.
func WithClock(now func() time.Time) Option {
	return func(s *Sandbox) { s.now = now }
}

// New makes an empty sandbox that lives in memory only. See Open for one that survives a restart and
// Sandbox.Seed for something to begin with.
func New(options ...Option) *Sandbox {
	s := &Sandbox{now: time.Now, store: newStore(), usage: rateUsage{}}
	s.log.changed = s.changes.tell
	for _, option := range options {
		option(s)
	}
	s.store.secrets.add(s.Secrets()...)
	s.recruitee = http.HandlerFunc(s.serveRecruitee)
	s.wintro = newWintroAPI(s)
	s.control = newControl(s)
	return s
}

// What Seed adds to Recruitee.
const (
	SeedCompanyID int64 = 816
	SeedOwnerID   int64 = 1704
)

// exampleOwners are their Administrators, but Ada.
var exampleOwners = map[string]Owner{
	"acme_poland": {FirstName: "Maria", LastName: "Nowak"},
	"acme_canada": {FirstName: "Louis", LastName: "Tremblay"},
}

// exampleCompanies are the companies of examples/many-companies, under its keys.
var exampleCompanies = map[string]Company{
	"acme_netherlands": {ID: SeedCompanyID},
	"acme_poland":      {ID: 817, Name: "Acme Poland", Subdomain: "acme-poland"},
	"acme_canada":      {ID: 818, Name: "Acme Canada", Subdomain: "acme-canada"},
}

// Seed adds a company to Recruitee, Acme, with Ada Byron as its Administrator, and returns a token
// that she has made.
func (s *Sandbox) Seed() (token string) {
	s.AddCompany(Company{ID: SeedCompanyID, Name: "Acme", Subdomain: "acme"})
	s.AddOwner(Owner{
		ID:            SeedOwnerID,
		CompanyID:     SeedCompanyID,
		Email:         "ada@acme.example",
		FirstName:     "Ada",
		LastName:      "Byron",
		Administrator: true,
	})
	return s.IssueToken(SeedCompanyID, SeedOwnerID)
}

// SeedExamples adds what Seed does, and what examples/many-companies needs: the companies 817 and 818,
// each with an Administrator and a token, and a second organisation in Wintro. It returns Ada's token.
func (s *Sandbox) SeedExamples() (token string) {
	token = s.Seed()
	for _, key := range slices.Sorted(maps.Keys(exampleCompanies)) {
		c := exampleCompanies[key]
		if c.ID == SeedCompanyID {
			continue
		}
		s.AddCompany(c)
		o := exampleOwners[key]
		o.CompanyID, o.Administrator = c.ID, true
		o = s.AddOwner(o)
		s.IssueToken(c.ID, o.ID)
	}
	s.AddOrganisation("Acme Americas")
	return token
}

// Empty reports whether there is no company in Recruitee and no connection in Wintro.
func (s *Sandbox) Empty() (empty bool) {
	s.read(func(st *store) { empty = len(st.Recruitee.Companies) == 0 && len(st.Wintro.Connections) == 0 })
	return empty
}

// ServeHTTP answers for Recruitee, Wintro and the control API, by the request's path.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case isBelow(r.URL.Path, RecruiteePath):
		s.serveLogged(w, r, Recruitee, s.recruitee)
	case isBelow(r.URL.Path, WintroPath):
		s.serveLogged(w, r, Wintro, s.wintro)
	case isBelow(r.URL.Path, ControlPath):
		s.control.ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

// WintroAPI returns Wintro's API alone, below WintroPath: without faults, and without a log of its requests. A test
// can put a handler of its own around it.
func (s *Sandbox) WintroAPI() http.Handler { return newWintroAPI(s) }

func isBelow(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

// read runs f with the store locked. f must not change it.
func (s *Sandbox) read(f func(*store)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.store)
}

// change runs f with the store locked and saves what f changed, which may be something even if f
// fails.
func (s *Sandbox) change(f func(*store) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := f(&s.store)
	s.file.save(&s.store)
	s.changes.tell()
	return err
}

// must is change for the methods of Sandbox, whose callers make the errors.
func (s *Sandbox) must(f func(*store) error) {
	if err := s.change(f); err != nil {
		panic(usageError{err})
	}
}

// A usageError is what the methods of Sandbox panic with.
type usageError struct{ error }

func (s *Sandbox) timestamp() time.Time { return s.now().UTC().Truncate(time.Microsecond) }
