package docstest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	jq "github.com/itchyny/gojq/cli"
)

// skipped counts what the present Terraform is too old for, or what OpenTofu doesn't have.
var skipped atomic.Int32

// TestMain runs as a provider if this program has the name of one, and as jq if it has that name. So Terraform installs
// and starts providers as it always does, and nothing needs to be built or installed for that. Otherwise TestMain runs the tests and reports what was
// skipped.
func TestMain(m *testing.M) {
	if name, ok := strings.CutPrefix(filepath.Base(os.Args[0]), "terraform-provider-"); ok {
		serve(name)
		return
	}
	if filepath.Base(os.Args[0]) == "jq" {
		os.Exit(jq.Run())
	}
	code := m.Run()
	if mirror.folder != "" {
		_ = os.RemoveAll(mirror.folder)
	}
	fmt.Printf("%d tests were skipped because Terraform is too old for their examples, or is OpenTofu\n", skipped.Load())
	os.Exit(code)
}

// root is the root of the repository.
const root = "../.."
