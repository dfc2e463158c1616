package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

// stringFunction is a provider function that takes one string and returns another.
type stringFunction struct {
	name       string
	definition function.Definition
	// call computes the result. Its error explains why the argument is invalid.
	call func(string) (string, error)
}

func (f stringFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f stringFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
}

func (f stringFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument string
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	result, err := f.call(argument)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, explainArgument(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}
