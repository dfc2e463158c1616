package transport

import (
	"runtime"
	"testing"
)

func TestUserAgent(t *testing.T) {
	t.Parallel()
	want := "Terraform/1.14.2 terraform-provider-wintro/0.1.0-dev (" + runtime.GOOS + "; " + runtime.GOARCH + ") ci X: y"
	if got := UserAgent("1.14.2", "0.1.0-dev", "ci\r\nX: y"); got != want {
		t.Errorf("%q instead of %q", got, want)
	}
}
