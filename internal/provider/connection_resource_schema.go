package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The default timeouts of the resource's operations.
const (
	defaultCreateTimeout = 10 * time.Minute
	defaultReadTimeout   = 5 * time.Minute
	defaultUpdateTimeout = 10 * time.Minute
	defaultDeleteTimeout = 5 * time.Minute
)

const defaultName = "Recruitee"

const waysToPassAToken = `

## Ways to pass the token

| Argument | Suitable for | Stores the token in | Minimum Terraform | Minimum OpenTofu |
|---|---|---|---|---|
| ` + "`api_token_wo`" + ` | a token that stays the same until it is rotated, from an ephemeral variable or an ephemeral resource; after a rotation, the next plan shows an update | neither plan nor state | 1.11 | 1.11 |
| ` + "`api_token_wo` with `api_token_wo_version`" + ` | a source that returns a different value at each run; a new value alone causes no update | neither plan nor state | 1.11 | 1.11 |
| ` + "`api_token`" + ` | Terraform and OpenTofu before 1.11 | **plan and state** | 1.0 | 1.6 |

If ` + "`api_token_wo`" + ` comes from a variable, declare the variable with ` + "`ephemeral = true`" + `. The value of a variable that is only ` + "`sensitive`" + ` is part of every saved plan file. An imported connection needs no token in the configuration, because Wintro already has one.`

func (r *connectionResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Links a Recruitee company with Wintro. Wintro then reads the company's vacancies from Recruitee and sends referred candidates back. " +
			"Plans read the connection from Wintro and, by default, verify the configured token with Recruitee. If the connection doesn't work, the plan shows a change of `status`." + waysToPassAToken,
		Attributes: map[string]schema.Attribute{
			"company_id": schema.StringAttribute{
				MarkdownDescription: "Numeric ID of the Recruitee company, such as `38422`. Recruitee shows it next to the token, under " +
					"*Settings > Apps and plugins > API tokens*. " +
					"Changing it replaces the connection. A value that is known only after apply also replaces the connection, even if the value turns out to be the same: " +
					"see [Resources that depend on each other](#resources-that-depend-on-each-other).",
				Required:      true,
				Validators:    []validator.String{isCompanyID},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"api_token_wo": schema.StringAttribute{
				MarkdownDescription: "Personal API token of an Administrator of the Recruitee company. It is write-only: it is in neither plan nor state. " +
					"It can come from a variable or from an ephemeral resource. The provider recognises a new value by its fingerprint and applies it, unless `api_token_wo_version` is set. " +
					"To create a connection or to change its token, set this argument or `api_token`. An imported connection needs neither. " +
					"Needs Terraform 1.11 or OpenTofu 1.11, or later.",
				Optional:  true,
				Sensitive: true,
				WriteOnly: true,
				Validators: []validator.String{
					isRecruiteeToken,
					stringvalidator.ConflictsWith(path.MatchRoot("api_token")),
				},
			},
			"api_token_wo_version": schema.StringAttribute{
				MarkdownDescription: "Any text that stands for the value of `api_token_wo`, such as a date. With a version, a new value alone changes nothing: the token is sent when the version changes, " +
					"when the connection is enabled or needs a token to work again, when `require_administrator` becomes `true`, or when a user has replaced the token in Wintro. " +
					"Use a version if the source of the token returns a different value at each run. Needs Terraform 1.11 or OpenTofu 1.11, or later.",
				Optional: true,
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
					stringvalidator.ConflictsWith(path.MatchRoot("api_token")),
				},
			},
			"api_token": schema.StringAttribute{
				MarkdownDescription: "Personal API token of an Administrator of the Recruitee company. **It is stored in plan and state.** With Terraform or OpenTofu 1.11 or later, use `api_token_wo` instead.",
				Optional:            true,
				Sensitive:           true,
				Validators: []validator.String{
					isRecruiteeToken,
					stringvalidator.PreferWriteOnlyAttribute(path.MatchRoot("api_token_wo")),
				},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Label of the connection in Wintro's settings: 1 to 100 characters, without white space at either end. Default: `" + defaultName + "`.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(defaultName),
				Validators:          []validator.String{isName},
			},
			"enabled": schema.BoolAttribute{
				MarkdownDescription: "Whether Wintro syncs. `false` pauses the connection. Wintro keeps the token, and plans don't check whether that token still works until the connection is enabled again. Default: `true`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"require_administrator": schema.BoolAttribute{
				MarkdownDescription: "Whether the token's owner must be an Administrator in Recruitee. Set it to `false` if a custom role is enough. Default: `true`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "ID of the connection in Wintro.",
				Computed:            true,
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "Whether the connection works: `active`, or `disabled` if `enabled` is `false`. If it has another value, the next plan shows a change, and `apply` either fixes the connection or prints the next step. " +
					"See [Status](#status).",
				Computed: true,
			},
			"api_token_fingerprint": schema.StringAttribute{
				MarkdownDescription: "Fingerprint of the token that Wintro stores: `SHA256:` and the unpadded base64 of its SHA-256, as in OpenSSH. " +
					"Unless `api_token` or `api_token_wo_version` is set, every plan that changes the connection shows the fingerprint as known after apply. If another resource must be replaced when the fingerprint changes, the plan then also replaces that resource: " +
					"see [Resources that depend on each other](#resources-that-depend-on-each-other).",
				Computed: true,
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "When the connection was created (RFC 3339).",
				Computed:            true,
			},
			"company_name": schema.StringAttribute{
				MarkdownDescription: "Name of the Recruitee company, as Wintro last read it. Null until Wintro has read it.",
				Computed:            true,
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": schema.SingleNestedBlock{
				CustomType: timeouts.Type{ObjectType: timeoutsType},
				Attributes: map[string]schema.Attribute{
					"create": timeout("How long creating the connection may take, including Wintro's first check. All timeouts are positive durations, such as `30s` or `10m`. Default: `10m`."),
					"read":   timeout("How long refreshing the connection may take, and how long checking it while planning may take. Default: `5m`."),
					"update": timeout("How long a change may take, including Wintro's check of a new token. Default: `10m`."),
					"delete": timeout("How long deleting the connection may take. Default: `5m`."),
				},
			},
		},
	}
}

var timeoutsType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"create": types.StringType, "read": types.StringType, "update": types.StringType, "delete": types.StringType,
}}

// timeout returns an attribute of the timeouts block. The schema doesn't use timeouts.Block, whose errors quote an
// invalid value, which may be a token.
func timeout(description string) schema.Attribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.String{isDuration}}
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
)
