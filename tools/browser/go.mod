module github.com/wintro-ai/terraform-provider-wintro/tools/browser

go 1.26.0

replace github.com/wintro-ai/terraform-provider-wintro => ../..

require (
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
	github.com/wintro-ai/terraform-provider-wintro v0.0.0-00010101000000-000000000000
)

require (
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/hashicorp/go-version v1.9.0 // indirect
)
