package connection

import "testing"

func TestRotation(t *testing.T) {
	t.Parallel()
	a, b := Fingerprint("a"), Fingerprint("b")
	for _, test := range []struct {
		name         string
		rotation     Rotation
		due, changed bool
	}{
		{"no token is configured", Rotation{Held: a}, false, false},
		{"no token is configured, and Wintro holds another", Rotation{Held: b, Applied: a}, false, false},
		{"the same value", Rotation{Managed: true, Token: "a", Held: a, Applied: a}, false, false},
		{"another value", Rotation{Managed: true, Token: "b", Held: a, Applied: a}, true, true},
		{"a value that isn't known yet", Rotation{Managed: true, Held: a, Applied: a}, true, true},
		{"replaced in Wintro", Rotation{Managed: true, Token: "a", Held: b, Applied: a}, true, false},
		{"replaced in Wintro and in the configuration alike", Rotation{Managed: true, Token: "b", Held: b, Applied: a}, false, true},
		{"imported, the same value", Rotation{Managed: true, Token: "a", Held: a}, false, false},
		{"imported, another value", Rotation{Managed: true, Token: "b", Held: a}, true, true},
		{"imported, and Wintro reports no fingerprint", Rotation{Managed: true, Token: "a"}, true, true},
		{"a version: another value is no reason", Rotation{Managed: true, Token: "b", Held: a, Applied: a, Versioned: true}, false, false},
		{"a version: nor is an unknown value", Rotation{Managed: true, Held: a, Applied: a, Versioned: true}, false, false},
		{"a version that changed, the same value", Rotation{Managed: true, Token: "a", Held: a, Applied: a, Versioned: true, VersionChanged: true}, true, true},
		{"a version: replaced in Wintro", Rotation{Managed: true, Token: "c", Held: b, Applied: a, Versioned: true}, true, false},
		{"a version: imported, nothing was applied yet", Rotation{Managed: true, Token: "b", Held: a, Versioned: true}, false, false},
	} {
		if due := test.rotation.Due(); due != test.due {
			t.Errorf("%s: due %t", test.name, due)
		}
		if changed := test.rotation.Changed(); changed != test.changed {
			t.Errorf("%s: changed %t", test.name, changed)
		}
	}
}

func TestFingerprintIsOpenSSHs(t *testing.T) {
	t.Parallel()
	// printf token | openssl dgst -sha256 -binary | base64 | tr -d =
	if is := Fingerprint("token"); is != "SHA256:PEaenWxYddN6Q/NT1PiOYfz4EsZu7jRXRlpAsNpBU+A" {
		t.Error(is)
	}
}
