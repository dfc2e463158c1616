package conformance

import (
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

func statusChecks() []Check {
	const fingerprints = `"SHA256:" and the unpadded base64 of the SHA-256 of the token stored in Wintro.`
	return []Check{
		{"status/becomes-active", company,
			"With a valid token, the status becomes active. Before that, it can be pending.",
			"`pending`: Wintro has not finished its first check or sync. `active`: Wintro syncs the connection.",
			func(c *checkRun) { c.awaitStatus(c.connection().id(), contract.ConnectionActive) }},
		{"status/enabled-again", unlinkedCompany,
			"After PATCH has enabled a disabled connection, the status becomes active. Before that, it can be pending.",
			"After an update that sends a token or enables the connection, the status may be `pending` until Wintro has checked the token.",
			func(c *checkRun) {
				id := c.create(object{"enabled": false}).id()
				c.update(id, object{"enabled": true})
				c.awaitStatus(id, contract.ConnectionActive)
			}},
		{"status/stays-inactive", unlinkedCompany,
			"A disabled connection stays inactive, even after a new token.",
			"`inactive`: `enabled` is false.",
			func(c *checkRun) {
				id := c.create(object{"enabled": false}).id()
				c.update(id, object{"apiToken": c.config.RecruiteeAPIToken})
				if status := c.get(id).text("status"); status != contract.ConnectionInactive {
					c.errorf(nil, "the connection's status is %q instead of \"inactive\"", status)
				}
			}},
		{"status/rejected-when-created", unlinkedCompany | rejectedToken,
			"POST with a token that Recruitee rejects returns 400 with apiToken in error.fields, or the status becomes invalid.",
			"A server may check the token immediately, and return 400 with the field `apiToken` if Recruitee rejects the token.",
			func(c *checkRun) {
				e := c.do(c.newCreate(object{"apiToken": c.config.RejectedRecruiteeAPIToken}))
				if e.isSuccess() {
					c.awaitStatus(c.success(e).id(), contract.ConnectionInvalid)
					return
				}
				c.expectBadField(e, "a token that Recruitee rejects", "apiToken")
				c.expectOnly()
			}},
		{"status/rejected-when-updated", company | rejectedToken,
			"PATCH with a token that Recruitee rejects returns 400, or the status becomes invalid. With a valid token, it becomes active again.",
			"`invalid`: Wintro's own login to Recruitee fails.",
			func(c *checkRun) {
				id := c.connection().id()
				e := c.do(updateCall(id, object{"apiToken": c.config.RejectedRecruiteeAPIToken}))
				if e.isSuccess() {
					c.awaitStatus(id, contract.ConnectionInvalid)
				} else {
					c.expectBadField(e, "a token that Recruitee rejects", "apiToken")
				}
				c.update(id, object{"apiToken": c.config.RecruiteeAPIToken})
				c.awaitStatus(id, contract.ConnectionActive)
			}},

		{"fingerprint/of-token", unlinkedCompany,
			"Each response contains the fingerprint of the token that the create request sent.",
			fingerprints,
			func(c *checkRun) {
				made := c.create(nil)
				if made["tokenFingerprint"] == nil {
					c.end(statusNotOffered, "the server reports no fingerprints")
				}
				c.expectFingerprint(made, c.config.RecruiteeAPIToken)
				c.expectFingerprint(c.get(made.id()), c.config.RecruiteeAPIToken)
				for _, listed := range c.ofCompany() {
					c.expectFingerprint(listed, c.config.RecruiteeAPIToken)
				}
			}},
		{"fingerprint/after-update", company | rejectedToken,
			"After a PATCH with a token, each response contains the fingerprint of the new token.",
			fingerprints,
			func(c *checkRun) {
				made := c.connection()
				if made["tokenFingerprint"] == nil {
					c.end(statusNotOffered, "the server reports no fingerprints")
				}
				token := c.config.RejectedRecruiteeAPIToken
				e := c.do(updateCall(made.id(), object{"apiToken": token}))
				if e.isSuccess() {
					c.expectFingerprint(c.success(e), token)
				} else {
					// A server that returns an error must not save the token, so the connection still has its
					// first token.
					token = c.config.RecruiteeAPIToken
				}
				c.expectFingerprint(c.get(made.id()), token)
			}},

		{"company-name/not-the-label", company,
			"atsCompanyName is the company's name in Recruitee. A new name of the connection doesn't change it.",
			"The company's name when Wintro last read it from Recruitee. Null before the first read.",
			func(c *checkRun) {
				before := c.checkedConnection()
				if before["atsCompanyName"] == nil {
					c.end(statusNotOffered, "the server reports no company names")
				}
				after := c.update(before.id(), object{"name": c.marker + " renamed"})
				for _, connection := range []object{before, after} {
					if name := connection.text("atsCompanyName"); name == "" || name == connection.text("name") {
						c.errorf(nil, "atsCompanyName is %s, which is empty or the name of the connection", asJSON(connection["atsCompanyName"]))
					}
				}
				if got, want := after["atsCompanyName"], before["atsCompanyName"]; got != want {
					c.errorf(nil, "when the connection's name changed, atsCompanyName changed from %s to %s", asJSON(want), asJSON(got))
				}
			}},

		{"syncs/start", company,
			"POST starts a sync: it returns 202 with an ID, and GET returns the sync.",
			"The new sync.",
			func(c *checkRun) {
				id := c.checkedConnection().id()
				started := c.success(c.do(startSyncCall(id)))
				if c.last.status != http.StatusAccepted {
					c.errorf(nil, "the HTTP status is %d instead of 202", c.last.status)
				}
				if got := c.success(c.do(getSyncCall(id, started.id()))); got.id() != started.id() {
					c.errorf(nil, "GET of the sync %q returns the ID %q", started.id(), got.id())
				}
			}},
		{"syncs/finish", company,
			"A sync of an active connection succeeds, without an error.",
			"`queued`, `running`, `succeeded` or `failed`. Wintro may add other statuses.",
			func(c *checkRun) {
				_, sync, done := c.sync()
				if !done {
					c.fatalf(nil, "the sync has not finished after %s", c.config.MaxWait)
				}
				if sync.text("status") != contract.SyncSucceeded || sync["error"] != nil {
					c.errorf(nil, "the finished sync has the status %q and the error %s", sync.text("status"), asJSON(sync["error"]))
				}
			}},
		{"syncs/last-synced-at", company,
			"After a sync, lastSyncedAt is the time of the sync.",
			"The time of the last successful vacancy sync. Null before the first successful sync.",
			func(c *checkRun) {
				id, sync, done := c.sync()
				if !done || sync.text("status") != contract.SyncSucceeded {
					c.end(statusNotRun, "no sync has succeeded: see syncs/finish")
				}
				connection := c.get(id)
				if connection["lastSyncedAt"] == nil {
					c.fatalf(nil, "lastSyncedAt is null")
				}
				c.expectNow("lastSyncedAt", connection.text("lastSyncedAt"))
			}},
		{"syncs/disabled", company,
			"A sync of a disabled connection returns 409 DISABLED.",
			"409 `DISABLED` if the connection's `enabled` is false.",
			func(c *checkRun) {
				c.needSyncs()
				c.unlinked()
				id := c.create(object{"enabled": false}).id()
				c.expectError(c.do(startSyncCall(id)), "a disabled connection", contract.CodeDisabled)
			}},
		{"syncs/unknown", company,
			"An unknown connection or an unknown sync returns 404 NOT_FOUND.",
			"404 `NOT_FOUND` if the organisation has no such connection, or the connection has no such sync.",
			func(c *checkRun) {
				c.needSyncs()
				id := c.connection().id()
				for what, call := range map[string]call{
					"a sync of an unknown connection":        startSyncCall(unknownID),
					"an unknown sync":                        getSyncCall(id, unknownID),
					"GET of a sync of an unknown connection": getSyncCall(unknownID, unknownID),
				} {
					c.expectError(c.do(call), what, contract.CodeNotFound)
				}
			}},
	}
}

func (c *checkRun) expectFingerprint(connection object, token string) {
	if got, want := connection["tokenFingerprint"], contract.Fingerprint(token); got != want {
		c.errorf(nil, "tokenFingerprint is %s instead of %s", asJSON(got), want)
	}
}

// needSyncs ends the check if the server doesn't offer syncs. To find out, it starts a sync, unless an earlier
// request has already started one.
func (c *checkRun) needSyncs() {
	if c.calls[opStartSync].Successes == 0 {
		c.expectSuccess(c.do(startSyncCall(c.connection().id())))
	}
}

// sync starts a sync of the company's shared connection, and polls until the sync has finished or MaxWait is over.
// done reports whether the sync has finished.
func (c *checkRun) sync() (id string, sync object, done bool) {
	id = c.checkedConnection().id()
	started := c.success(c.do(startSyncCall(id)))
	sync, done = c.await(getSyncCall(id, started.id()), func(sync object) bool { return sync["finishedAt"] != nil })
	return id, sync, done
}
