package connection

import "context"

// Remove unlinks. That the link is gone already is no error.
func (s *Service) Delete(ctx context.Context, id string) error {
	s.applying.Store(true)
	if err := s.wintro.Delete(ctx, id); err != nil && !gone(err) {
		return err
	}
	return nil
}
