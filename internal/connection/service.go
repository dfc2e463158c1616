package connection

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Settings contains the addresses of both systems, and the credentials and limits for calling them.
type Settings struct {
	// WintroEndpoint and RecruiteeEndpoint are base URLs that CheckEndpoint accepts, or "" for a system that isn't
	// needed.
	WintroEndpoint, RecruiteeEndpoint string
	// WintroToken is the API token for Wintro itself, not a Recruitee token.
	WintroToken string
	// VerifyMode says when tokens are verified.
	VerifyMode VerifyMode
	// TerraformVersion and ProviderVersion become part of the User-Agent header. AppendUserAgent is text that the user
	// adds to the header.
	TerraformVersion, ProviderVersion string
	AppendUserAgent                   string
	// MaxRetries, RequestTimeout and RetryPause have the same meaning as in transport.Options.
	MaxRetries     int
	RequestTimeout time.Duration
	RetryPause     time.Duration
	// PollPause is the first pause between requests that wait for Wintro, such as polls of a pending connection. Later
	// pauses are longer. Zero means one second.
	PollPause time.Duration
	// RoundTripper sends the requests. If it is nil, the requests go over the network.
	RoundTripper http.RoundTripper
}

// Service creates, reads, updates, deletes, lists, verifies and syncs connections. It is safe for concurrent use. A
// Service remembers, for one plan or one apply, Recruitee's responses and the connections that it has read, created and
// deleted. Create a new Service whenever Terraform configures the provider, because the next plan or apply must not use
// this memory.
type Service struct {
	verifyMode    VerifyMode
	recruitee     *recruitee.Client
	wintro        *sharedList
	history       *history
	verifications verifications
	pollPause     time.Duration
}

// New returns a service without sending a request. If a system's endpoint is empty, callers must not use methods that
// call that system.
func New(settings Settings) (*Service, error) {
	service := &Service{
		verifyMode:    settings.VerifyMode,
		history:       newHistory(),
		verifications: verifications{calls: map[tokenKey]*sharedCall[recruitee.Admin]{}},
		pollPause:     cmp.Or(settings.PollPause, time.Second),
	}
	newClient := func(system string, endpoint *url.URL) *transport.Client {
		return transport.New(transport.Options{
			System:         system,
			EndpointPath:   endpoint.Path,
			UserAgent:      transport.UserAgent(settings.TerraformVersion, settings.ProviderVersion, settings.AppendUserAgent),
			MaxRetries:     settings.MaxRetries,
			RequestTimeout: settings.RequestTimeout,
			Pause:          settings.RetryPause,
			RoundTripper:   settings.RoundTripper,
		})
	}
	if settings.RecruiteeEndpoint != "" {
		endpoint, err := transport.ParseEndpoint(settings.RecruiteeEndpoint)
		if err != nil {
			return nil, fmt.Errorf("recruitee endpoint: %w", err)
		}
		service.recruitee = recruitee.New(endpoint, newClient(recruitee.System, endpoint))
	}
	if settings.WintroEndpoint != "" {
		endpoint, err := transport.ParseEndpoint(settings.WintroEndpoint)
		if err != nil {
			return nil, fmt.Errorf("wintro endpoint: %w", err)
		}
		service.wintro = &sharedList{
			client:    wintro.New(endpoint, settings.WintroToken, newClient(wintro.System, endpoint)),
			history:   service.history,
			pollPause: service.pollPause,
		}
	}
	return service, nil
}

// VerifyMode returns the mode from the settings.
func (s *Service) VerifyMode() VerifyMode {
	return s.verifyMode
}
