package connection

import (
	"context"
	"sync"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
)

// answers remembers what Recruitee said of each token and company in this run, so that refreshing and
// planning, and several resources with the same pair, share one request.
type answers struct {
	mu  sync.Mutex
	all map[question]*answer
}

// question holds the token's fingerprint rather than the token.
type question struct {
	companyID, fingerprint string
}

type answer struct {
	complete chan struct{}
	// The rest is set before complete is closed.
	admin       recruitee.Admin
	err         error
	at          time.Time
	interrupted bool
}

// once returns the remembered answer if it isn't older than oldest, or else asks. Who comes while
// somebody is asking waits for that answer.
func (a *answers) once(ctx context.Context, q question, oldest time.Duration, ask func() (recruitee.Admin, error)) (recruitee.Admin, error) {
	for {
		known, mine := a.join(q, oldest)
		if mine {
			known.admin, known.err = ask()
			known.at = time.Now()
			// That this caller was interrupted says nothing to those who wait.
			known.interrupted = ctx.Err() != nil
			close(known.complete)
			return known.admin, known.err
		}
		select {
		case <-known.complete:
		case <-ctx.Done():
			return recruitee.Admin{}, &NoAnswerError{System: RecruiteeName, Reason: "the operation's time was up"}
		}
		if !known.interrupted {
			return known.admin, known.err
		}
	}
}

// join returns the answer to wait for, or a new one that the caller has to find: then mine is true.
func (a *answers) join(q question, oldest time.Duration) (known *answer, mine bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, found := a.all[q]
	if found && !known.useless(oldest) {
		return known, false
	}
	if a.all == nil {
		a.all = map[question]*answer{}
	}
	known = &answer{complete: make(chan struct{})}
	a.all[q] = known
	return known, true
}

func (k *answer) useless(oldest time.Duration) bool {
	select {
	case <-k.complete:
		return k.interrupted || time.Since(k.at) > oldest
	default:
		return false
	}
}
