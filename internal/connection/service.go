package connection

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// When says when tokens are checked against Recruitee.
type VerificationMode string

// The choices.
const (
	// VerificationPlan: while planning and again while applying.
	VerificationPlan VerificationMode = "plan"
	// VerificationApply: only while applying, where the machine that plans can't reach Recruitee.
	VerificationApply VerificationMode = "apply"
	// VerificationOff: not at all.
	VerificationOff VerificationMode = "off"
)

// Settings are how to reach both systems.
type Settings struct {
	// WintroEndpoint and RecruiteeEndpoint are base URLs that CheckEndpoint accepts.
	WintroEndpoint, RecruiteeEndpoint string
	// WintroToken is Wintro's own API token.
	WintroToken string
	// Verification says when tokens are checked against Recruitee.
	Verification VerificationMode
	// TerraformVersion and ProviderVersion are named to both systems.
	TerraformVersion, ProviderVersion string
	// MaxRetries, RequestTimeout and RetryPause are those of transport.Options.
	MaxRetries     int
	RequestTimeout time.Duration
	RetryPause     time.Duration
	// PollPause is the first pause while a link is pending; each is longer than the one before. Zero
	// means a second.
	PollPause time.Duration
}

// Service makes, checks, changes and removes links. It is safe for concurrent use, and meant for one
// run: what Recruitee has said of a token is remembered.
type Service struct {
	verification VerificationMode
	recruitee    adminSource
	wintro       connections
	answers      answers
	ahead        readAhead
	// applying is set once anything is made, changed or removed.
	applying  atomic.Bool
	pollPause time.Duration
	clients   []*transport.Client
}

// adminSource is what the service needs of Recruitee.
type adminSource interface {
	CurrentAdmin(ctx context.Context, companyID, token string) (recruitee.Admin, error)
}

// connections is what the service needs of Wintro.
type connections interface {
	List(ctx context.Context, companyID string) iter.Seq2[wintro.Connection, error]
	Page(ctx context.Context, cursor string) (wintro.Page, error)
	Get(ctx context.Context, id string) (wintro.Connection, error)
	Create(ctx context.Context, key string, wanted wintro.NewConnection) (wintro.Connection, error)
	Update(ctx context.Context, id string, change wintro.ConnectionChange) (wintro.Connection, error)
	Delete(ctx context.Context, id string) error
	StartSync(ctx context.Context, connectionID string) (wintro.Sync, error)
	GetSync(ctx context.Context, connectionID, id string) (wintro.Sync, error)
}

// New returns a service. It asks nobody anything.
func New(settings Settings) (*Service, error) {
	recruiteeEndpoint, err := transport.ParseEndpoint(settings.RecruiteeEndpoint)
	if err != nil {
		return nil, fmt.Errorf("recruitee endpoint: %w", err)
	}
	wintroEndpoint, err := transport.ParseEndpoint(settings.WintroEndpoint)
	if err != nil {
		return nil, fmt.Errorf("wintro endpoint: %w", err)
	}
	var clients []*transport.Client
	client := func(system string) *transport.Client {
		made := transport.New(transport.Options{
			System:         system,
			UserAgent:      transport.UserAgent(settings.TerraformVersion, settings.ProviderVersion),
			MaxRetries:     settings.MaxRetries,
			RequestTimeout: settings.RequestTimeout,
			Pause:          settings.RetryPause,
		})
		clients = append(clients, made)
		return made
	}
	service := &Service{
		verification: settings.Verification,
		recruitee:    recruitee.New(recruiteeEndpoint, client(recruitee.System)),
		wintro:       wintro.New(wintroEndpoint, settings.WintroToken, client(wintro.System)),
		pollPause:    settings.PollPause,
	}
	service.clients = clients
	if service.pollPause == 0 {
		service.pollPause = time.Second
	}
	return service, nil
}

// Close drops connections that are open for the next request.
func (s *Service) Close() {
	for _, client := range s.clients {
		client.Close()
	}
}

// Verification tells when this service checks tokens against Recruitee.
func (s *Service) Verification() VerificationMode {
	return s.verification
}
