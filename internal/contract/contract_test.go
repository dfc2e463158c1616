package contract_test

import (
	"bytes"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

func TestOpenAPIIsValidAndDefinesTheConstants(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromData(contract.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	schemas := document.Components.Schemas
	if schemas["AtsCompanyId"].Value.Pattern != contract.CompanyIDPattern.String() || *schemas["Name"].Value.MaxLength != contract.MaxNameLength {
		t.Error("the document has another pattern of company IDs, or another limit of names")
	}
	for _, value := range []string{
		contract.CodeBadRequest, contract.CodeUnauthorized, contract.CodeMissingScope, contract.CodeNotFound,
		contract.CodeMethodNotAllowed, contract.CodeAlreadyLinked, contract.CodeIdempotencyKeyReused, contract.CodeIdempotencyKeyInUse, contract.CodeDisabled,
		contract.CodeRateLimited, contract.CodeInternalError, contract.ScopeRead, contract.ScopeWrite, contract.Recruitee,
		contract.ConnectionPending, contract.ConnectionActive, contract.ConnectionInvalid, contract.ConnectionInactive,
		contract.SyncQueued, contract.SyncRunning, contract.SyncSucceeded, contract.SyncFailed,
	} {
		if !bytes.Contains(contract.OpenAPI, []byte("`"+value+"`")) {
			t.Errorf("the document doesn't define %s", value)
		}
	}
}
