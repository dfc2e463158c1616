package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	printed := "\x1b[1m==> 1/1  It works\x1b[0m\r\n" +
		"  \x1b[32m+\x1b[0m name = \"<Acme & Co>\"\r\n" +
		"\x1b[?25l\x1b[33mA warning\nof two lines\x1b[0m\n" +
		strings.Repeat("x", columns+1) + "\n" + strings.Repeat("\n", rows)
	var picture strings.Builder
	if err := record(strings.NewReader(printed), &picture, "make demo", "make demo"); err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(strings.NewReader(picture.String()))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v:\n%s", err, &picture)
		}
	}
	for _, part := range []string{
		`<tspan class="b">$ make demo</tspan>`,
		`<tspan class="b">==&gt; 1/1  It works</tspan>`,
		`  <tspan class="c32">+</tspan> name = &#34;&lt;Acme &amp; Co&gt;&#34;</text>`,
		`<tspan class="c33">A warning</tspan>`,
		`<tspan class="c33">of two lines</tspan>`,
		`>` + strings.Repeat("x", columns) + `</text>`,
		`>x</text>`,
		`translateY(-19px)`,
	} {
		if !strings.Contains(picture.String(), part) {
			t.Errorf("there is no %s in\n%s", part, &picture)
		}
	}
	if strings.Contains(picture.String(), "\x1b") {
		t.Error("an escape sequence is left")
	}
}
