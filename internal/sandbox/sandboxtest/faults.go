package sandboxtest

import (
	"fmt"
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// GatewayError returns a fault that responds like a gateway or a framework between the provider and the system. The
// response is a JSON error in a format that the system doesn't use.
func GatewayError(status int) sandbox.Fault {
	return sandbox.Fault{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   fmt.Sprintf(`{"status":%d,"error":%q,"path":"/"}`, status, http.StatusText(status)),
	}
}

// VercelChallenge returns a fault that responds with a challenge from the firewall of Vercel, on which Wintro runs.
func VercelChallenge() sandbox.Fault {
	return sandbox.Fault{
		Status: http.StatusTooManyRequests,
		Header: http.Header{
			"Content-Type": {"text/html; charset=utf-8"}, "X-Vercel-Mitigated": {"challenge"}, "X-Vercel-Id": {vercelID},
		},
		Body: "<!DOCTYPE html><html><head><title>Vercel Security Checkpoint</title></head><body></body></html>",
	}
}

// VercelError returns a fault that responds like Vercel when a function takes too long.
func VercelError() sandbox.Fault {
	const code = "FUNCTION_INVOCATION_TIMEOUT"
	return sandbox.Fault{
		Status: http.StatusGatewayTimeout,
		Header: http.Header{
			"Content-Type": {"text/plain; charset=utf-8"}, "X-Vercel-Error": {code}, "X-Vercel-Id": {vercelID},
		},
		Body: "An error occurred with your deployment\n\n" + code + "\n\n" + vercelID + "\n",
	}
}

const vercelID = "fra1::sandbox-1700000000000-0123456789ab"
