package sandbox

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
)

// faultList is the faults that are still to come, in the order in which they were added.
type faultList struct {
	mu    sync.Mutex
	list  []*pendingFault
	added uint64
}

type pendingFault struct {
	Fault
	dice *rand.Rand
}

// hits reports whether it is the turn of a request that fits.
func (f *pendingFault) hits() bool {
	return f.Probability == 0 || f.dice.Float64() < f.Probability
}

// take returns the fault that befalls the request, or the zero Fault, and counts it.
//
// Each fault throws its dice for each request that fits it, also where another one befalls the
// request: so what one fault does never depends on the others.
func (l *faultList) take(system string, r *http.Request) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := -1
	for i, f := range l.list {
		if f.fits(system, r) && f.hits() && taken < 0 {
			taken = i
		}
	}
	if taken < 0 {
		return Fault{}
	}
	f := l.list[taken].Fault
	switch f.Times {
	case 0:
	case 1:
		l.list = slices.Delete(l.list, taken, taken+1)
	default:
		l.list[taken].Times--
	}
	return f
}

func (l *faultList) add(f Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// The second half of the seed keeps faults with the same Seed from hitting the same requests.
	dice := rand.New(rand.NewPCG(f.Seed, l.added)) //nolint:gosec // has to be repeatable
	l.added++
	l.list = append(l.list, &pendingFault{Fault: f, dice: dice})
}

func (l *faultList) all() []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Fault, 0, len(l.list))
	for _, f := range l.list {
		shown := f.Fault
		shown.Header = shown.Header.Clone()
		list = append(list, shown)
	}
	return list
}

func (l *faultList) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list, l.added = nil, 0
}
