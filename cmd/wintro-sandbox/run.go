package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/page"
)

const (
	exitOK = iota
	exitError
	exitUsage
)

// run runs the command, and returns the exit code. A sandbox runs until ctx is cancelled.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (exitCode int) {
	flags := flag.NewFlagSet("wintro-sandbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	o := options{listen: "127.0.0.1:0", requests: 100, window: time.Minute}
	flags.Func("listen", "loopback `address` to serve on, port 0 for any (default 127.0.0.1:0)", o.setListen)
	flags.Func("rate-limit", "Wintro's rate limit as `requests/window`, or off (default 100/60s)", o.setRateLimit)
	flags.BoolVar(&o.quiet, "quiet", false, "don't print a line for each request on standard error")
	showVersion := flags.Bool("version", false, "print the version and exit")
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		printUsage(stdout, flags)
		return exitOK
	case err != nil:
		_, _ = fmt.Fprintf(stderr, "wintro-sandbox: %v; -h lists the flags\n", err)
		return exitUsage
	case *showVersion:
		_, _ = fmt.Fprintln(stdout, "wintro-sandbox", version)
		return exitOK
	}
	if err := serve(ctx, o, stdout, stderr); err != nil {
		_, _ = fmt.Fprintln(stderr, "wintro-sandbox:", err)
		return exitError
	}
	return exitOK
}

type options struct {
	listen   string
	requests int
	window   time.Duration
	quiet    bool
}

// setRateLimit parses the value of -rate-limit, such as 100/60s.
func (o *options) setRateLimit(text string) error {
	if text == "0" || text == "off" {
		o.requests, o.window = 0, 0
		return nil
	}
	number, duration, _ := strings.Cut(text, "/")
	requests, numberErr := strconv.Atoi(number)
	window, windowErr := time.ParseDuration(duration)
	if numberErr != nil || windowErr != nil || requests < 1 || window <= 0 {
		return errors.New(`not a limit such as 100/60s, 0 or "off"`)
	}
	o.requests, o.window = requests, window
	return nil
}

// setListen parses the value of -listen. It rejects addresses that other machines can reach, because the control API
// has no password.
func (o *options) setListen(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return errors.New("not an address with a port, such as 127.0.0.1:8080")
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return errors.New("only loopback addresses are possible, such as 127.0.0.1:8080, because the control API has no password")
	}
	o.listen = address
	return nil
}

func serve(ctx context.Context, o options, stdout, stderr io.Writer) error {
	// Write the lines through a logger, so that the lines of concurrent requests don't mix.
	messages := log.New(stderr, "", 0)
	s := sandbox.New()
	s.SeedExamples()
	if !o.quiet {
		s.OnRequest(func(r sandbox.Request) { messages.Print(requestLine(r)) })
	}
	s.SetWintroRateLimit(o.requests, o.window)
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	webPage := page.New(s)
	server := &http.Server{
		Handler:           webPage,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(messages.Writer(), "wintro-sandbox: ", 0),
	}
	server.RegisterOnShutdown(webPage.Close)
	url := "http://" + listener.Addr().String()
	messages.Printf("The sandbox's page is at %s/", url)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()

	if _, err := io.WriteString(stdout, environment(s, url)); err != nil {
		_ = server.Close()
		return fmt.Errorf("printing the environment: %w", err)
	}
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	// Give requests in flight a second to end, and then close their connections, because a fault can delay a response
	// for longer.
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(shutdown) != nil {
		_ = server.Close()
	}
	return nil
}
