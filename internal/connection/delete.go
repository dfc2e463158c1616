package connection

import "context"

// Delete removes a connection. That it is gone already is no error.
func (s *Service) Delete(ctx context.Context, id string) error {
	s.applying.Store(true)
	if err := s.wintro.Delete(ctx, id); err != nil && !isNotFound(err) {
		return err
	}
	return nil
}
