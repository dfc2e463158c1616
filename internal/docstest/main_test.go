package docstest

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	jq "github.com/itchyny/gojq/cli"
)

// skipped counts the files and blocks that the tests leave out because they need a newer Terraform, or a feature that
// OpenTofu doesn't have.
var skipped atomic.Int32

// TestMain runs a stand-in for a provider, or jq, if this program was started under such a name. Terraform can
// therefore install and start the stand-ins like real providers. Under its own name, the program runs the tests and
// prints the value of skipped.
func TestMain(m *testing.M) {
	if name, ok := strings.CutPrefix(filepath.Base(os.Args[0]), "terraform-provider-"); ok {
		if err := serve(name); err != nil {
			log.Fatal(err)
		}
		return
	}
	if filepath.Base(os.Args[0]) == "jq" {
		os.Exit(jq.Run())
	}
	var err error
	if pluginFolder, err = os.MkdirTemp("", "wintro-docs"); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	_ = os.RemoveAll(pluginFolder)
	fmt.Printf("%d tests were skipped because Terraform is too old for their examples, or is OpenTofu\n", skipped.Load())
	os.Exit(code)
}

// root is the path of the repository's root.
const root = "../.."
