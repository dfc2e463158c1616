package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

const (
	tokensPage = "Settings > Apps and plugins > API tokens (https://app.recruitee.com/#/settings/api_tokens)"

	// A sync action may run after Terraform has changed other objects, so explainSync leaves out these sentences.
	nothingChanged = " Nothing was changed."
	stateUnchanged = " Terraform's state is unchanged."

	notRecruitee = "Check recruitee_endpoint, and that this machine can reach it. status.tellent.com shows whether Recruitee has an outage."
)

// message is a diagnostic for the user. It says what happened, where and why, and what to do next.
type message struct {
	// attribute is empty if the message is about the whole block.
	attribute       path.Path
	summary, detail string
}

type messages []message

func (all messages) asErrors(diags *diag.Diagnostics) {
	for _, m := range all.redacted() {
		diags.AddAttributeError(m.attribute, m.summary, m.detail)
	}
}

func (all messages) asWarnings(diags *diag.Diagnostics) {
	for _, m := range all.redacted() {
		diags.AddAttributeWarning(m.attribute, m.summary, m.detail)
	}
}

// redacted returns the messages with "(secret)" in place of secrets, and "�" in place of control and invisible
// characters. Such characters can come from the state, which a user may have edited.
func (all messages) redacted() messages {
	redacted := slices.Clone(all)
	for i, m := range redacted {
		redacted[i].summary, redacted[i].detail = connection.PrintableLines(m.summary), connection.PrintableLines(m.detail)
	}
	return redacted
}

// withNote adds a sentence to the detail of each message.
func (all messages) withNote(sentence string) messages {
	for i := range all {
		all[i].detail += " " + sentence
	}
	return all
}

// without removes sentences from the detail of each message.
func (all messages) without(sentences ...string) messages {
	for i := range all {
		for _, sentence := range sentences {
			all[i].detail = strings.ReplaceAll(all[i].detail, sentence, "")
		}
	}
	return all
}

// at moves all messages to another attribute.
func (all messages) at(attribute path.Path) messages {
	for i := range all {
		all[i].attribute = attribute
	}
	return all
}

// paths contains the paths of the attributes that a message can be about.
type paths struct {
	token, companyID, id path.Path
	// fields maps the names of fields in Wintro's API to the attributes that set them.
	fields map[string]path.Path
}

func connectionPaths(t configuredToken) paths {
	return paths{
		token:     t.path,
		companyID: pathCompanyID,
		fields: map[string]path.Path{
			"apiToken":     t.path,
			"atsCompanyId": pathCompanyID,
			"name":         pathName,
			"enabled":      pathEnabled,
		},
	}
}

// explain converts an error of package connection to messages that fit any operation.
//
// If a message is about one connection, its summary names the company, because Terraform 1.11 shows only one of several
// warnings with the same summary. A summary about a problem of all connections names no company, so that Terraform
// doesn't repeat the warning for each connection.
func explain(err error, at paths) messages {
	if err == nil {
		return nil
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all messages
		for _, one := range several.Unwrap() {
			all = append(all, explain(one, at)...)
		}
		return all
	}
	if e, ok := errors.AsType[*connection.TokenRejectedError](err); ok {
		return messages{{at.token, "Recruitee rejected the API token for company " + e.CompanyID, fmt.Sprintf(
			"Recruitee returned 401 (%s). The token was revoked or mistyped, or it is a Careers API token, which is only for the careers site. "+
				"Create a new personal API token as an Administrator under %s and set %s to it.",
			e.Said, tokensPage, at.token)}}
	}
	if e, ok := errors.AsType[*connection.CompanyInaccessibleError](err); ok {
		next := "The token was created in another company, its owner has left this company or was deactivated in it, or there is no such company. " +
			"Compare company_id with the number next to the token under %s, or create a token there as an Administrator of this company and set %s to it."
		if e.IsDeactivated {
			next = "Either reactivate the owner, or create a token as another Administrator under %s and set %s to it."
		}
		return messages{{at.companyID, "The API token gives no access to Recruitee company " + e.CompanyID,
			upperFirst(e.Reason) + ". " + fmt.Sprintf(next, tokensPage, at.token)}}
	}
	if e, ok := errors.AsType[*connection.NotAdministratorError](err); ok {
		return messages{{at.token, "The owner of the API token for company " + e.CompanyID + " isn't an Administrator", fmt.Sprintf(
			"The token belongs to %s, whose role in Recruitee is %q. Either give them the Administrator role, or create a token as an Administrator under %s and set %s to it. "+
				"If a custom role is enough, set require_administrator = false.",
			e.Owner.Email, e.Owner.Role, tokensPage, at.token)}}
	}
	if e, ok := errors.AsType[*connection.ExistsError](err); ok {
		return explainExists(e, at)
	}
	if e, ok := errors.AsType[*connection.LinkedElsewhereError](err); ok {
		return messages{{at.companyID, "Recruitee company " + e.CompanyID + " is linked with another Wintro organisation",
			"Another organisation has a connection for this company. Nothing was changed. Check company_id, and that the provider's API token belongs to the right organisation. " +
				"If none of your organisations has the connection, ask Wintro's support to remove it."}}
	}
	if e, ok := errors.AsType[*connection.TokenNeededError](err); ok {
		return explainTokenNeeded(e.CompanyID, e.Status, at)
	}
	if e, ok := errors.AsType[*connection.NotHealthyError](err); ok {
		return explainNotHealthy(e, at)
	}
	if e, ok := errors.AsType[*connection.DuplicateError](err); ok {
		return explainDuplicate(e, at)
	}
	if e, ok := errors.AsType[*connection.GoneError](err); ok {
		return explainGone(e, at)
	}
	if e, ok := errors.AsType[*connection.MovedError](err); ok {
		return explainMoved(e, at)
	}
	if e, ok := errors.AsType[*connection.OtherSystemError](err); ok {
		return messages{{summary: "The connection " + e.ID + " isn't a Recruitee connection",
			detail: fmt.Sprintf("In Wintro it is a connection to %q. This provider only manages Recruitee connections. Use the ID of a Recruitee connection.", e.System)}}
	}
	if e, ok := errors.AsType[*connection.OtherOrganisationError](err); ok {
		return messages{{summary: "Wintro's API token belongs to another organisation", detail: fmt.Sprintf(
			"The connection %s belongs to the Wintro organisation %s, and the provider's API token belongs to %s. Nothing was changed or removed from state. "+
				"Set WINTRO_API_TOKEN, or api_token in the provider block, to a token of the organisation %s.", e.ID, e.Organisation, e.TokenOrganisation, e.Organisation)}}
	}
	if e, ok := errors.AsType[*connection.ChangedMeanwhileError](err); ok {
		cause := "It was changed after the plan was made. The next plan shows the difference."
		if e.Field == "name" {
			cause = "It was changed after the plan was made, or Wintro stores it in another form. The next plan shows the difference. " +
				"If every plan shows it, set name to the value that Wintro reports."
		}
		return messages{{path.Root(e.Field), "The connection for company " + e.CompanyID + " was changed outside Terraform in the meantime",
			fmt.Sprintf("Wintro reports a value of %s for the connection %s that isn't the planned value. %s", e.Field, e.ID, cause)}}
	}
	if e, ok := errors.AsType[*connection.NoEndpointsError](err); ok {
		return messages{{summary: "Wintro has no endpoints for ATS connections yet", detail: fmt.Sprintf(
			"Wintro returned 404 for its list of ATS connections (%s)."+stateUnchanged+" Wintro enables further endpoints on request: ask your Wintro contact for the endpoints "+
				"in this provider's guide \"Before Wintro opens its API\". If Wintro has already enabled these endpoints, check that endpoint is the base URL of the API, such as %s.", strings.TrimSuffix(e.Message, "."), defaultEndpoint)}}
	}
	if e, ok := errors.AsType[*connection.APIError](err); ok {
		return explainAPIError(e, at)
	}
	if e, ok := errors.AsType[*connection.UnavailableError](err); ok {
		return explainUnavailable(e)
	}
	return messages{{summary: "Unexpected error", detail: "This is a bug in the provider. Please report it, with what you did and the log that TF_LOG_PROVIDER=DEBUG writes. The log contains no tokens."}}
}

// explainMoved explains that a user has moved the connection to another company.
func explainMoved(e *connection.MovedError, at paths) messages {
	return messages{{at.companyID, "The connection for company " + e.CompanyID + " is now for company " + e.ActualCompanyID,
		fmt.Sprintf("The company of the connection %s was changed in Wintro's settings after the plan was made. Plan and apply again to replace the connection.", e.ID)}}
}

// explainCreatedForOther explains that Wintro responded to a create request with another company's connection.
func explainCreatedForOther(e *connection.MovedError) messages {
	return messages{{pathCompanyID, "Wintro returned the connection of company " + e.ActualCompanyID + " for company " + e.CompanyID, fmt.Sprintf(
		"Wintro responded to the create request with the connection %s, which is for another company. It isn't in state, so Terraform won't change or delete it. "+
			"Check both companies in Wintro's settings, then apply again.", e.ID)}}
}

// deposedAdvice tells the user what to do if create_before_destroy left the old connection in state.
const deposedAdvice = "If the plan destroys it as a deposed object, run `terraform destroy -target=` with this resource's address first."

// sameRunAdvice tells the user what to do if two resources swap companies, or if a resource takes over the company of a
// destroyed resource. Terraform may then create a connection before it has deleted the other connection.
const sameRunAdvice = "If this run also replaces or destroys the resource with that connection, there is nothing to do: if the create fails, apply again. "

func explainExists(e *connection.ExistsError, at paths) messages {
	detail := fmt.Sprintf("Wintro already has the connection %s for this company. Nothing was changed. ", e.ID)
	switch e.Past {
	case connection.WasRead:
		detail += "It is already in this state. " + sameRunAdvice + deposedAdvice + " Otherwise, the create will fail: remove this resource, or add a `moved` block if you have renamed it. `create_before_destroy` can't work while the company stays the same."
	case connection.WasCreated:
		detail += "Another resource of this run has just created it. A company can have only one connection: remove one of the two resources from the configuration."
	case connection.WasDeleted:
		detail += "Terraform has just deleted that connection, and Wintro still reports it. Apply again in a few minutes."
	default:
		detail += fmt.Sprintf("If another resource in this state manages it, don't import it again. "+sameRunAdvice+"Otherwise, remove this resource, or add a `moved` block if you have renamed it. `create_before_destroy` can't work while the company stays the same. "+deposedAdvice+"\n\n"+
			"If no resource in this state manages it, import it (with this resource's address after \"to\"), or remove it in Wintro's settings first:\n\n"+
			"import {\n  to = wintro_recruitee_connection.example\n  id = %q\n}", e.ID)
	}
	return messages{{at.companyID, "Recruitee company " + e.CompanyID + " is already linked with Wintro", detail}}
}

// explainDuplicate explains that two resources create or manage the same connection.
func explainDuplicate(e *connection.DuplicateError, at paths) messages {
	if e.ID == "" {
		return messages{{at.companyID, "Another resource also creates a connection for Recruitee company " + e.CompanyID,
			"This plan would create two connections for the same company, which can have only one: the second create will fail. Remove one of the two resources from the configuration."}}
	}
	return messages{{at.companyID, "Another resource also manages the connection for company " + e.CompanyID, fmt.Sprintf(
		"Two resources have the connection %s in state or import it, and each will undo the other's changes. Remove one of the two resources with a `removed` block that has `destroy = false`: without that block, Terraform deletes the connection that the other resource still manages.", e.ID)}}
}

// explainGone explains that a connection doesn't exist. It doesn't quote an ID from an argument, because the argument
// may contain a token by mistake.
func explainGone(e *connection.GoneError, at paths) messages {
	if e.CompanyID == "" {
		return messages{{at.id, "There is no connection with this ID in Wintro",
			"Check the ID in Wintro's settings, and that the provider's API token belongs to the right organisation."}}
	}
	return messages{{summary: "The connection for company " + e.CompanyID + " no longer exists in Wintro",
		detail: fmt.Sprintf("The connection %s was removed after the plan was made. Plan and apply again to create a new connection.", e.ID) + organisationAdvice(e)}}
}

// explainNotDeleted warns that a connection no longer existed when Terraform wanted to delete it. It returns nil if the
// API token belongs to the connection's organisation, because then the connection is certainly deleted.
func explainNotDeleted(e *connection.GoneError) messages {
	if e.IsOrganisationKnown {
		return nil
	}
	return messages{{summary: "The connection for company " + e.CompanyID + " no longer exists in Wintro",
		detail: fmt.Sprintf("Wintro no longer has the connection %s, so it was removed from state.", e.ID) + organisationAdvice(e)}}
}

// organisationAdvice returns a sentence to append if the API token may belong to another organisation than the
// connection. Otherwise, it returns "".
func organisationAdvice(e *connection.GoneError) string {
	if e.IsOrganisationKnown {
		return ""
	}
	return " If Wintro's settings still show the connection, check that the provider's API token belongs to the right organisation."
}

// explainRemoved explains that a refresh has removed a connection from state.
func explainRemoved(e *connection.GoneError) messages {
	detail := fmt.Sprintf("Wintro no longer has the connection %s, so it was removed from state. Apply creates a new connection. If you don't want one, remove the resource from the configuration.", e.ID) + organisationAdvice(e)
	name := "for company " + e.CompanyID
	if e.CompanyID == "" {
		// After an import, the state contains only the ID.
		name = e.ID
	}
	return messages{{summary: "The connection " + name + " was removed in Wintro", detail: detail}}
}

func explainTokenNeeded(companyID string, status connection.Status, at paths) messages {
	return messages{{at.token, "A token is needed to fix the connection for company " + companyID, fmt.Sprintf(
		"The connection's status is %q. An apply can fix it only by sending a token, but the configuration contains no token. Create a personal API token as an Administrator under %s and set %s to it.",
		status, tokensPage, at.token)}}
}

func explainNotHealthy(e *connection.NotHealthyError, at paths) messages {
	switch {
	case e.Status == connection.Pending:
		because := "the operation timed out (see timeouts)"
		if e.Interrupted {
			because = "the operation was interrupted"
		}
		if e.Err != nil {
			because = e.Err.Error()
		}
		return messages{{pathStatus, "Wintro has not finished its first check of company " + e.CompanyID, fmt.Sprintf(
			"After %s, the connection %s is still pending. The wait ended because %s. Nothing is lost: the connection exists, and the next plan shows whether it works.",
			e.Waited.Round(time.Second), e.ID, because)}}
	case e.Status == connection.Invalid:
		return explainInvalidStatus(e.ID, e.CompanyID, at.token, fmt.Sprintf(
			", and the provider doesn't know why. Check the connection in Wintro's settings. "+
				"If it doesn't recover there, create a new token under %s and set %s to it.", tokensPage, at.token))
	case !e.Status.IsKnown():
		return explainUnknownStatus(e.CompanyID, e.Status)
	}
	return messages{{pathStatus, fmt.Sprintf("The connection for company %s is %s instead of %s", e.CompanyID, e.Status, e.Healthy), fmt.Sprintf(
		"Wintro accepted the change to the connection %s but reports a different status than expected. Check the connection in Wintro's settings, then plan again.", e.ID)}}
}

// explainInvalidStatus explains that Wintro reports a connection as invalid. details continues the sentence.
func explainInvalidStatus(id, companyID string, at path.Path, details string) messages {
	return messages{{at, "Wintro can't log in to Recruitee for company " + companyID, "Wintro reports the connection " + id + " as invalid" + details}}
}

func explainUnknownStatus(companyID string, status connection.Status) messages {
	return messages{{pathStatus, "Wintro reports a status for company " + companyID + " that this version of the provider doesn't know", fmt.Sprintf(
		"The status is %q. The provider can't tell whether the connection works, and doesn't send the token again because of this status. Check the connection in Wintro's settings, and look for a newer version of the provider.", status)}}
}

func explainAPIError(e *connection.APIError, at paths) messages {
	reply := e.Error() + "."
	if e.Scope != "" {
		return messages{{summary: "The provider's API token lacks the scope " + e.Scope, detail: reply +
			nothingChanged + " A user with Wintro's role \"company admin\" can create a token with this scope in Wintro under Settings > API Tokens. The provider needs " + connection.ScopeRead + " and " + connection.ScopeWrite + "."}}
	}
	switch e.Status {
	case http.StatusUnauthorized:
		return messages{{summary: "Wintro rejected the provider's API token", detail: reply +
			stateUnchanged + " The token is invalid or was revoked. A user with Wintro's role \"company admin\" can create another token in Wintro under Settings > API Tokens. Set WINTRO_API_TOKEN, or api_token in the provider block, to the new token."}}
	case http.StatusTooManyRequests:
		return messages{{summary: "Wintro's rate limit was reached", detail: reply +
			stateUnchanged + " Wait, then run Terraform again."}}
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		var all messages
		for _, field := range e.Fields {
			all = append(all, message{at.fields[field.Field], "Wintro rejected " + field.Field, fmt.Sprintf("%s. Correct it and apply again.", strings.TrimSuffix(field.Message, "."))})
		}
		if len(all) > 0 {
			return all
		}
	}
	return messages{{summary: "Wintro rejected the request", detail: reply + " If this keeps happening, contact Wintro's support."}}
}

// adviceOr returns advice that fits the cause of err. It returns the usual advice if the operation hasn't ended, and
// neither a proxy nor TLS is the cause.
func adviceOr(err error, usual string) string {
	e, ok := errors.AsType[*connection.UnavailableError](err)
	switch {
	case !ok:
		return usual
	case errors.Is(e, context.Canceled):
		return "Run Terraform again."
	case errors.Is(e, context.DeadlineExceeded):
		return "Run Terraform again. If the operation times out again, increase its timeout."
	case e.Proxy != "":
		return "Correct the environment variable " + e.Proxy + ". In its URL, write special characters of a password as %25, %23 or %2F. " +
			"If " + e.System + " can be reached without the proxy, add " + e.Host + " to NO_PROXY."
	case e.Untrusted:
		return "If a proxy replaces certificates with its own, set SSL_CERT_FILE to a file that also contains the certificate of the proxy's certificate authority. " +
			"On macOS and Windows, add this certificate to the system's certificate store instead. " +
			"If the network needs a proxy, set HTTPS_PROXY and NO_PROXY."
	case e.TLS:
		return "Ask the operator of this server, or of the proxy in between, about its TLS settings."
	}
	return usual
}

func explainUnavailable(e *connection.UnavailableError) messages {
	if e.System == connection.RecruiteeName {
		next := adviceOr(e, notRecruitee+" Then apply again. If this machine can never reach Recruitee, set recruitee_verification = \"off\" in the provider block.")
		return messages{{summary: "The API token could not be verified with Recruitee", detail: e.Error() + ". No token was sent to Wintro. " + next}}
	}
	next := "Check endpoint, and that this machine can reach it, then try again."
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		next = "Something between this machine and Wintro responded instead, such as a proxy or Vercel's firewall. Check endpoint and the proxy. If the message has a request ID, send it to your Wintro contact."
	case http.StatusNotFound:
		next = "Check that endpoint is the base URL of Wintro's API, such as " + defaultEndpoint + "."
	}
	return messages{{summary: "Wintro gave no usable response", detail: e.Error() + "." + stateUnchanged + " " + adviceOr(e, next)}}
}

// explainUnverified explains why a plan couldn't verify a token. If Recruitee is down, every connection gets this
// warning. Terraform 1.11 shows the first warning and counts the others, but only if the warnings have an attribute.
func explainUnverified(v connection.Verification, at paths) messages {
	if v.Err == nil {
		return nil
	}
	next := adviceOr(v.Err, notRecruitee+" If this machine can't reach Recruitee while planning, set recruitee_verification = \"apply\" in the provider block.")
	return messages{{at.token, "API tokens could not be verified with Recruitee", v.Err.Error() +
		". The plan relies on the last known status of each connection, and a token is verified before it is sent. " + next}}
}

// explainTokenUnverified explains why the ephemeral resource returns a token that it couldn't verify.
func explainTokenUnverified(v connection.Verification) messages {
	if v.Err == nil {
		return nil
	}
	next := adviceOr(v.Err, notRecruitee)
	return messages{{summary: "API tokens could not be verified with Recruitee", detail: v.Err.Error() +
		". The token is passed on unverified, and company and token_owner are null. " + next}}
}

// sentence capitalises an error's text and adds a full stop.
func sentence(err error) string {
	text := upperFirst(err.Error())
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

func upperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
