package provider

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

func TestExplainForbiddenDependsOnCode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  connection.APIError
		want string
	}{
		"missing scope": {
			connection.APIError{Status: 403, Code: "MISSING_SCOPE", Message: "No.", Scope: "ats-connections:read"},
			"The provider's API token lacks the scope ats-connections:read",
		},
		"other code": {
			connection.APIError{Status: 403, Code: "PLAN_LIMIT", Message: "Your plan has no integrations."},
			"Wintro rejected the request",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := explain(&test.err, paths{})
			if len(got) != 1 || got[0].summary != test.want || !strings.Contains(got[0].detail, test.err.Code) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestExplainKeepsPercentSigns(t *testing.T) {
	t.Parallel()
	const text = "100% of %s and %d"
	for _, err := range []error{
		&connection.APIError{Status: http.StatusBadRequest, Code: "BAD_REQUEST", Message: text},
		&connection.UnavailableError{System: connection.WintroName, Reason: text},
		&connection.NotHealthyError{ID: "conn_1", CompanyID: "816", Status: text, Healthy: connection.Active},
	} {
		if got := explain(err, paths{}); len(got) != 1 || !strings.Contains(got[0].detail, text) {
			t.Errorf("%+v", got)
		}
	}
}

func TestExplainNamesAllCauses(t *testing.T) {
	t.Parallel()
	for err, causes := range map[error][]string{
		// Wintro may store names in another form, such as lower case.
		&connection.ChangedMeanwhileError{Field: "name"}: {"after the plan was made", "Wintro stores it in another form", "set name to the value that Wintro reports"},
		&connection.LinkedElsewhereError{}:               {"Check company_id", "right organisation", "If none of your organisations"},
	} {
		got := explain(err, paths{})
		for _, want := range causes {
			if len(got) != 1 || !strings.Contains(got[0].detail, want) {
				t.Errorf("the message doesn't contain %q: %+v", want, got)
			}
		}
	}
}

func TestExplainRemovedNamesTheConnectionIfTheCompanyIsNotKnown(t *testing.T) {
	t.Parallel()
	for companyID, want := range map[string]string{"816": "The connection for company 816 was", "": "The connection conn_1 was"} {
		if got := explainRemoved(&connection.GoneError{ID: "conn_1", CompanyID: companyID}); !strings.HasPrefix(got[0].summary, want) {
			t.Errorf("the summary is %q", got[0].summary)
		}
	}
}

func TestExplainLookUpDoesNotBlameTheEndpointForAnErrorOfWintro(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&connection.APIError{Status: http.StatusInternalServerError, Code: "INTERNAL_ERROR", Message: "The database is down."},
		&connection.APIError{Status: http.StatusTooManyRequests, Code: "RATE_LIMITED", Message: "Slow down."},
	} {
		var diags diag.Diagnostics
		explainLookUp(err, paths{}, &diags)
		if len(diags) != 1 || strings.Contains(diags[0].Detail(), "endpoint") || !strings.Contains(diags[0].Detail(), "Apply repeats the look-up") {
			t.Errorf("%v: %v", err, diags)
		}
	}
}

func TestExplainUnavailableGivesAdviceForTheCause(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  connection.UnavailableError
		want string
	}{
		"down":                {connection.UnavailableError{Status: 503}, "Check endpoint"},
		"not sent":            {connection.UnavailableError{Status: 503, NotSent: true}, "this request was not sent"},
		"interrupted":         {connection.UnavailableError{Ended: context.Canceled}, "is unchanged. Run Terraform again."},
		"timed out":           {connection.UnavailableError{Ended: context.DeadlineExceeded}, "increase its timeout"},
		"untrusted authority": {connection.UnavailableError{Untrusted: true, TLS: true}, "SSL_CERT_FILE"},
		"client certificate":  {connection.UnavailableError{TLS: true}, "TLS settings"},
		"proxy":               {connection.UnavailableError{Proxy: "HTTPS_PROXY", Status: 407}, "Correct the environment variable HTTPS_PROXY"},
		"firewall":            {connection.UnavailableError{Status: 403, Reason: "Vercel's firewall responded instead of Wintro"}, "send it to your Wintro contact"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.err.System = connection.WintroName
			got := explain(&test.err, paths{})
			if len(got) != 1 || !strings.Contains(got[0].detail, test.want) {
				t.Errorf("%+v", got)
			}
			if isAboutEndpoint := strings.Contains(got[0].detail, "Check endpoint"); isAboutEndpoint && (test.err.TLS || test.err.Proxy != "") {
				t.Errorf("the message gives advice about the endpoint: %s", got[0].detail)
			}
		})
	}
}

func TestMessagesContainNoRememberedSecret(t *testing.T) {
	t.Parallel()
	const secret = "K7qdXk2aB9sTzQ1wErTyMessages"
	connection.RememberSecret(secret)
	all := messages{{summary: "About " + secret, detail: "It is " + secret + "."}, {attribute: pathName, summary: "About " + secret, detail: secret}}
	var diags diag.Diagnostics
	all.asErrors(&diags)
	all.asWarnings(&diags)
	for _, d := range diags {
		if strings.Contains(d.Summary()+d.Detail(), secret) {
			t.Errorf("%s: %s", d.Summary(), d.Detail())
		}
	}
}
