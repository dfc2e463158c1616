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

// Settings are how to reach both systems.
type Settings struct {
	// WintroEndpoint and RecruiteeEndpoint are base URLs that CheckEndpoint accepts.
	WintroEndpoint, RecruiteeEndpoint string
	// WintroToken is Wintro's own API token.
	WintroToken string
	// Verification says when tokens are verified.
	Verification VerificationMode
	// TerraformVersion and ProviderVersion are named to both systems.
	TerraformVersion, ProviderVersion string
	// MaxRetries, RequestTimeout and RetryPause are those of transport.Options.
	MaxRetries     int
	RequestTimeout time.Duration
	RetryPause     time.Duration
	// PollPause is the first pause while a connection is pending; each is longer than the one before. Zero
	// means a second.
	PollPause time.Duration
}

// Service creates, reads, updates, deletes, lists, verifies and syncs connections. It is safe for concurrent use, and meant for one
// run: what Recruitee has said of a token is remembered.
type Service struct {
	verification VerificationMode
	recruitee    recruiteeClient
	wintro       wintroClient
	answers      answers
	ahead        readAhead
	// applying is set once anything is created, updated or deleted.
	applying  atomic.Bool
	pollPause time.Duration
	clients   []*transport.Client
}

// recruiteeClient is what the service needs of Recruitee.
type recruiteeClient interface {
	CurrentAdmin(ctx context.Context, companyID, token string) (recruitee.Admin, error)
}

// wintroClient is what the service needs of Wintro.
type wintroClient interface {
	List(ctx context.Context, companyID string) iter.Seq2[wintro.Connection, error]
	Page(ctx context.Context, cursor string) (wintro.Page, error)
	Get(ctx context.Context, id string) (wintro.Connection, error)
	Create(ctx context.Context, key string, connection wintro.NewConnection) (wintro.Connection, error)
	Update(ctx context.Context, id string, change wintro.ConnectionChange) (wintro.Connection, error)
	Delete(ctx context.Context, id string) error
	StartSync(ctx context.Context, connectionID string) (wintro.Sync, error)
	GetSync(ctx context.Context, connectionID, id string) (wintro.Sync, error)
}

// New returns a service. It sends no request.
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

// Verification is when this service verifies tokens.
func (s *Service) Verification() VerificationMode {
	return s.verification
}
