package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const system = "https://api.recruitee.com"

// terraformParallelism is the default of Terraform's -parallelism.
const terraformParallelism = 10

// simulatedSystem is a system that is down until up is true. It then returns 200.
type simulatedSystem struct {
	up   atomic.Bool
	sent atomic.Int32
	// fail handles requests while the system is down.
	fail sender
}

func (s *simulatedSystem) RoundTrip(req *http.Request) (*http.Response, error) {
	s.sent.Add(1)
	if s.up.Load() {
		return responseTo(req, http.StatusOK), nil
	}
	return s.fail(req)
}

// client returns a client with four retries and the default timeout and pause.
func (s *simulatedSystem) client(t *testing.T) *Client {
	return newClient(t, func(o *Options) { o.RoundTripper, o.MaxRetries, o.RequestTimeout, o.Pause = s, 4, 0, 0 })
}

func hangs(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func respondsWith(status int, header ...string) sender {
	return func(req *http.Request) (*http.Response, error) { return responseTo(req, status, header...), nil }
}

func breaksConnection(*http.Request) (*http.Response, error) { return nil, errors.New("broken") }

// call sends a GET. It returns the error if it is an *UnavailableError, and nil otherwise.
func call(t *testing.T, client *Client) *UnavailableError {
	_, err := do(client, request(t, http.MethodGet, system))
	failure, _ := errors.AsType[*UnavailableError](err)
	return failure
}

func (b *breaker) isOpen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.outage != nil
}

// exhaust sends a GET that uses up all its attempts. It fails the test if the GET succeeds.
func exhaust(t *testing.T, client *Client) {
	t.Helper()
	_, err := do(client, request(t, http.MethodGet, system))
	if err == nil {
		t.Fatal("the system isn't down")
	}
}

var outages = map[string]sender{
	"the system returns 503":    respondsWith(http.StatusServiceUnavailable),
	"the system never responds": hangs,
	"the connection breaks":     breaksConnection,
	"the gateway returns 408":   respondsWith(http.StatusRequestTimeout),
}

func TestOutageCostsOneCall(t *testing.T) {
	t.Parallel()
	all := maps.Clone(outages)
	all["the host name is unknown"] = func(*http.Request) (*http.Response, error) {
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}
	for name, fail := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const calls = 500
			synctest.Test(t, func(t *testing.T) {
				down := &simulatedSystem{fail: fail}
				began := time.Now()
				exhaust(t, down.client(t))
				oneCall := time.Since(began)

				down.sent.Store(0)
				client := down.client(t)
				began = time.Now()
				var notSent atomic.Int32
				parallel(calls, terraformParallelism, func() {
					if _, err := do(client, request(t, http.MethodGet, system)); err == nil {
						t.Error("a call succeeded")
					} else if failure, ok := errors.AsType[*UnavailableError](err); ok && failure.NotSent {
						notSent.Add(1)
					}
				})
				// Allow for the random pauses and for the attempt of the probe.
				if took := time.Since(began); took > oneCall*3/2+client.options.RequestTimeout {
					t.Errorf("%d calls took %s, and a single call takes %s", calls, took, oneCall)
				}
				if sent := down.sent.Load(); sent > 5*10+2 || int(notSent.Load()) < calls-12 {
					t.Errorf("%d requests were sent, and %d calls sent none", sent, notSent.Load())
				}
			})
		})
	}
}

// parallel calls f the given number of times, and makes at most parallelism calls at a time.
func parallel(times, parallelism int, f func()) {
	next := make(chan struct{})
	var all sync.WaitGroup
	for range parallelism {
		all.Go(func() {
			for range next {
				f()
			}
		})
	}
	for range times {
		next <- struct{}{}
	}
	close(next)
	all.Wait()
}

func TestOpenBreakerRepeatsReason(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := &simulatedSystem{fail: hangs}
		client := down.client(t)
		first := call(t, client)
		probing := make(chan struct{})
		go func() {
			defer close(probing)
			_ = call(t, client)
		}()
		synctest.Wait()
		second := call(t, client)
		<-probing
		if first.NotSent || !first.MayHaveActed || !second.NotSent || second.MayHaveActed || second.Reason != first.Reason || second.Attempts != 5 || second.Host != first.Host {
			t.Errorf("the second error is %+v, and the first %+v", second, first)
		}
		const want = "Recruitee at api.recruitee.com gave no usable response: there was no complete response within 30s (5 attempts); after that, this request was not sent"
		if second.Error() != want {
			t.Errorf("the text is %q instead of %q", second, want)
		}
	})
}

func TestStoppedCallReportsWhetherItsOwnAttemptMayHaveActed(t *testing.T) {
	t.Parallel()
	unknownHost := &net.DNSError{IsNotFound: true}
	for status, outage := range map[int]error{429: unknownHost, 503: &net.OpError{Op: "dial", Err: unknownHost}} {
		for name, began := range map[string]time.Duration{"the pause": time.Millisecond, "the wait for the rate limit": 30 * time.Second} {
			t.Run(fmt.Sprintf("%d, and the breaker opens during %s", status, name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
						if req.Method == http.MethodGet {
							return nil, outage
						}
						return responseTo(req, status, "Retry-After", "60"), nil
					}, func(o *Options) { o.Pause = time.Second })
					failing := request(t, http.MethodGet, system, "Authorization", "Bearer another token")
					time.AfterFunc(began, func() { _, _ = do(client, failing) })
					stopped := fail(t, client, request(t, http.MethodPatch, system))
					if stopped.Reason != "the host name can't be resolved" || stopped.MayHaveActed != (status == 503) {
						t.Errorf("MayHaveActed is %t, and the error %v", stopped.MayHaveActed, stopped)
					}
				})
			})
		}
	}
}

func TestFailureThatRetryFixesKeepsBreakerClosed(t *testing.T) {
	t.Parallel()
	for name, fail := range outages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				flaky := &simulatedSystem{fail: fail}
				client := flaky.client(t)
				time.AfterFunc(32*time.Second, func() { flaky.up.Store(true) })
				if name != "the system never responds" {
					time.AfterFunc(2*time.Second, func() { flaky.up.Store(true) })
				}
				parallel(10, terraformParallelism, func() {
					if _, err := do(client, request(t, http.MethodGet, system)); err != nil {
						t.Error(err)
					}
				})
			})
		})
	}
}

func TestBreakerIgnoresOtherFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail   sender
		method string
		// timeout is the time limit of the operation. If it is zero, there is no limit.
		timeout time.Duration
	}{
		"a rejection":                     {fail: respondsWith(http.StatusUnauthorized)},
		"a rejection in HTML":             {fail: respondsWith(http.StatusForbidden, "Content-Type", "text/html")},
		"a rate limit":                    {fail: respondsWith(http.StatusTooManyRequests, "Retry-After", "1")},
		"a long rate limit":               {fail: respondsWith(http.StatusTooManyRequests, "Retry-After", "86400")},
		"a conflict":                      {fail: respondsWith(http.StatusConflict)},
		"a failed POST":                   {fail: respondsWith(http.StatusServiceUnavailable), method: http.MethodPost},
		"a status without retries":        {fail: respondsWith(http.StatusNotImplemented)},
		"a timeout in the last attempt":   {fail: hangs, timeout: 140 * time.Second},
		"an operation that has timed out": {fail: hangs, timeout: time.Nanosecond},
		"a timeout in a pause":            {fail: respondsWith(http.StatusServiceUnavailable, "Retry-After", "30"), timeout: 40 * time.Second},
		"a redirect to another server":    {fail: respondsWith(http.StatusFound, "Location", "https://login.example")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				odd := &simulatedSystem{fail: test.fail}
				client := odd.client(t)
				req := request(t, cmp.Or(test.method, http.MethodGet), system)
				if test.timeout > 0 {
					ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
					defer cancel()
					req = req.WithContext(ctx)
				}
				if _, err := do(client, req); err == nil {
					t.Fatal("the call succeeded")
				}
				if client.breaker.isOpen() {
					t.Error("the breaker is open")
				}
			})
		})
	}
}

func TestRejectionShowsThatSystemWorks(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{302: true, 400: true, 404: true, 408: false, 425: false, 429: true, 499: true, 500: false, 503: false} {
		if got := isUsable(&Response{StatusCode: status}, errStatus); got != want {
			t.Errorf("status %d: isUsable returned %t", status, got)
		}
	}
}

// If another call succeeds after the failing call began, the system is up, so the breaker must stay closed.
func TestSuccessOfOtherCallKeepsBreakerClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("Authorization") == "Bearer of a broken company" {
				return responseTo(req, http.StatusInternalServerError), nil
			}
			return responseTo(req, http.StatusOK), nil
		})
		broken := request(t, http.MethodGet, system, "Authorization", "Bearer of a broken company")
		go func() {
			time.Sleep(2 * time.Millisecond)
			_ = call(t, client)
		}()
		if _, err := do(client, broken); err == nil {
			t.Fatal("the call succeeded")
		}
		synctest.Wait()
		if failure := call(t, client); failure != nil || client.breaker.isOpen() {
			t.Error("the breaker is open: ", failure)
		}
	})
}

// A call that began before the breaker opened closes the breaker if it succeeds.
func TestLateSuccessClosesBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int32
		client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
			if sent.Add(1) == 1 {
				time.Sleep(19 * time.Second)
				return responseTo(req, http.StatusOK), nil
			}
			return responseTo(req, http.StatusInternalServerError), nil
		})
		late := make(chan *UnavailableError)
		go func() { late <- call(t, client) }()
		synctest.Wait()
		exhaust(t, client)
		if !client.breaker.isOpen() {
			t.Fatal("the breaker is closed")
		}
		if failure := <-late; failure != nil || client.breaker.isOpen() {
			t.Error("the breaker is open: ", failure)
		}
	})
}

func TestOpenBreakerStopsRetries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		begins time.Duration
	}{
		// The breaker opens after the fifth attempt of the other call, 80 seconds after that call began. This call then
		// waits for the rate limit or, if it has just begun, pauses before it waits.
		{http.StatusServiceUnavailable, 70 * time.Second},
		{http.StatusTooManyRequests, 70 * time.Second},
		{http.StatusTooManyRequests, 79_900 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			// This call has another token, so the calls don't wait for each other.
			const token = "Bearer of another company"
			down := &simulatedSystem{fail: func(req *http.Request) (*http.Response, error) {
				if req.Header.Get("Authorization") == token {
					return responseTo(req, test.status, "Retry-After", "20"), nil
				}
				return responseTo(req, http.StatusServiceUnavailable, "Retry-After", "20"), nil
			}}
			client := down.client(t)
			waiting := make(chan error)
			go func() {
				time.Sleep(test.begins)
				_, err := do(client, request(t, http.MethodGet, system, "Authorization", token))
				waiting <- err
			}()
			exhaust(t, client)
			opened := time.Now()
			err := <-waiting
			if !isError[*UnavailableError](err) || time.Since(opened) > time.Second || !client.breaker.isOpen() {
				t.Errorf("%+v: the error is %v, %s after the breaker opened, which is open: %t", test, err, time.Since(opened), client.breaker.isOpen())
			}
		})
	}
}

func TestOpenBreakerProbes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := &simulatedSystem{fail: hangs}
		client := down.client(t)
		exhaust(t, client)
		down.sent.Store(0)
		began := time.Now()
		for time.Since(began) < 10*time.Minute {
			parallel(100, terraformParallelism, func() { _ = call(t, client) })
			time.Sleep(time.Second)
		}
		// Each probe has one attempt of 30 seconds, and the next probe begins 10 seconds after the attempt fails.
		if sent := down.sent.Load(); sent < 14 || sent > 16 {
			t.Errorf("%d probes in ten minutes instead of 15", sent)
		}
		down.up.Store(true)
		time.Sleep(probeInterval)
		if failure := call(t, client); failure != nil {
			t.Error(failure)
		}
		parallel(100, terraformParallelism, func() {
			if failure := call(t, client); failure != nil {
				t.Error(failure)
			}
		})
	})
}

func TestInterruptedProbeIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := &simulatedSystem{fail: hangs}
		client := down.client(t)
		exhaust(t, client)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := do(client, request(t, http.MethodGet, system).WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		down.up.Store(true)
		if failure := call(t, client); failure != nil {
			t.Error(failure)
		}
	})
}

// If the breaker opens while a call waits for the rate limit, the call sends no request.
func TestOpenBreakerEndsWaitForRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := &simulatedSystem{fail: respondsWith(http.StatusInternalServerError)}
		client := down.client(t)
		limited := request(t, http.MethodGet, system, "Authorization", "Bearer of a busy company")
		client.limiter.observe(limited, received(limited, http.StatusTooManyRequests, "Retry-After", "90"), nil)
		waiting := make(chan error)
		go func() {
			_, err := do(client, limited)
			waiting <- err
		}()
		synctest.Wait()
		exhaust(t, client)
		failure, _ := errors.AsType[*UnavailableError](<-waiting)
		if failure == nil || !failure.NotSent || down.sent.Load() != 5 {
			t.Errorf("the error is %+v after %d requests", failure, down.sent.Load())
		}
	})
}
