package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// How long an operation may take where the resource's timeouts don't say.
const (
	defaultCreateTimeout = 10 * time.Minute
	defaultReadTimeout   = 5 * time.Minute
	defaultUpdateTimeout = 10 * time.Minute
	defaultDeleteTimeout = 5 * time.Minute
)

const defaultName = "Recruitee"

const waysToPassAToken = `

## Ways to pass the token

| | for | the token is in | Terraform | OpenTofu |
|---|---|---|---|---|
| ` + "`api_token_wo`" + ` | a token from an ephemeral variable or ephemeral resource that stays the same until it is rotated; a new value shows up in the next plan | neither plan nor state | 1.11 | 1.11 |
| ` + "`api_token_wo` with `api_token_wo_version`" + ` | a source that yields another value at each run; only a new version applies the value | neither plan nor state | 1.11 | 1.11 |
| ` + "`api_token`" + ` | older versions | **plan and state** | 1.0 | 1.6 |

Declare a variable that feeds ` + "`api_token_wo`" + ` with ` + "`ephemeral = true`" + `: the value of one that is only ` + "`sensitive`" + ` is part of every saved plan file. After an import, no token is needed.`

func (r *connectionResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Links a Recruitee company with Wintro, which then reads the company's vacancies and passes on referred candidates. " +
			"Every plan checks that the connection still works on both sides, and shows what doesn't as a change of `status`." + waysToPassAToken,
		Attributes: map[string]schema.Attribute{
			"company_id": schema.StringAttribute{
				MarkdownDescription: "Numeric ID of the Recruitee company, such as `38422`. It stands beside the token in Recruitee under " +
					"*Settings > Apps and plugins > Personal API tokens*, and after `company=` in the address of the Recruitee app. " +
					"Another company replaces the connection.",
				Required:      true,
				Validators:    []validator.String{isCompanyID},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"api_token_wo": schema.StringAttribute{
				MarkdownDescription: "Personal API token of an Administrator of the Recruitee company, write-only: it is in no plan and no state. " +
					"It can come from a variable or from an ephemeral resource. Another value is noticed by its fingerprint and applied, unless `api_token_wo_version` is set. " +
					"Either this or `api_token` is needed where the connection is created or its token changes, not after an import. " +
					"Needs Terraform 1.11 or OpenTofu 1.11.",
				Optional:  true,
				Sensitive: true,
				WriteOnly: true,
				Validators: []validator.String{
					isRecruiteeToken,
					stringvalidator.ConflictsWith(path.MatchRoot("api_token")),
				},
			},
			"api_token_wo_version": schema.StringAttribute{
				MarkdownDescription: "Any text that stands for the value of `api_token_wo`. While it is set, the token is applied only when this changes (or when Wintro holds " +
					"another token than the one last applied), so that a source which yields a new value at each run does no harm. " +
					"Needs Terraform 1.11 or OpenTofu 1.11.",
				Optional: true,
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
					stringvalidator.ConflictsWith(path.MatchRoot("api_token")),
				},
			},
			"api_token": schema.StringAttribute{
				MarkdownDescription: "Personal API token of an Administrator of the Recruitee company. **It is stored in state**: prefer `api_token_wo` where Terraform or OpenTofu is 1.11 or newer. " +
					"Works with Terraform 1.0 and OpenTofu 1.6.",
				Optional:  true,
				Sensitive: true,
				Validators: []validator.String{
					isRecruiteeToken,
					stringvalidator.PreferWriteOnlyAttribute(path.MatchRoot("api_token_wo")),
				},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Label of the connection in Wintro's settings, 1 to 100 characters. Default: `" + defaultName + "`.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(defaultName),
				Validators:          []validator.String{isName},
			},
			"enabled": schema.BoolAttribute{
				MarkdownDescription: "Whether Wintro syncs. `false` pauses the connection and keeps its credentials; while it is off, nothing is said of them. Default: `true`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"require_administrator": schema.BoolAttribute{
				MarkdownDescription: "Whether the token's owner must be an Administrator in Recruitee. `false` is for companies with a role of their own that suffices. Default: `true`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "ID of the connection in Wintro.",
				Computed:            true,
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "Whether the connection works. A healthy one is `active`, or `disabled` with `enabled = false`; any other status makes the next plan a change, and applying it mends the connection or says what a person has to do. " +
					"In order of precedence: `disabled`; `token_rejected`: the token was revoked or mistyped; `company_inaccessible`: the token's owner has left the company or was deactivated; " +
					"`not_administrator`: the owner has lost the Administrator role; `invalid`: Wintro can't log in though Recruitee accepts the token; " +
					"`pending`: Wintro's first check has not finished; `active`.",
				Computed: true,
			},
			"api_token_fingerprint": schema.StringAttribute{
				MarkdownDescription: "Fingerprint of the token that Wintro holds: `SHA256:` and the unpadded base64 of its SHA-256, as OpenSSH writes it.",
				Computed:            true,
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "When the connection was created (RFC 3339).",
				Computed:            true,
			},
			"company_name": schema.StringAttribute{
				MarkdownDescription: "Name of the Recruitee company, as Wintro last read it. Null until it has.",
				Computed:            true,
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: "How long creating the connection may take, Wintro's first check included, as a duration such as `30s` or `10m`. Default: `10m`.",
				ReadDescription:   "How long checking the connection may take, while refreshing and again while planning. Default: `5m`.",
				UpdateDescription: "How long a change may take, Wintro's check of a new token included. Default: `10m`.",
				DeleteDescription: "How long unlinking may take. Default: `5m`.",
			}),
		},
	}
}

var (
	pathID              = path.Root("id")
	pathCompanyID       = path.Root("company_id")
	pathName            = path.Root("name")
	pathEnabled         = path.Root("enabled")
	pathStatus          = path.Root("status")
	pathAPIToken        = path.Root("api_token")
	pathAPITokenWO      = path.Root("api_token_wo")
	pathAPITokenVersion = path.Root("api_token_wo_version")
	pathTimeouts        = path.Root("timeouts")
)
