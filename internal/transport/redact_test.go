package transport

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// eachChar returns an encoding that formats each character on its own.
func eachChar(format string) func(string) string {
	return func(text string) string {
		var encoded strings.Builder
		for _, char := range text {
			_, _ = fmt.Fprintf(&encoded, format, char)
		}
		return encoded.String()
	}
}

// eachByte returns an encoding that formats each byte on its own.
func eachByte(format string) func(string) string {
	return func(text string) string {
		var encoded strings.Builder
		for _, b := range []byte(text) {
			_, _ = fmt.Fprintf(&encoded, format, b)
		}
		return encoded.String()
	}
}

func inJSON(text string) string {
	encoded, _ := json.Marshal(text)
	return strings.Trim(string(encoded), `"`)
}

// after returns an encoding that applies two encodings, one after the other.
func after(first, second func(string) string) func(string) string {
	return func(text string) string { return second(first(text)) }
}

// replacing returns an encoding that replaces texts. pairs alternates old and new texts.
func replacing(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

func asHex(text string) string { return hex.EncodeToString([]byte(text)) }

func inBase64(encoding *base64.Encoding, before string) func(string) string {
	return func(text string) string { return encoding.EncodeToString([]byte(before + text)) }
}

// charEncodings are encodings in which Redact must remove a secret completely.
var charEncodings = map[string]func(string) string{
	"unchanged":                       replacing(),
	"in lower case":                   strings.ToLower,
	"in upper case":                   strings.ToUpper,
	"as a JSON string":                inJSON,
	"with escaped slashes":            replacing("/", `\/`),
	"with escaped slashes twice":      replacing("/", `\\\/`),
	"in JSON escapes":                 eachChar(`\u%04x`),
	"in JSON escapes, upper case":     eachChar(`\u%04X`),
	"in byte escapes":                 eachByte(`\x%02x`),
	"as a query":                      url.QueryEscape,
	"as a path":                       url.PathEscape,
	"percent-encoded":                 eachByte("%%%02x"),
	"percent-encoded twice":           eachByte("%%25%02X"),
	"HTML":                            html.EscapeString,
	"HTML names":                      replacing("/", "&sol;", "+", "&plus;", "=", "&equals;", "_", "&lowbar;"),
	"HTML numbers":                    eachChar("&#%d;"),
	"HTML hex":                        eachChar("&#x%x;"),
	"HTML numbers without semicolons": func(text string) string { return eachChar("&#%d")(text) + " " },
	"HTML in JSON":                    after(eachChar("&#x%X;"), replacing("&", `\u0026`)),
	"JSON in JSON in a query":         after(after(replacing("/", `\/`), replacing(`\`, `\\`)), url.QueryEscape),
	"with spaces":                     eachChar("%c "),
	"with line breaks":                eachChar("%c\r\n"),
	"with zero-width spaces":          eachChar("%c\u200b"),
	"with soft hyphens":               eachChar("%c\u00ad"),
	"with invisible letters":          eachChar("%c\u3164"),
	"with control characters":         eachChar("%c\x00\x1b"),
	"with combining characters":       eachChar("%c\u0301\ufe0f"),
	"with invalid UTF-8":              eachChar("%c\xff"),
	"with escaped line breaks":        after(eachChar("%c\n"), inJSON),
	"as a decoded form value":         replacing("+", " "),
	"in hex":                          asHex,
	"in hex, upper case":              after(asHex, strings.ToUpper),
	"in hex with spaces":              eachByte("%02x "),
}

// base64Encodings are encodings that mix the first and the last characters of a secret with the text around it.
var base64Encodings = map[string]func(string) string{
	"in base64":                    inBase64(base64.StdEncoding, ""),
	"in base64 after one byte":     inBase64(base64.StdEncoding, ":"),
	"in base64 after two bytes":    inBase64(base64.StdEncoding, "a:"),
	"in base64 for URLs":           inBase64(base64.URLEncoding, ""),
	"in base64 for URLs, unpadded": inBase64(base64.RawURLEncoding, ":"),
	"in base64 with line breaks":   after(inBase64(base64.StdEncoding, "a:"), eachChar("%c\n")),
	"in base64 before other text":  func(text string) string { return inBase64(base64.StdEncoding, "a:")(text + ":b") },
	"in base64 in a query":         after(inBase64(base64.StdEncoding, ":"), url.QueryEscape),
}

// mixed is the maximum number of extra characters that may remain around a redacted secret: base64 padding, line
// breaks, and characters that encode part of the secret together with the text next to it.
const mixed = len("abc" + "d" + "%3D%3D" + "\n\n\n\n\n\n")

func remembering(all ...string) *secrets {
	var s secrets
	for _, secret := range all {
		s.remember(secret)
	}
	return &s
}

func TestRedactRemovesSecretInEachEncoding(t *testing.T) {
	t.Parallel()
	for kind, secret := range map[string]string{
		"Recruitee's form":        "QWxhZ/Rpb+9wZW4gc2VzYW1lIDEyMz==",
		"Wintro's form":           "wintro_Zk3_x-90QpLmN2aVtR7",
		"the shortest secret":     "k/9-Zq_7",
		"with odd ASCII":          "p%41\\ss&amp;word\"<%'{}~",
		"with an escape sequence": `abc\u0041defghijkl`,
		"with other letters":      "пароль-Škoda-株式会社-0123",
	} {
		for name, encode := range charEncodings {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				text := "Before: " + encode(secret) + ". After."
				if got := remembering(secret).redact(text); !strings.HasPrefix(got, "Before: (secret)") || !strings.HasSuffix(got, ". After.") || strings.Count(got, "") > len("Before: (secret)xxxx. After.") {
					t.Errorf("%q became %q", text, got)
				}
			})
		}
		for name, encode := range base64Encodings {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				text := "Before: " + encode(secret) + ". After."
				if got := remembering(secret).redact(text); !strings.Contains(got, "(secret)") || len(got) > len("Before: (secret). After.")+mixed {
					t.Errorf("%q became %q", text, got)
				}
			})
		}
	}
}

// In each encoding, Redact removes every piece of at least pieceLength characters, no matter where the piece begins
// and ends.
func TestRedactRemovesEachPieceOfSecret(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		known := remembering(rapid.SliceOfN(rapid.StringMatching(`[A-Za-z0-9]{32}`), 0, 3).Draw(t, "others")...)
		secret := rapid.StringMatching(`(wintro_)?[A-Za-z0-9+/_-]{20,60}={0,2}`).Draw(t, "secret")
		known.remember(secret)
		from := rapid.IntRange(0, len(secret)-pieceLength).Draw(t, "from")
		to := rapid.IntRange(from+pieceLength, len(secret)).Draw(t, "to")
		before := rapid.StringMatching(`[a-zé .,]{0,20}; `).Draw(t, "before")
		behind := rapid.StringMatching(`; [a-zé .,]{0,20}`).Draw(t, "behind")
		check := func(name string, encode func(string) string, slack int) {
			text := before + encode(secret[from:to]) + behind
			got := known.redact(text)
			if !strings.HasPrefix(got, before) || !strings.HasSuffix(got, behind) || len(got) > len(before)+len("(secret)")+len(behind)+slack {
				t.Errorf("%s: %q became %q", name, text, got)
			}
			if again := known.redact(got); again != got {
				t.Errorf("%s: a second redaction changed %q to %q", name, got, again)
			}
		}
		for name, encode := range charEncodings {
			// A decoded form value has spaces instead of plus signs. Redact ignores spaces, so the piece may become too
			// short to find.
			if name != "as a decoded form value" || !strings.Contains(secret[from:to], "+") {
				check(name, encode, len("\u0301\ufe0f"))
			}
		}
		for name, encode := range base64Encodings {
			check(name, encode, mixed)
		}
	})
}

func TestRedactKeepsOrdinaryText(t *testing.T) {
	t.Parallel()
	var known secrets
	for i := range 500 {
		// Don't use random tokens, because once in a few thousand runs a page would contain a piece of one.
		sum := sha256.Sum256([]byte(strconv.Itoa(i)))
		text := base32.StdEncoding.EncodeToString(sum[:])
		known.remember(text[:32])
		known.remember("wintro_" + text[26:])
	}
	pages, err := filepath.Glob("../../docs/*/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	for _, page := range pages {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if got := known.redact(string(content)); got != string(content) {
			t.Errorf("Redact changed %s", page)
		}
	}
}

func TestRedactKeepsOtherText(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ secret, text, want string }{
		"only the shortest secret":         {"01234567", "01234567", "(secret)"},
		"as much text as the buffer holds": {"0123456789", strings.Repeat("x", 256), strings.Repeat("x", 256)},
		"no secret":                        {"", "Token not found", "Token not found"},
		"a text too short to be a secret":  {"s3cret!", "s3cret! s3cret!", "s3cret! s3cret!"},
		"a short piece":                    {"0123456789abcdef", "0123456789a 56789abcdef", "0123456789a 56789abcdef"},
		"a piece of a short secret":        {"0123456789", "012345678", "012345678"},
		"an escape that isn't one":         {"0123456789", `100 % \ & &no; %zz \u00 \x \`, `100 % \ & &no; %zz \u00 \x \`},
		"text around several secrets":      {"0123456789", "a 0123456789, 0123456789 0123456789.", "a (secret), (secret) (secret)."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := remembering(test.secret, "another secret").redact(test.text); got != test.want {
				t.Errorf("got %q instead of %q", got, test.want)
			}
		})
	}
}

func TestSecretsHaveBoundedMemory(t *testing.T) {
	t.Parallel()
	var known secrets
	const kept = "kept_0123456789"
	first := rand.Text()
	known.remember(first)
	for i := range 20 {
		// Each of these secrets fills more than a tenth of a generation, so together they replace both generations.
		var long strings.Builder
		for long.Len() < longestSecret {
			long.WriteString(rand.Text())
		}
		known.remember(long.String())
		if i%4 == 0 {
			known.remember(kept)
		}
		if got := known.redact(kept); got != "(secret)" {
			t.Errorf("after %d secrets, a secret that is still in use became %q", i, got)
		}
	}
	if got := len(known.current.pieces) + len(known.former.pieces); got > 2*maxPieces+100_000 {
		t.Errorf("%d pieces are remembered", got)
	}
	if known.redact(first) != first {
		t.Error("the oldest secret is still remembered, so this test must remember more secrets")
	}
}
