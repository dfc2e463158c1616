package terraformcli

import (
	"regexp"

	"github.com/hashicorp/go-version"
)

// A Feature is a capability that only some versions of Terraform and OpenTofu have.
type Feature struct {
	// Title is the feature's name, in Markdown, in the documentation's table *What works where*. A link to a page of
	// the documentation has the form [text](:path).
	Title string
	// Terraform and OpenTofu are the first versions that have the feature. A field is nil if no version has it.
	Terraform, OpenTofu *version.Version
}

// Link matches a link in a feature's title.
var Link = regexp.MustCompile(`\[(.*?)\]\(:(.*?)\)`)

// String returns the title, and replaces each link with the link's text.
func (f *Feature) String() string { return Link.ReplaceAllString(f.Title, "$1") }

// Each feature has a variable, so that tests can name the features that they need.
var (
	Connection       = &Feature{"Resource [`wintro_recruitee_connection`](:resources/recruitee_connection)", since("1.0"), since("1.6")}
	WriteOnlyToken   = &Feature{"its write-only token, `api_token_wo`", since("1.11"), since("1.11")}
	ImportBlock      = &Feature{"its `import` block by company or ID", since("1.5"), since("1.6")}
	ImportByIdentity = &Feature{"its `import` block by identity", since("1.12"), since("1.12")}
	ImportInModule   = &Feature{"its `import` block inside a module", since("1.16"), nil}
	KeepOnDestroy    = &Feature{"`destroy = false` in its `lifecycle` block: a destroy leaves the connection in Wintro", since("1.16"), since("1.12")}
	MinimalRefresh   = &Feature{"a plan with `-minimal-refresh`", since("1.17"), nil}
	DataSources      = &Feature{"Data sources [`wintro_recruitee_connection`](:data-sources/recruitee_connection) and [`wintro_recruitee_connections`](:data-sources/recruitee_connections)", since("1.0"), since("1.6")}
	EphemeralToken   = &Feature{"Ephemeral resource [`wintro_recruitee_token`](:ephemeral-resources/recruitee_token)", since("1.10"), since("1.11")}
	Functions        = &Feature{"Functions [`recruitee_company_id`](:functions/recruitee_company_id) and [`token_fingerprint`](:functions/token_fingerprint)", since("1.8"), since("1.7")}
	ListResource     = &Feature{"List resource [`wintro_recruitee_connection`](:list-resources/recruitee_connection), for `terraform query`", since("1.14"), nil}
	SyncAction       = &Feature{"Action [`wintro_recruitee_connection_sync`](:actions/recruitee_connection_sync)", since("1.14"), nil}
	ActionOnDestroy  = &Feature{"its events `before_destroy` and `after_destroy`, `on_failure`, `caller`, and `-invoke` with `-target`", since("1.16"), nil}
	MockedProvider   = &Feature{"`mock_provider \"wintro\"` in `terraform test`", since("1.7"), since("1.8")}
	MockedEphemeral  = &Feature{"the same, with the ephemeral resource in the configuration", since("1.17"), since("1.12.2")}
)

// Features lists all features, in the order of the table *What works where*.
var Features = []*Feature{
	Connection, WriteOnlyToken, ImportBlock, ImportByIdentity, ImportInModule, KeepOnDestroy, MinimalRefresh,
	DataSources, EphemeralToken, Functions, ListResource, SyncAction, ActionOnDestroy, MockedProvider, MockedEphemeral,
}

func since(first string) *version.Version { return version.Must(version.NewVersion(first)) }

// Has reports whether this Terraform or OpenTofu has the feature. A prerelease has the same features as its
// release.
func (c CLI) Has(f *Feature) bool {
	first := f.Terraform
	if c.OpenTofu {
		first = f.OpenTofu
	}
	return first != nil && c.Version.Core().GreaterThanOrEqual(first)
}

// IsAtLeast reports whether the version is first or later. Use IsAtLeast for behaviour that no feature describes. A
// prerelease counts as its release.
func (c CLI) IsAtLeast(first string) bool { return c.Version.Core().GreaterThanOrEqual(since(first)) }

// Release is a minor version of Terraform or OpenTofu, including all its patch releases.
type Release struct {
	// Program is "terraform" or "tofu". Version consists of two numbers, such as 1.11.
	Program, Version string
}

// Tested lists the releases with which the CI workflow runs all tests.
var Tested = []Release{
	{"terraform", "1.11"}, {"terraform", "1.12"}, {"terraform", "1.13"}, {"terraform", "1.14"}, {"terraform", "1.15"},
	{"terraform", "1.16"}, {"terraform", "1.17"}, {"tofu", "1.11"}, {"tofu", "1.12"}, {"tofu", "1.13"},
}

// Older lists the releases before Terraform 1.11 and OpenTofu 1.11 in which a feature first appeared. With each of
// these releases, the CI workflow tests the lifecycle of a connection that has a plain token.
var Older = []Release{
	{"terraform", "1.0"}, {"terraform", "1.5"}, {"terraform", "1.7"}, {"terraform", "1.8"}, {"terraform", "1.10"},
	{"tofu", "1.6"}, {"tofu", "1.7"}, {"tofu", "1.8"},
}

// TestedVersions describes Tested in words.
const TestedVersions = "Terraform 1.11 to 1.17 and OpenTofu 1.11 to 1.13"
