// Package sandbox imitates both remote systems of the provider, Recruitee and Wintro's connections API, in one local
// HTTP handler with an in-memory store. Tests, the demo and authors of Terraform modules use it.
//
// Its methods imitate changes outside Terraform: tokens are revoked, roles change, connections are edited by hand. A
// Fault makes requests fail. Sandbox.Requests returns the log of requests.
//
//	s := sandbox.New()
//	token := s.Seed()
//	server := httptest.NewServer(s)
//	recruitee := server.URL + sandbox.RecruiteePath
//	wintro := server.URL + sandbox.WintroPath
//
// Package sandboxtest does this for tests.
//
// A method panics if its company, owner or connection doesn't exist: that is a mistake in the test. The control API
// returns the same errors.
package sandbox

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// The paths of a Sandbox.
const (
	// RecruiteePath is the path of Recruitee's base URL: its calls are at /recruitee/c/{company}/...
	RecruiteePath = "/recruitee"
	// WintroPath is the path of Wintro's base URL: its calls are at /wintro/api/v1/ats-connections...
	WintroPath = "/wintro/api/v1"
	// ControlPath is the path of the control API: the methods of Sandbox over HTTP.
	ControlPath = "/control"
)

// The two systems, as Request.System and Fault.System name them.
const (
	Recruitee = "recruitee"
	Wintro    = "wintro"
)

// maxBody is far above any body that either API takes.
const maxBody = 1 << 20

// A Sandbox imitates Recruitee and Wintro as one http.Handler. It is safe for concurrent use.
type Sandbox struct {
	recruitee http.Handler
	wintro    http.Handler
	control   *control
	log       requestLog
	faults    faultList

	// mu guards the fields below. Each request to an API locks it once, for all that it reads and changes.
	mu    sync.Mutex
	store store
	usage rateUsage
}

// New returns an empty sandbox. Sandbox.Seed fills it.
func New() *Sandbox {
	s := &Sandbox{store: newStore(), usage: rateUsage{}}
	s.recruitee = http.HandlerFunc(s.serveRecruitee)
	s.wintro = newWintroAPI(s)
	s.control = newControl(s)
	return s
}

// The company and its Administrator that Seed adds to Recruitee.
const (
	SeedCompanyID int64 = 816
	SeedOwnerID   int64 = 1704
)

// Seed adds a company to Recruitee, Acme, with Ada Byron as its Administrator, and returns her token.
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
		controlError(w, http.StatusForbidden, err.Error())
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
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(&s.store)
}

// must runs change, and panics with its error.
func (s *Sandbox) must(f func(*store) error) {
	if err := s.change(f); err != nil {
		panic(usageError{err})
	}
}

// A usageError is an error of the caller. The methods of Sandbox panic with it.
type usageError struct{ error }

func timestamp() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
