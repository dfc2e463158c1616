// Package sandbox simulates the two systems that the provider calls, Recruitee and Wintro's connections API. A Sandbox is
// an HTTP handler that keeps its data in memory. Tests, the demo and authors of Terraform modules use it.
//
// Most methods of Sandbox simulate changes outside Terraform, such as a revoked token, a new role or a connection that a
// user edits by hand. Sandbox.Fail delays requests or makes them fail. Sandbox.Requests returns the log of requests.
//
//	s := sandbox.New()
//	token := s.Seed()
//	server := httptest.NewServer(s)
//	recruitee := server.URL + sandbox.RecruiteePath
//	wintro := server.URL + sandbox.WintroPath
//
// Package sandboxtest starts such a server for tests.
//
// A method panics if an argument is invalid, such as the ID of a connection that doesn't exist, because the mistake
// must not go unnoticed in a test. The control API returns the text of the panic as an error.
package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The paths of a Sandbox.
const (
	// RecruiteePath is the path of Recruitee's base URL. Request paths begin with /recruitee/c/{company}/.
	RecruiteePath = "/recruitee"
	// WintroPath is the path of Wintro's base URL. Request paths begin with /wintro/api/v1/ats-connections.
	WintroPath = "/wintro/api/v1"
	// ControlPath is the path of the control API, which exposes the methods of Sandbox over HTTP.
	ControlPath = "/control"
)

// The names of the two systems in Request.System and Fault.System.
const (
	Recruitee = "recruitee"
	Wintro    = "wintro"
)

// maxBody is the maximum size of a request body, far above the size of any valid body.
const maxBody = 1 << 20

// A Sandbox simulates Recruitee and Wintro as one http.Handler. It is safe for concurrent use.
type Sandbox struct {
	wintro   *http.ServeMux
	commands []command
	log      requestLog
	faults   faultList

	// mu guards the fields below. A request holds mu while it reads and changes the store, so that no request can see
	// the unfinished changes of another.
	mu    sync.Mutex
	store store
	usage rateUsage
}

// New returns an empty sandbox. Sandbox.Seed fills it.
func New() *Sandbox {
	s := &Sandbox{store: newStore(), usage: rateUsage{}, commands: commands()}
	s.wintro = s.newWintroMux()
	return s
}

// The IDs of the company and the Administrator that Seed adds to Recruitee.
const (
	SeedCompanyID int64 = 816
	SeedOwnerID   int64 = 1704
)

// Seed adds the company Acme to Recruitee, with Ada Byron as its Administrator, and returns a token that belongs to
// Ada.
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

// ServeHTTP passes a request to Recruitee, Wintro or the control API, depending on the request's path. Before that, it
// rejects requests that web pages of other sites may have sent, so that these requests can't use up a fault, appear in
// the log or get a token.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := CheckCaller(r); err != nil {
		controlError(w, http.StatusForbidden, err.Error())
		return
	}
	switch {
	case isBelow(r.URL.Path, RecruiteePath):
		s.serveLogged(w, r, Recruitee, s.serveRecruitee)
	case isBelow(r.URL.Path, WintroPath):
		s.serveLogged(w, r, Wintro, s.serveWintro)
	case isBelow(r.URL.Path, ControlPath):
		s.serveControl(w, r)
	default:
		http.NotFound(w, r)
	}
}

func isBelow(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

// locked holds mu while f reads or changes the store.
func (s *Sandbox) locked(f func(*store)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.store)
}

// A usageError reports a mistake by the caller, such as an unknown ID. The methods of Sandbox panic with a usageError,
// and runCommand recovers from the panic.
type usageError struct{ error }

func refuse(format string, args ...any) { panic(usageError{fmt.Errorf(format, args...)}) }

// must returns found, or panics with a usageError if err isn't nil.
func must[T any](found T, err error) T {
	if err != nil {
		panic(usageError{err})
	}
	return found
}

func timestamp() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
