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
	"net/http"
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
}

// An Option changes how a Sandbox is made.
type Option func(*Sandbox)

// WithClock makes the sandbox take the time from now, so that a test can let a day pass. The request
// log keeps to the real time.
func WithClock(now func() time.Time) Option {
	return func(s *Sandbox) { s.now = now }
}

// New returns an empty sandbox. Sandbox.Seed fills it.
func New(options ...Option) *Sandbox {
	s := &Sandbox{now: time.Now, store: newStore(), usage: rateUsage{}}
	s.log.changed = s.changes.tell
	for _, option := range options {
		option(s)
	}
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

// SeedExamples adds what Seed adds, two companies more, with an Administrator and a token each, and a second
// organisation in Wintro. It returns Ada's token.
func (s *Sandbox) SeedExamples() (token string) {
	token = s.Seed()
	for _, example := range []struct {
		company Company
		owner   Owner
	}{
		{Company{ID: 817, Name: "Acme Poland", Subdomain: "acme-poland"}, Owner{FirstName: "Maria", LastName: "Nowak"}},
		{Company{ID: 818, Name: "Acme Canada", Subdomain: "acme-canada"}, Owner{FirstName: "Louis", LastName: "Tremblay"}},
	} {
		s.AddCompany(example.company)
		example.owner.CompanyID, example.owner.Administrator = example.company.ID, true
		owner := s.AddOwner(example.owner)
		s.IssueToken(owner.CompanyID, owner.ID)
	}
	s.AddOrganisation("Acme Americas")
	return token
}

// ServeHTTP serves Recruitee, Wintro and the control API, by the request's path. It rejects web pages of other sites
// first: they must not use up a fault, write into the log or get a token.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := CheckCaller(r); err != nil {
		controlError(w, r, http.StatusForbidden, err.Error())
		return
	}
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

func isBelow(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

// read runs f with the store locked. f must not change it.
func (s *Sandbox) read(f func(*store)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.store)
}

// change runs f with the store locked. f may change something even if it fails.
func (s *Sandbox) change(f func(*store) error) error {
	defer s.changes.tell()
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(&s.store)
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
