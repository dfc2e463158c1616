package terraformcli

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/go-version"
)

// A Feature is something that users of the provider can do only with some versions of Terraform and OpenTofu.
type Feature struct {
	// Title is what it is called in the table *What works where*, as Markdown. Pages of the documentation are
	// linked as [text](:path).
	Title string
	// Terraform and OpenTofu are the first versions that have it. Nil: none has it.
	Terraform, OpenTofu *version.Version
}

var link = regexp.MustCompile(`\[(.*?)\]\(:(.*?)\)`)

// String is the title without links.
func (f *Feature) String() string { return link.ReplaceAllString(f.Title, "$1") }

// The features. Tests that need one ask for it by these names.
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

// Features are all features, in the order of the table *What works where*.
var Features = []*Feature{
	Connection, WriteOnlyToken, ImportBlock, ImportByIdentity, ImportInModule, KeepOnDestroy, MinimalRefresh,
	DataSources, EphemeralToken, Functions, ListResource, SyncAction, ActionOnDestroy, MockedProvider, MockedEphemeral,
}

func since(first string) *version.Version { return version.Must(version.NewVersion(first)) }

// Has reports whether this Terraform or OpenTofu has a feature. A prerelease has what its release has.
func (c CLI) Has(f *Feature) bool {
	first := f.Terraform
	if c.OpenTofu {
		first = f.OpenTofu
	}
	return first != nil && c.Version.Core().GreaterThanOrEqual(first)
}

// IsAtLeast reports whether the version is at least this one, for behaviour that isn't a feature. A prerelease behaves
// like its release.
func (c CLI) IsAtLeast(first string) bool { return c.Version.Core().GreaterThanOrEqual(since(first)) }

// FeatureTable is the table *What works where*. pages is the address that the documentation's pages are below.
func FeatureTable(pages string) string {
	var table strings.Builder
	table.WriteString("| | Terraform | OpenTofu |\n|---|---|---|\n")
	for _, f := range Features {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", link.ReplaceAllString(f.Title, "[$1]("+pages+"$2)"), short(f.Terraform), short(f.OpenTofu))
	}
	return table.String()
}

// short leaves out a patch of 0, as people write versions.
func short(first *version.Version) string {
	if first == nil {
		return "–"
	}
	return strings.TrimSuffix(first.String(), ".0")
}
