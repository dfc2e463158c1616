package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// A Kind is a way in which a request goes wrong.
type Kind string

// What can go wrong. The table below says what each of them does.
const (
	Latency    Kind = "latency"
	LateAnswer Kind = "late-answer"
	Status     Kind = "status"

	ResetBefore Kind = "reset-before"
	CloseBefore Kind = "close-before"
	AnswerLost  Kind = "answer-lost"
	CloseAfter  Kind = "close-after"
	ResetMidway Kind = "reset-midway"
	CloseMidway Kind = "close-midway"

	Truncated        Kind = "truncated"
	WrongShape       Kind = "wrong-shape"
	EmptyObject      Kind = "empty-object"
	WrongJSONTypes   Kind = "wrong-json-types"
	WrongContentType Kind = "wrong-content-type"
	HTML             Kind = "html"
	Endless          Kind = "endless"
	Slow             Kind = "slow"

	TooManySeconds   Kind = "429-seconds"
	TooManyDate      Kind = "429-date"
	TooManyNonsense  Kind = "429-nonsense"
	TooManyDay       Kind = "429-day"
	TooManyResetOnly Kind = "429-reset-only"
	TooManyBare      Kind = "429-bare"

	RedirectSameHost  Kind = "redirect-same-host"
	RedirectElsewhere Kind = "redirect-elsewhere"
)

// kinds is what can go wrong, for Go, for the control API and for the help of wintro-sandbox.
var kinds = []kind{
	{Kind: Latency, Does: "answers as always, after the latency"},
	{Kind: LateAnswer, Does: "carries the request out at once, answers after the latency", late: true},
	{Kind: Status, Does: "answers the status, with header and body", answer: nothing},

	{Kind: ResetBefore, Does: "resets the connection with the request's body unread", before: resetUnread},
	{Kind: CloseBefore, Does: "closes the connection before the request is carried out", before: closeUnanswered},
	{Kind: AnswerLost, Does: "carries the request out, then resets the connection", lose: reset},
	{Kind: CloseAfter, Does: "carries the request out, then closes the connection", lose: drop},
	{Kind: ResetMidway, Does: "resets the connection in the middle of the answer", alter: embody, send: halfThen(reset)},
	{Kind: CloseMidway, Does: "closes the connection in the middle of the answer", alter: embody, send: halfThen(drop)},

	{Kind: Truncated, Does: "a complete answer, with the first half of the body", alter: embody, send: truncated},
	{Kind: WrongShape, Does: "[] as the body, or other JSON that you give", alter: bodyOf("[]")},
	{Kind: EmptyObject, Does: "{} as the body", alter: bodyOf("{}")},
	{Kind: WrongJSONTypes, Does: "all fields are there, each with another JSON type", alter: changeTypes},
	{Kind: WrongContentType, Does: "the right body, labelled text/plain", alter: mislabel},
	{Kind: HTML, Does: "200 and a sign-in page, as some networks do", answer: signInPage},
	{Kind: Endless, Does: "a body that begins well and never ends", alter: embody, send: endless},
	{Kind: Slow, Does: "one byte of the body a second, or at the pace", alter: embody, send: slow},

	{Kind: TooManySeconds, Does: "429 with Retry-After: 1", answer: tooMany(retryAfter("1"))},
	{Kind: TooManyDate, Does: "429 with Retry-After as a date, within two seconds", answer: tooMany(retryDate)},
	{Kind: TooManyNonsense, Does: "429 with Retry-After: soon", answer: tooMany(retryAfter("soon"))},
	{Kind: TooManyDay, Does: "429 with Retry-After: 86400", answer: tooMany(retryAfter("86400"))},
	{Kind: TooManyResetOnly, Does: "429 with x-ratelimit-reset: 1", answer: tooMany(ratelimitReset)},
	{Kind: TooManyBare, Does: "429 without a word about when", answer: tooMany(unsaid)},

	{Kind: RedirectSameHost, Does: "307 to where the request went already", answer: redirect(sameHost)},
	{Kind: RedirectElsewhere, Does: "307 to the sandbox under another host name", answer: redirect(anotherHost)},
}

// A kind is one row of the table. Of what follows Does it has what makes the difference.
type kind struct {
	Kind Kind
	Does string
	// before ends the connection before the request is carried out.
	before func(*call)
	// answer answers in the system's place.
	answer func(*call) *answer
	// alter spoils the system's answer.
	alter func(*answer)
	// late lets the latency pass between carrying out and answering.
	late bool
	// lose ends the connection in place of answering.
	lose func(http.ResponseWriter)
	// send sends the answer in a way of its own.
	send func(*call, *answer)
}

// A KindDescription says what a Kind does.
type KindDescription struct {
	Kind Kind   `json:"kind"`
	Does string `json:"does"`
	// CarriesOut is whether the request is carried out, even if its caller does not learn of it.
	CarriesOut bool `json:"carries_out"`
}

// Kinds lists all that can go wrong.
func Kinds() []KindDescription {
	list := make([]KindDescription, 0, len(kinds))
	for _, k := range kinds {
		list = append(list, KindDescription{k.Kind, k.Does, k.before == nil && k.answer == nil})
	}
	return list
}

// kindOf returns the zero kind, with which nothing is wrong, where there is none of this name.
func kindOf(name Kind) (k kind, found bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.Kind == name })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

func kindNames() string {
	names := make([]string, 0, len(kinds))
	for _, k := range kinds {
		names = append(names, string(k.Kind))
	}
	return strings.Join(names, ", ")
}
