package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// skipped counts what the Terraform at hand is too old for, or what OpenTofu doesn't have.
var skipped atomic.Int32

// TestMain is, under the name of a provider, that provider: so Terraform installs and starts providers as
// it always does, and nothing has to be built for that. Otherwise it runs the tests and reports what was
// skipped.
func TestMain(m *testing.M) {
	if name, is := strings.CutPrefix(filepath.Base(os.Args[0]), "terraform-provider-"); is {
		serve(name)
		return
	}
	code := m.Run()
	if mirror.folder != "" {
		_ = os.RemoveAll(mirror.folder)
	}
	fmt.Printf("%d tests were skipped because Terraform is too old for their examples, or is OpenTofu\n", skipped.Load())
	os.Exit(code)
}

// root is the repository.
const root = "../.."
