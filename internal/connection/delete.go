package connection

import "context"

// Delete removes a connection. That it is gone already is no error.
func (s *Service) Delete(ctx context.Context, current Connection) error {
	err := s.wintro.Delete(ctx, current.ID)
	s.snapshots.end()
	err = s.confirmGone(ctx, current, err)
	if isError[*GoneError](err) {
		return nil
	}
	return err
}
