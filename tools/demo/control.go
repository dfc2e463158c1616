package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// A control makes things happen in the sandbox that people do by hand in Recruitee.
type control struct {
	endpoint string
}

func (c control) revokeToken(ctx context.Context, token string) error {
	return c.call(ctx, http.MethodPost, "/recruitee/revoke-token", map[string]any{"token": token}, nil)
}

func (c control) issueToken(ctx context.Context) (token string, err error) {
	var issued struct {
		Token string `json:"token"`
	}
	owner := map[string]any{"company_id": sandbox.SeedCompanyID, "owner_id": sandbox.SeedOwnerID}
	err = c.call(ctx, http.MethodPost, "/recruitee/issue-token", owner, &issued)
	return issued.Token, err
}

// connections counts the links in Wintro.
func (c control) connections(ctx context.Context) (number int, err error) {
	var list []json.RawMessage
	err = c.call(ctx, http.MethodGet, "/connections", nil, &list)
	return len(list), err
}

func (c control) call(ctx context.Context, method, path string, input, output any) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the sandbox's control API, %s: %w", path, err)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var body io.Reader
	if input != nil {
		text, err := json.Marshal(input)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.endpoint+path, body)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, bytes.TrimSpace(answer))
	}
	if output == nil {
		return nil
	}
	return json.Unmarshal(answer, output)
}
