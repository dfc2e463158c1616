package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

const missingWintroToken = "The provider needs an API token of your Wintro organisation to call Wintro. A user with Wintro's role \"company admin\" can create the token in Wintro under Settings > API Tokens. " +
	"Pass the token in the environment variable WINTRO_API_TOKEN, or pass a Terraform variable to api_token in the provider block."

var (
	errNotADuration        = errors.New("This isn't a duration. Write a number with a unit, such as \"30s\", \"2m\" or \"1m30s\".")
	errNotPositiveDuration = errors.New("The duration must be positive.")
)

func errNotOneOf(allowed string) error {
	return errors.New("This must be one of " + allowed + ".")
}

// explainInvalid explains why an argument is invalid. err must not contain a secret.
func explainInvalid(at path.Path, err error) messages {
	return messages{{at, "Invalid " + at.String(), sentence(err)}}
}

// explainInvalidVariable explains why a setting is invalid. variable is the environment variable that the value comes
// from, or "" if it comes from the configuration.
func explainInvalidVariable(at path.Path, err error, variable string) messages {
	all := explainInvalid(at, err)
	if variable != "" {
		all = all.withNote("It comes from the environment variable " + variable + ".")
	}
	return all
}

// explainArgument explains why a function's argument is invalid. It omits the final full stop, because Terraform adds
// one.
func explainArgument(err error) string {
	return connection.Redact(strings.TrimSuffix(sentence(err), "."))
}

func explainMissing(at path.Path, detail string) messages {
	return messages{{at, "Missing " + at.String(), detail}}
}

// asProviderProblems adapts messages about the provider block, so that a resource or another object can report them. It
// removes the attribute, because that object has no such attribute.
func (all messages) asProviderProblems() messages {
	for i := range all {
		all[i].attribute = path.Empty()
		all[i].summary += " of the provider"
	}
	return all
}

func explainUnknownSettings(unknown []string) messages {
	return messages{{summary: "A setting of the provider is not known yet", detail: fmt.Sprintf(
		"In the \"wintro\" provider block, the value of %s depends on a resource that Terraform has not applied yet, so the provider can call neither Wintro nor Recruitee. "+
			"First apply this resource with -target, or give the setting a value that is known while planning.", strings.Join(unknown, " and "))}}
}

func explainVerificationOff() messages {
	return messages{{summary: "Recruitee API tokens are not checked", detail: fmt.Sprintf(
		"recruitee_verification is %q in the provider block. The provider sends tokens to Wintro without checking them, even revoked tokens or tokens of users who aren't Administrators. "+
			"Plans don't notice when a token stops working.", connection.VerifyOff)}}
}

// A user who sees one of these messages has usually found a bug in the provider.

const reportBug = "This is a bug in the provider: please report it."

func explainUnusableSettings(err error) messages {
	return messages{{summary: "The provider can't be configured", detail: sentence(err)}}
}

func explainNotConfigured() messages {
	return messages{{summary: "The provider isn't configured", detail: "Terraform made a call that needs a configured provider. " + reportBug}}
}

func explainWrongDataType(provided any) messages {
	return messages{{summary: "The provider's data has the wrong type", detail: fmt.Sprintf("Expected *providerData, got %T. %s", provided, reportBug)}}
}

func explainUnreadablePrivateState() messages {
	return messages{{summary: "The resource's private state can't be read", detail: "Terraform keeps data of this provider next to the resource in state. That data isn't in the form that the provider writes. " +
		"Restore a backup of the state, or remove the resource from state and import it again."}}
}

func explainUnwritablePrivateState() messages {
	return messages{{summary: "Private state can't be written", detail: reportBug}}
}
