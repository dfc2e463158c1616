// Package contract is Wintro's connections API as Go: types, client and server, all generated from
// openapi.yaml. Package wintro wraps the client; the sandbox implements the server.
package contract

//go:generate go tool -modfile=../../../tools/dev/go.mod oapi-codegen -config client.yaml ../openapi.yaml
//go:generate go tool -modfile=../../../tools/dev/go.mod oapi-codegen -config server.yaml ../openapi.yaml
