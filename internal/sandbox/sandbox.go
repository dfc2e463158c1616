// Package sandbox imitates the two systems that the provider calls, Recruitee and Wintro's connections API. It is an
// HTTP handler that keeps its data in memory. Tests, the demo and authors of Terraform modules use it.
//
// The methods of Sandbox imitate changes outside Terraform, such as a revoked token, a new role or a connection that
// a user edits by hand. Sandbox.Fail makes requests fail. Sandbox.Requests returns the log of requests.
//
//	s := sandbox.New()
//	token := s.Seed()
//	server := httptest.NewServer(s)
//	recruitee := server.URL + sandbox.RecruiteePath
//	wintro := server.URL + sandbox.WintroPath
//
// Package sandboxtest starts such a server for tests.
//
// A method panics if the company, owner or connection doesn't exist, because that is a mistake in the test. The
// control API responds with the same errors.
package sandbox

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// The paths of a Sandbox.
const (
	// RecruiteePath is the path of Recruitee's base URL. Paths of requests begin with /recruitee/c/{company}/.
	RecruiteePath = "/recruitee"
	// WintroPath is the path of Wintro's base URL. Paths of requests begin with /wintro/api/v1/ats-connections.
	WintroPath = "/wintro/api/v1"
	// ControlPath is the path of the control API, which exposes the methods of Sandbox over HTTP.
	ControlPath = "/control"
)

// The values of Request.System and Fault.System.
const (
	Recruitee = "recruitee"
	Wintro    = "wintro"
)

// maxBody is the maximum size of a request body, far above the size of any valid body.
const maxBody = 1 << 20

// A Sandbox imitates Recruitee and Wintro as one http.Handler. It is safe for concurrent use.
type Sandbox struct {
	recruitee http.Handler
	wintro    http.Handler
	control   *control
	log       requestLog
	faults    faultList

	// mu guards the fields below. A call holds it while it reads and changes the store, so that calls don't interleave.
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

// The IDs of the company and the Administrator that Seed adds to Recruitee.
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

// SeedExamples calls Seed, then adds two more companies, each with an Administrator and a token, and a second
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

// ServeHTTP passes a request to Recruitee, Wintro or the control API, depending on its path. Before that, it rejects
// requests from web pages of other sites, which must not use up a fault, write to the log or get a token.
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

// read runs f with the store locked. f must not change the store.
func (s *Sandbox) read(f func(*store)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.store)
}

// change runs f with the store locked. If f fails, change doesn't undo the changes that f has made.
func (s *Sandbox) change(f func(*store) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(&s.store)
}

// must runs f like change, and panics with a usageError if f fails.
func (s *Sandbox) must(f func(*store) error) {
	if err := s.change(f); err != nil {
		panic(usageError{err})
	}
}

// A usageError reports a mistake of the caller. The methods of Sandbox panic with it.
type usageError struct{ error }

func timestamp() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
