package docstest

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// registry and repository are the future addresses of the documentation and the repository. Pages in docs link to each
// other with relative links to files, which work on GitHub and in both registries, and lead to the version that the
// reader has opened. Only the first page links to the registry instead: its address in the registry doesn't end with a
// slash, so a relative link would lead to the wrong page.
const (
	registry   = "https://registry.terraform.io/providers/wintro-ai/wintro/latest/docs"
	repository = "https://github.com/wintro-ai/terraform-provider-wintro"
)

// hosts lists the hosts to which pages may link. The tests only compare the names, and send no requests.
var hosts = []string{
	"api.recruitee.com", "app.recruitee.com", "docs.recruitee.com", "support.recruitee.com", "docs.wintro.ai", "app.tellent.com", "status.tellent.com", "recruitee.com", "wintro.ai", "app.wintro.ai",
	"developer.hashicorp.com", "registry.terraform.io", "github.com", "docs.github.com", "www.contributor-covenant.org", "opentofu.org", "go.dev",
	"keepachangelog.com", "semver.org", "changie.dev", "www.rfc-editor.org", "www.urlcheckr.app",
}

var (
	inlineLink    = regexp.MustCompile(`\]\(([^)\s]+)(?:\s+"[^"]*")?\)`)
	referenceLink = regexp.MustCompile(`(?m)^\[[^\]]+\]:\s+(\S+)`)
	bareLink      = regexp.MustCompile(`<(https?://[^>]+)>`)
	source        = regexp.MustCompile(`(?:src|href)="([^"]+)"`)
	heading       = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*$`)
	anchor        = regexp.MustCompile(`<a (?:id|name)="([^"]+)">`)
	inlineCode    = regexp.MustCompile("`[^`]*`")
	linkText      = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

func TestLinksResolve(t *testing.T) {
	t.Parallel()
	all := map[string]page{}
	for _, p := range pages(t) {
		all[p.name] = p
	}
	found := 0
	for _, p := range all {
		_, prose := p.split(t)
		prose = inlineCode.ReplaceAllString(prose, "")
		for _, pattern := range []*regexp.Regexp{inlineLink, referenceLink, bareLink, source} {
			for _, match := range pattern.FindAllStringSubmatch(prose, -1) {
				found++
				if wrong := check(t, all, p, match[1]); wrong != "" {
					t.Errorf("%s: %s: %s", p.name, match[1], wrong)
				}
			}
		}
	}
	if found < 50 {
		t.Errorf("the pages contain only %d links", found)
	}
}

// check returns what is wrong with a link on the page from, or "" if the link is correct.
func check(t *testing.T, all map[string]page, from page, link string) (wrong string) {
	t.Helper()
	address, err := url.Parse(link)
	if err != nil {
		return err.Error()
	}
	target := ""
	switch {
	case link == registry || strings.HasPrefix(link, registry+"/") || strings.HasPrefix(link, registry+"#"):
		if strings.HasPrefix(from.name, "docs/") && from.name != "docs/index.md" && link != registry {
			return "link to the page's file instead"
		}
		target = path.Join("docs", strings.TrimPrefix(strings.TrimSuffix(link, "#"+address.Fragment), registry))
		if target == "docs" {
			target = "docs/index"
		}
		target += ".md"
	case strings.HasPrefix(link, repository+"/blob/main/"), strings.HasPrefix(link, repository+"/tree/main/"),
		strings.HasPrefix(link, repository+"/raw/main/"):
		target = strings.SplitN(address.Path, "/", 6)[5]
	case address.IsAbs():
		if address.Scheme != "https" || !slices.Contains(hosts, address.Hostname()) {
			return "the list of hosts doesn't contain this host; if the link is correct, add the host"
		}
		return ""
	case address.Path == "":
		target = from.name
	case from.name == "docs/index.md":
		return "relative links don't work from the first page; link to " + registry
	default:
		target = path.Join(path.Dir(from.name), address.Path)
		if strings.HasPrefix(from.name, "docs/") && !strings.HasPrefix(target, "docs/") {
			return "the registries have only docs; link to " + repository
		}
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
		return "there is no " + target
	}
	if address.Fragment != "" && !slices.Contains(anchors(t, all[target]), address.Fragment) {
		return "there is no such heading in " + target
	}
	return ""
}

// anchors returns the anchors that a link to the page can use: those of its headings, and those in <a> elements.
func anchors(t *testing.T, p page) []string {
	t.Helper()
	_, prose := p.split(t)
	var names []string
	for _, match := range anchor.FindAllStringSubmatch(prose, -1) {
		names = append(names, match[1])
	}
	for _, match := range heading.FindAllStringSubmatch(prose, -1) {
		text := linkText.ReplaceAllString(match[1], "$1")
		names = append(names, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, text))
	}
	return names
}

// TestReportsNameExistingTests expects that every test that REPORTS.md names exists.
func TestReportsNameExistingTests(t *testing.T) {
	t.Parallel()
	declared := map[string]bool{}
	eachFile(t, filepath.Join(root, "internal"), func(name, text string) {
		if strings.HasSuffix(name, "_test.go") {
			for _, match := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllStringSubmatch(text, -1) {
				declared[match[1]] = true
			}
		}
	})
	for _, match := range regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(read(t, filepath.Join(root, "REPORTS.md")), -1) {
		if !declared[match[1]] {
			t.Errorf("REPORTS.md names %s, but there is no such test", match[1])
		}
	}
}
