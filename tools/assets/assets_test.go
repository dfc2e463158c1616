package assets

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// `make assets` downloads packages with npm, which compares them with package-lock.json. Then `make assets` writes the
// hashes of package-lock.json and of the copied files to SHA256SUMS. So the test fails if a version or a file changes
// without `make assets`.
func TestFilesHaveRecordedHashes(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	recorded, err := os.ReadFile("SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "internal", "sandbox", "page", "static", "lib", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files were found: %v", err)
	}
	files = append(files, filepath.Join(root, "tools", "browser", "axe", "axe.min.js"), filepath.Join(root, "tools", "assets", "package-lock.json"))
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(root, file)
		if line := fmt.Sprintf("%x  %s\n", sha256.Sum256(content), filepath.ToSlash(name)); !strings.Contains(string(recorded), line) {
			t.Errorf("SHA256SUMS doesn't contain %s", line)
		}
		if strings.HasSuffix(name, ".LICENSE") && !strings.Contains(string(content), "BSD") {
			t.Errorf("%s isn't a BSD licence", name)
		}
	}
}
