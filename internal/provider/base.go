package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// base is what every object of the provider has: the data that the provider hands out when it is
// configured. It is nil while the provider isn't configured, as it is in terraform validate.
type base struct {
	data *providerData
}

func (b *base) setData(data any, diags *diag.Diagnostics) {
	if data == nil {
		return
	}
	provided, ok := data.(*providerData)
	if !ok {
		diags.AddError("The provider's data has the wrong type", fmt.Sprintf("Expected *providerData, got %T. This is a bug in the provider: please report it.", data))
		return
	}
	b.data = provided
}

type resourceBase struct{ base }

func (b *resourceBase) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	b.setData(req.ProviderData, &resp.Diagnostics)
}

type dataSourceBase struct{ base }

func (b *dataSourceBase) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	b.setData(req.ProviderData, &resp.Diagnostics)
}

type ephemeralResourceBase struct{ base }

func (b *ephemeralResourceBase) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	b.setData(req.ProviderData, &resp.Diagnostics)
}

type actionBase struct{ base }

func (b *actionBase) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	b.setData(req.ProviderData, &resp.Diagnostics)
}
