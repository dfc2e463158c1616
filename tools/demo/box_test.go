package main

import (
	"strings"
	"testing"
)

const fakeExports = `echo '# A sandbox'
for name in WINTRO_ENDPOINT WINTRO_API_TOKEN RECRUITEE_ENDPOINT WINTRO_SANDBOX_CONTROL TF_VAR_recruitee_api_token; do
  echo "export $name='x'"
done
`

func TestSandboxStartsAndStops(t *testing.T) {
	for script, words := range map[string]string{
		"trap 'exit 0' INT\n" + fakeExports + "while :; do sleep 0.1; done": "",
		"trap 'exit 1' INT\n" + fakeExports + "while :; do sleep 0.1; done": "wintro-sandbox did not end well: exit status 1",
	} {
		var stderr strings.Builder
		box, err := startSandbox(t.Context(), stage{temporary: t.TempDir(), sandbox: fakeProgram(t, script)}, &stderr)
		if err != nil {
			t.Fatal(err)
		}
		if len(box.exports) != 5 {
			t.Errorf("%d exports", len(box.exports))
		}
		err = box.stop()
		if (err == nil) != (words == "") || err != nil && err.Error() != words {
			t.Errorf("%v instead of %s", err, words)
		}
	}
}

func TestSandboxDoesNotStart(t *testing.T) {
	var stderr strings.Builder
	_, err := startSandbox(t.Context(), stage{temporary: t.TempDir(), sandbox: fakeProgram(t, "echo no >&2; exit 1")}, &stderr)
	if err == nil || !strings.Contains(err.Error(), "starting wintro-sandbox: it ended without exporting WINTRO_ENDPOINT") || stderr.String() != "no\n" {
		t.Errorf("%v, %s", err, &stderr)
	}
}
