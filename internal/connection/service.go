package connection

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
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
	// AppendUserAgent is added to what they are told.
	AppendUserAgent string
	// MaxRetries, RequestTimeout and RetryPause are those of transport.Options.
	MaxRetries     int
	RequestTimeout time.Duration
	RetryPause     time.Duration
	// PollPause is the first pause while a connection is pending; each is longer than the one before. Zero
	// means a second.
	PollPause time.Duration
	// RoundTripper sends the requests. Nil means over the network.
	RoundTripper http.RoundTripper
}

// Service creates, reads, updates, deletes, lists, verifies and syncs connections. It is safe for concurrent use, and meant for one
// run: what Recruitee has said of a token is remembered.
type Service struct {
	verification VerificationMode
	recruitee    recruiteeClient
	wintro       wintroClient
	answers      answers
	snapshots    snapshots
	// read holds the IDs of the connections that Read has read.
	read sync.Map
	// unlinked holds the IDs of the companies that LookUp has asked Wintro about in vain: that may be of any age.
	unlinked  sync.Map
	pollPause time.Duration
	clients   []*transport.Client
}

// recruiteeClient is what the service needs of Recruitee.
type recruiteeClient interface {
	CurrentAdmin(ctx context.Context, companyID, token string) (recruitee.Admin, error)
}

// wintroClient is what the service needs of Wintro.
type wintroClient interface {
	Organisation() string
	List(ctx context.Context, companyID string, limit int) (*wintro.List, error)
	ListPage(ctx context.Context, companyID string, page int) (wintro.Page, error)
	Get(ctx context.Context, id string) (wintro.Connection, error)
	Create(ctx context.Context, key string, connection wintro.NewConnection) (wintro.Connection, error)
	Update(ctx context.Context, id string, change wintro.ConnectionChange) (wintro.Connection, error)
	Delete(ctx context.Context, id string) error
	StartSync(ctx context.Context, connectionID string) (wintro.Sync, error)
	GetSync(ctx context.Context, connectionID, id string) (wintro.Sync, error)
}

// New returns a service. It sends no request. If one of the two endpoints is empty, nothing that asks
// that system may be called.
func New(settings Settings) (*Service, error) {
	service := newService(settings.Verification, nil, nil)
	service.pollPause = cmp.Or(settings.PollPause, time.Second)
	client := func(system string, endpoint *url.URL) *transport.Client {
		made := transport.New(transport.Options{
			System:         system,
			EndpointPath:   endpoint.Path,
			UserAgent:      transport.UserAgent(settings.TerraformVersion, settings.ProviderVersion, settings.AppendUserAgent),
			MaxRetries:     settings.MaxRetries,
			RequestTimeout: settings.RequestTimeout,
			Pause:          settings.RetryPause,
			RoundTripper:   settings.RoundTripper,
		})
		service.clients = append(service.clients, made)
		return made
	}
	if settings.RecruiteeEndpoint != "" {
		endpoint, err := transport.ParseEndpoint(settings.RecruiteeEndpoint)
		if err != nil {
			return nil, fmt.Errorf("recruitee endpoint: %w", err)
		}
		service.recruitee = recruitee.New(endpoint, client(recruitee.System, endpoint))
	}
	if settings.WintroEndpoint != "" {
		endpoint, err := transport.ParseEndpoint(settings.WintroEndpoint)
		if err != nil {
			return nil, fmt.Errorf("wintro endpoint: %w", err)
		}
		service.wintro = wintro.New(endpoint, settings.WintroToken, client(wintro.System, endpoint))
	}
	return service, nil
}

func newService(mode VerificationMode, forRecruitee recruiteeClient, forWintro wintroClient) *Service {
	s := &Service{verification: mode, recruitee: forRecruitee, wintro: forWintro}
	s.snapshots.readPage = func(ctx context.Context, page int) (wintro.Page, error) { return s.wintro.ListPage(ctx, "", page) }
	return s
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
