package sandbox

import "sync"

// changes notifies callers of the next change.
type changes struct {
	mu   sync.Mutex
	next chan struct{}
}

// Changed returns a channel that is closed at the next change of anything: of either system, of the faults or of
// the request log. To miss none, get the channel before looking.
func (s *Sandbox) Changed() <-chan struct{} {
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	if s.changes.next == nil {
		s.changes.next = make(chan struct{})
	}
	return s.changes.next
}

// tell notifies the waiting callers.
func (c *changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next != nil {
		close(c.next)
		c.next = nil
	}
}
