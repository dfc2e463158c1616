//go:build generate

// Package dev contains the versions of the tools that lint and generate. It generates the documentation, which
// belongs to no package of the provider.
package dev

//go:generate go -C ../.. run ./tools/feature-table templates/index.md.tmpl
//go:generate go -C ../.. run ./tools/provider-schema .cache/provider-schema.json
//go:generate go tool tfplugindocs generate --provider-dir ../.. --provider-name terraform-provider-wintro --rendered-provider-name Wintro --providers-schema ../../.cache/provider-schema.json
//go:generate go tool tfplugindocs validate --provider-dir ../.. --provider-name terraform-provider-wintro --providers-schema ../../.cache/provider-schema.json
