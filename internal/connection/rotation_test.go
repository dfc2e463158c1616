package connection

import "testing"

func TestRotation(t *testing.T) {
	t.Parallel()
	a, b := Fingerprint("a"), Fingerprint("b")
	for _, test := range []struct {
		name                string
		rotation            Rotation
		needsSending, isNew bool
	}{
		{"no token is configured", Rotation{InWintro: a}, false, false},
		{"no token is configured, and Wintro holds another", Rotation{InWintro: b, LastSent: a}, false, false},
		{"the same value", Rotation{Configured: true, Token: "a", InWintro: a, LastSent: a}, false, false},
		{"another value", Rotation{Configured: true, Token: "b", InWintro: a, LastSent: a}, true, true},
		{"a value that isn't known yet", Rotation{Configured: true, InWintro: a, LastSent: a}, true, true},
		{"replaced in Wintro", Rotation{Configured: true, Token: "a", InWintro: b, LastSent: a}, true, false},
		{"replaced in Wintro and in the configuration alike", Rotation{Configured: true, Token: "b", InWintro: b, LastSent: a}, false, true},
		{"imported, the same value", Rotation{Configured: true, Token: "a", InWintro: a}, false, false},
		{"imported, another value", Rotation{Configured: true, Token: "b", InWintro: a}, true, true},
		{"imported, and Wintro reports no fingerprint", Rotation{Configured: true, Token: "a"}, true, true},
		{"a version: another value is no reason", Rotation{Configured: true, Token: "b", InWintro: a, LastSent: a, Versioned: true}, false, false},
		{"a version: nor is an unknown value", Rotation{Configured: true, InWintro: a, LastSent: a, Versioned: true}, false, false},
		{"a version that changed, the same value", Rotation{Configured: true, Token: "a", InWintro: a, LastSent: a, Versioned: true, VersionChanged: true}, true, true},
		{"a version: replaced in Wintro", Rotation{Configured: true, Token: "c", InWintro: b, LastSent: a, Versioned: true}, true, false},
		{"a version: imported, nothing was applied yet", Rotation{Configured: true, Token: "b", InWintro: a, Versioned: true}, false, false},
	} {
		if got := test.rotation.NeedsSending(); got != test.needsSending {
			t.Errorf("%s: it needs sending: %t", test.name, got)
		}
		if got := test.rotation.IsNew(); got != test.isNew {
			t.Errorf("%s: it is new: %t", test.name, got)
		}
	}
}

func TestFingerprintIsOpenSSHs(t *testing.T) {
	t.Parallel()
	// printf token | openssl dgst -sha256 -binary | base64 | tr -d =
	if got := Fingerprint("token"); got != "SHA256:PEaenWxYddN6Q/NT1PiOYfz4EsZu7jRXRlpAsNpBU+A" {
		t.Error(got)
	}
}
