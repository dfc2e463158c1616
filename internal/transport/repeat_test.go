package transport

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestRepeat(t *testing.T) {
	t.Parallel()
	undocumented := func(tries int) error { return &NoAnswerError{Status: 200, Tries: tries} }
	for name, test := range map[string]struct {
		answers []error
		asked   int
		tries   int
	}{
		"a good answer":                           {[]error{nil}, 1, 0},
		"a page that isn't the documented JSON":   {[]error{undocumented(1), nil}, 2, 0},
		"again and again":                         {[]error{undocumented(1), undocumented(1), undocumented(1), undocumented(1)}, 3, 3},
		"the tries of all requests count":         {[]error{undocumented(2), undocumented(1), nil}, 2, 3},
		"a server that is down was asked already": {[]error{&NoAnswerError{Status: 503, Tries: 3}}, 1, 3},
		"no answer at all":                        {[]error{&NoAnswerError{Tries: 3}}, 1, 3},
		"a redirect":                              {[]error{&NoAnswerError{Status: 307, Tries: 1}}, 1, 1},
		"an answer in the documented form":        {[]error{errors.New("forbidden")}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				_, err := Repeat(context.Background(), New(Options{MaxRetries: 2}), func() (int, error) {
					asked++
					return asked, test.answers[asked-1]
				})
				if asked != test.asked {
					t.Errorf("asked %d times", asked)
				}
				var failure *NoAnswerError
				if errors.As(err, &failure) && failure.Tries != test.tries {
					t.Errorf("%d tries", failure.Tries)
				}
			})
		})
	}
}

func TestRepeatWaitsNoLongerThanTheOperation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := Repeat(ctx, New(Options{MaxRetries: 20}), func() (int, error) { return 0, &NoAnswerError{Status: 200} })
		if err == nil || time.Since(began) > 10*time.Millisecond {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}
