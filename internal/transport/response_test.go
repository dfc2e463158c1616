package transport

import (
	"net/http"
	"testing"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text    string
		limit   int
		secrets []string
		want    string
	}{
		"plain text stays":                             {text: "Acme B.V.", limit: 20, want: "Acme B.V."},
		"other scripts stay":                           {text: "Škoda 株式会社 ö", limit: 20, want: "Škoda 株式会社 ö"},
		"control characters become spaces":             {text: "a\x00b\x07c\x7fd\u0085e", limit: 20, want: "a b c d e"},
		"an ANSI escape loses its escape":              {text: "\x1b[31mred\x1b[0m", limit: 20, want: "[31mred [0m"},
		"line breaks become spaces":                    {text: "one\r\ntwo\nthree\u2028four", limit: 20, want: "one two three four"},
		"runs of white space become one space":         {text: "  a \t  b\u00a0c  ", limit: 20, want: "a b c"},
		"what turns the direction of text goes":        {text: "a\u202egnp.exe", limit: 20, want: "a gnp.exe"},
		"what nobody can see goes":                     {text: "a\u200bb\u3164c", limit: 20, want: "a b c"},
		"invalid UTF-8 goes":                           {text: "a\xff\xfeb\xc3", limit: 20, want: "a b"},
		"replacement characters go":                    {text: "a\ufffdb", limit: 20, want: "a b"},
		"only what can't be printed is nothing":        {text: "\x00\x1b\n", limit: 20, want: ""},
		"a text as long as the limit is not cut":       {text: "abcde", limit: 5, want: "abcde"},
		"a longer text is cut":                         {text: "abcdef", limit: 5, want: "abcde…"},
		"the limit counts characters, not bytes":       {text: "öööööö", limit: 5, want: "ööööö…"},
		"the limit counts what is printed":             {text: "\x00\x00\x00abcde\n", limit: 5, want: "abcde"},
		"a secret is taken out":                        {text: "token s3cret-token is wrong", limit: 50, secrets: []string{"s3cret-token"}, want: "token (secret) is wrong"},
		"a secret is taken out before the text is cut": {text: "token s3cret-token is wrong", limit: 10, secrets: []string{"s3cret-token"}, want: "token (sec…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, secret := range test.secrets {
				RememberSecret(secret)
			}
			if got := Printable(test.text, test.limit); got != test.want {
				t.Errorf("%q instead of %q", got, test.want)
			}
		})
	}
}

func TestMediaType(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ header, want string }{
		"parameters are left out":        {"application/problem+json; charset=utf-8", "application/problem+json"},
		"capitals become lower case":     {"Application/JSON", "application/json"},
		"a parameter may be there twice": {"application/json; charset=utf-8; charset=utf-8", "application/json"},
		"a parameter may be invalid":     {"application/json; =;\"", "application/json"},
		"the first of a list counts":     {"application/json, text/html", "application/json"},
		"nonsense is none":               {"; charset", ""},
		"a word is none":                 {"json", ""},
		"none":                           {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := &Response{Header: http.Header{"Content-Type": {test.header}}}
			if got := resp.MediaType(); got != test.want {
				t.Errorf("%q instead of %q", got, test.want)
			}
		})
	}
}
