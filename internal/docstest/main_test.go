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

// skipped counts the tests and blocks that need a newer Terraform, or a feature that OpenTofu doesn't have.
var skipped atomic.Int32

// TestMain runs a provider or jq if the program has that name, so that Terraform can install and start the
// providers as usual, without a build. Otherwise, TestMain runs the tests and prints how many it skipped.
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
