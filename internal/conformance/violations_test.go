package conformance_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/conformance"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// findings says which check has to find which violation. Others may find it, too.
var findings = map[sandbox.Violation]string{
	"token-not-required":    "authentication/no-token",
	"any-token":             "authentication/unknown-token",
	"no-bearer-needed":      "authentication/not-a-bearer",
	"404-before-401":        "authentication/no-token",
	"scope-not-checked":     "scopes/no-write",
	"missing-scope-as-401":  "scopes/no-write",
	"read-needs-write":      "scopes/read",
	"list-404-when-empty":   "list/empty",
	"list-newest-first":     "list/order",
	"list-page-starts-late": "list/pages",

	"list-item-on-two-pages":  "list/pages",
	"list-last-page-again":    "list/beyond-the-end",
	"list-404-beyond-the-end": "list/beyond-the-end",
	"list-filter-ignored":     "list/filter-company",
	"list-filter-by-prefix":   "list/second-company",
	"list-ats-ignored":        "list/filter-ats",
	"list-page-size-ignored":  "list/page-size",
	"list-large-page-refused": "list/largest-page-size",
	"list-other-default-size": "list/default-page",
	"list-page-0-taken":       "list/bad-parameters",
	"list-total-of-page":      "list/beyond-the-end",
	"list-pages-rounded-down": "list/totals",
	"list-total-unfiltered":   "list/filter-company",
	"list-other-created-at":   "list/connection",

	"create-200":                   "create/all-fields",
	"create-name-trimmed":          "create/bad-name",
	"create-name-in-bytes":         "create/longest-name",
	"create-name-in-ascii":         "create/name-in-nfd",
	"create-name-escaped":          "create/kept",
	"create-always-enabled":        "create/disabled",
	"created-at-in-local-time":     "create/created-at",
	"create-company-as-number":     "create/bad-company",
	"create-any-ats":               "create/unknown-ats",
	"create-enabled-optional":      "create/required-fields",
	"create-null-as-default":       "create/null",
	"create-types-coerced":         "create/wrong-types",
	"create-empty-token":           "create/empty-token",
	"create-500-for-bad-json":      "create/not-an-object",
	"create-before-checking":       "create/bad-name",
	"no-error-fields":              "update/bad-values",
	"second-connection-of-company": "uniqueness/second-connection",
	"already-linked-without-id":    "uniqueness/second-connection",
	"disabled-not-counted":         "uniqueness/disabled",
	"id-of-company":                "uniqueness/after-delete",
	"removed-still-counts":         "uniqueness/after-delete",

	"second-connection-for-key":   "idempotency/same-body",
	"key-not-required":            "idempotency/key-required",
	"key-of-64-characters":        "idempotency/any-key",
	"key-forgotten-soon":          "idempotency/ten-times",
	"key-race":                    "idempotency/concurrent",
	"key-in-use-for-ever":         "idempotency/same-body",
	"key-with-other-body":         "idempotency/other-body",
	"key-of-body":                 "idempotency/other-key",
	"key-removed-with-connection": "idempotency/after-delete",
	"errors-remembered":           "idempotency/errors-are-forgotten",
	"repetition-sets-again":       "idempotency/changes-nothing-later",

	"read-other-id":            "read/connection",
	"read-counts":              "read/repeatable",
	"read-from-cache":          "update/name",
	"unknown-403":              "read/unknown",
	"update-unknown-200":       "update/unknown",
	"update-enables":           "update/nothing",
	"update-name-lost":         "update/token",
	"update-enabled-ignored":   "update/enabled",
	"update-token-enables":     "update/token",
	"update-nothing-400":       "update/nothing",
	"update-null-ignored":      "update/null",
	"update-name-cut":          "update/bad-values",
	"update-in-part":           "update/all-or-nothing",
	"update-unknown-field-400": "update/unknown-fields",
	"update-moves":             "update/unknown-fields",
	"update-answers-change":    "document/updateConnection",
	"delete-200":               "delete/connection",
	"delete-keeps":             "delete/connection",
	"delete-always-204":        "delete/twice",
	"update-revives":           "delete/then-update",

	"pending-for-ever":           "status/becomes-active",
	"disabled-is-active":         "status/stays-inactive",
	"token-not-checked":          "status/rejected-when-created",
	"token-not-checked-again":    "status/rejected-when-updated",
	"enabled-stays-inactive":     "status/enabled-again",
	"fingerprint-in-hex":         "document/createConnection",
	"fingerprint-padded":         "fingerprint/of-token",
	"fingerprint-of-line":        "fingerprint/of-token",
	"fingerprint-of-first-token": "fingerprint/after-update",
	"company-name-is-label":      "company-name/not-the-label",

	"sync-200":               "syncs/start",
	"sync-for-ever":          "syncs/finish",
	"sync-not-noted":         "syncs/last-synced-at",
	"sync-of-disabled":       "syncs/disabled",
	"sync-unknown-500":       "syncs/unknown",
	"sync-without-vacancies": "document/getSync",

	"unknown-field-400":          "robustness/unknown-fields",
	"large-body-html":            "robustness/large-body",
	"any-content-type":           "robustness/content-type",
	"head-500":                   "robustness/head",
	"405-in-text":                "robustness/other-methods",
	"unknown-path-html":          "robustness/unknown-path",
	"strange-id-500":             "robustness/strange-ids",
	"404-in-html":                "document/errors",
	"error-as-text":              "document/errors",
	"id-numeric":                 "document/getConnection",
	"snake-case":                 "document/listConnections",
	"read-without-envelope":      "document/getConnection",
	"list-without-pagination":    "document/listConnections",
	"generated-at-in-local-time": "document/generated-at",
	"other-organisation":         "document/organisation-id",

	"token-in-connection":   "secrecy/successes",
	"token-in-part":         "secrecy/successes",
	"token-in-error":        "secrecy/errors",
	"token-in-base64":       "secrecy/errors",
	"wintro-token-in-error": "secrecy/errors",
	"token-in-header":       "secrecy/headers",

	"no-limit-headers-on-errors": "rate-limit/headers",
	"no-countdown":               "rate-limit/countdown",
	"reset-in-seconds":           "rate-limit/reset",
	"reset-in-milliseconds":      "rate-limit/reset",
	"429-in-text":                "rate-limit/refusal",
	"503-for-429":                "rate-limit/refusal",
}

// Each violation is found by the check that is about it, and each check finds at least one.
func TestViolationsAreFound(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	tripped := map[string]bool{}
	t.Run("violations", func(t *testing.T) {
		for _, violation := range sandbox.Violations() {
			check := findings[violation.Violation]
			inBubble(t, string(violation.Violation), func(t *testing.T) {
				s, _, config := newSandbox()
				s.AddConnections(3)
				before := s.Connections()
				s.Violate(violation.Violation)
				// All checks would take five times as long, and show no more.
				subject, _, _ := strings.Cut(check, "/")
				config.Only = selected("^(" + subject + "|document)/")
				report := execute(t, config)
				mu.Lock()
				defer mu.Unlock()
				for _, result := range report.Results {
					if result.Status == conformance.Failed {
						tripped[result.Name] = true
						t.Logf("%s: %s", result.Name, result.Failures[0].Message)
					}
				}
				if found := resultOf(report, check); found.Status != conformance.Failed || report.Passed() {
					t.Errorf("%q has not found that the server does this: %s (%s %s)", check, violation.Does, found.Status, found.Reason)
				}
				expectNoTokens(t, s, report)
				after := s.Connections()
				for _, connection := range before {
					if !slices.ContainsFunc(after, func(other connectionOfSandbox) bool { return isSame(connection, other) }) {
						t.Errorf("%s, which isn't the kit's, has changed", connection.ID)
					}
				}
				if left := len(after) - len(before); left != len(report.LeftBehind) || left > 0 && violation.Violation != "delete-keeps" {
					t.Errorf("%d connections are left, and the report says %v", left, report.LeftBehind)
				}
			})
		}
	})
	for _, check := range conformance.Checks() {
		if !tripped[check.Name] {
			t.Errorf("no violation trips %s", check.Name)
		}
	}
}
