package sandbox

import (
	"net/url"
	"slices"
	"strings"
	"sync"
)

const hidden = "[secret]"

// A secretSet is all secrets since the sandbox began, replaced ones too. It finds them by their lengths, of
// which there are few: to look for one after another would, with thousands of links, be most of what an answer
// takes.
type secretSet struct {
	mu sync.RWMutex
	// known are the secrets in all the forms in which they can be written, lengths their lengths, the
	// greatest first.
	known   map[string]bool
	lengths []int
}

// A shorter one is a word that a test made up, and would blot out half of a path.
const shortestSecret = 8

func (set *secretSet) add(secrets ...string) {
	set.mu.Lock()
	defer set.mu.Unlock()
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		for _, form := range formsOf(secret) {
			set.known[form] = true
			if !slices.Contains(set.lengths, len(form)) {
				set.lengths = append(set.lengths, len(form))
			}
		}
	}
	slices.SortFunc(set.lengths, func(a, b int) int { return b - a })
}

func formsOf(secret string) []string {
	return []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
}

// hider makes a function that blots out all of them, and one more that need not be among them.
func (set *secretSet) hider(more string) func(string) string {
	var forms []string
	if len(more) >= shortestSecret {
		forms = formsOf(more)
	}
	return func(text string) string { return set.hide(text, forms) }
}

func (set *secretSet) hide(text string, more []string) string {
	set.mu.RLock()
	defer set.mu.RUnlock()
	var blotted strings.Builder
	kept := 0
	for at := 0; at < len(text); {
		length := set.longestAt(text[at:], more)
		if length == 0 {
			at++
			continue
		}
		blotted.WriteString(text[kept:at])
		blotted.WriteString(hidden)
		at += length
		kept = at
	}
	if kept == 0 {
		return text
	}
	return blotted.String() + text[kept:]
}

// longestAt is the length of the longest secret that a text begins with, or 0. A shorter one that is a part
// of it would leave the rest.
func (set *secretSet) longestAt(text string, more []string) int {
	longest := 0
	for _, form := range more {
		if strings.HasPrefix(text, form) {
			longest = max(longest, len(form))
		}
	}
	for _, length := range set.lengths {
		if length <= longest {
			break
		}
		if length <= len(text) && set.known[text[:length]] {
			return length
		}
	}
	return longest
}
