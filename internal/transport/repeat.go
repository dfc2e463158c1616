package transport

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Repeat asks again where a success has arrived that isn't what is documented: a sign-in page, half of the
// JSON. That is between the tries of Client.Do, which knows nothing of documents, and whoever does; in all
// there are no more retries than Options.MaxRetries allows. It is only for what can safely be asked twice.
func Repeat[T any](ctx context.Context, c *Client, ask func() (T, error)) (T, error) {
	for tries := 0; ; {
		value, err := ask()
		var failure *NoAnswerError
		if !errors.As(err, &failure) || failure.Status < http.StatusOK || failure.Status >= http.StatusMultipleChoices {
			return value, err
		}
		tries += max(1, failure.Tries)
		failure.Tries = tries
		if tries > c.options.MaxRetries {
			return value, err
		}
		select {
		case <-time.After(retryablehttp.LinearJitterBackoff(c.options.Pause, 3*c.options.Pause, tries, nil)):
		case <-ctx.Done():
			return value, err
		}
	}
}
