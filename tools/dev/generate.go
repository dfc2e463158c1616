//go:build generate

// Package dev has the versions of the tools that lint and generate, and generates what no package of
// the provider owns: the documentation.
package dev

//go:generate go -C ../.. run ./tools/feature-table templates/index.md.tmpl
//go:generate go -C ../.. run ./tools/provider-schema .cache/provider-schema.json
//go:generate go tool tfplugindocs generate --provider-dir ../.. --provider-name terraform-provider-wintro --rendered-provider-name Wintro --providers-schema ../../.cache/provider-schema.json
//go:generate go tool tfplugindocs validate --provider-dir ../.. --provider-name terraform-provider-wintro --providers-schema ../../.cache/provider-schema.json
