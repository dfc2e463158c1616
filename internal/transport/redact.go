package transport

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// shortestSecret is the minimum length of a secret. Tokens are much longer, and removing every
	// occurrence of a shorter text would damage ordinary words.
	shortestSecret = 8
	// pieceLength is the number of consecutive characters of a secret that Redact removes. A shorter piece
	// of a token of 32 characters helps no attacker. With a smaller number, Redact would remove ordinary
	// words: all tokens of Wintro begin with the 7 characters "wintro_", and so do all names of our
	// Terraform types.
	pieceLength = 12
	// longestSecret bounds the remembered part of a secret, in bytes. No server accepts a longer header.
	longestSecret = 8 << 10
	// maxPieces bounds the memory of a generation of secrets. A token of 32 characters has about 200.
	maxPieces = 1 << 18
	// maxDecodings is the number of nested encodings that Redact looks through, such as an HTML entity in
	// a JSON string.
	maxDecodings = 3
)

// seen contains the secrets of this process. It is the only place that knows them.
var seen secrets

// RememberSecret makes Redact remove this secret, its usual encodings and its pieces from every text. Call it
// when a token enters the process. Do calls it for each token in an Authorization header.
func RememberSecret(secret string) { seen.remember(secret) }

// Redact replaces each secret that this process has seen with "(secret)". It finds pieces of at least
// pieceLength characters and whole secrets of at least shortestSecret characters:
//
//   - in upper or lower case;
//   - with white space, control characters or invisible characters inside;
//   - with JSON escapes, percent encoding or HTML entities, even nested;
//   - in base64, at any offset and in both alphabets, and in hex.
//
// Every text that leaves the process must pass it.
func Redact(text string) string { return seen.redact(text) }

// secrets is a set of secrets. Its memory is bounded: it consists of two generations, and a new one replaces
// the older one once the newer one is full.
type secrets struct {
	mu              sync.RWMutex
	current, former generation
}

// generation contains the pieces of secrets that were remembered at about the same time.
type generation struct {
	whole map[string]struct{}
	// pieces are parts of the plain form of each encoding of each secret, and lengths their lengths.
	pieces  map[string]struct{}
	lengths [pieceLength + 1]bool
}

func (s *secrets) remember(secret string) {
	secret = secret[:min(len(secret), longestSecret)]
	if len(secret) < shortestSecret || s.knows(secret) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.pieces == nil || len(s.current.pieces) >= maxPieces {
		s.former, s.current = s.current, generation{whole: map[string]struct{}{}, pieces: map[string]struct{}{}}
	}
	s.current.whole[secret] = struct{}{}
	for _, encoded := range encodings(secret) {
		plain := string(appendPlain(nil, nil, reading{text: encoded}))
		length := min(pieceLength, len(plain))
		if length < shortestSecret {
			continue
		}
		s.current.lengths[length] = true
		for start := 0; start+length <= len(plain); start++ {
			s.current.pieces[plain[start:start+length]] = struct{}{}
		}
	}
}

func (s *secrets) knows(secret string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, known := s.current.whole[secret]
	return known
}

// encodings returns the forms in which a server may repeat a secret, except those that reading.decode
// undoes. They include nothing that depends on what comes before and after the secret.
func encodings(secret string) []string {
	forms := []string{
		secret,
		// A program that takes a token for a form value turns its plus signs into spaces.
		strings.ReplaceAll(secret, "+", ""),
		hex.EncodeToString([]byte(secret)),
	}
	if decoded, changed := (reading{text: secret}).decode(); changed {
		forms = append(forms, decoded.text)
	}
	// In base64, three bytes become four characters: the form depends on the number of bytes before.
	for before, mixed := range []int{0, 2, 3} {
		encoded := base64.RawStdEncoding.EncodeToString([]byte("\x00\x00"[:before] + secret))
		if (before+len(secret))%3 != 0 {
			encoded = encoded[:len(encoded)-1]
		}
		forms = append(forms, encoded[mixed:])
	}
	return forms
}

func (s *secrets) redact(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.current.pieces == nil || len(text) < shortestSecret {
		return text
	}
	var found marks
	read := reading{text: text}
	for range 1 + maxDecodings {
		found = s.current.mark(found, read, len(text))
		found = s.former.mark(found, read, len(text))
		var changed bool
		if read, changed = read.decode(); !changed {
			break
		}
	}
	return found.replace(text)
}

// mark adds the parts of the original text, of this size, that are pieces of a secret in this reading.
func (g *generation) mark(found marks, read reading, size int) marks {
	if len(g.pieces) == 0 {
		return found
	}
	var buffer [256]byte
	plain := appendPlain(buffer[:0], nil, read)
	var places []span
	for length, used := range g.lengths {
		if !used {
			continue
		}
		for start := 0; start+length <= len(plain); start++ {
			if _, isPiece := g.pieces[string(plain[start:start+length])]; !isPiece {
				continue
			}
			// Most texts contain no secret and need no places.
			if places == nil {
				appendPlain(nil, &places, read)
			}
			if found == nil {
				found = make(marks, size)
			}
			found.add(places[start].from, places[start+length-1].to)
		}
	}
	return found
}

// marks tells for each byte of a text whether it belongs to a secret. It is nil if no byte does.
type marks []bool

func (m marks) add(from, to int) {
	for i := from; i < to; i++ {
		m[i] = true
	}
}

func (m marks) replace(text string) string {
	if m == nil {
		return text
	}
	var redacted strings.Builder
	for i, isSecret := range m {
		switch {
		case !isSecret:
			redacted.WriteByte(text[i])
		case i == 0 || !m[i-1]:
			redacted.WriteString("(secret)")
		}
	}
	return redacted.String()
}

// span is a part of the original text.
type span struct{ from, to int }

// reading is a text after some decodings.
type reading struct {
	text string
	// places are the parts of the original text that the bytes of text were decoded from. They are nil if
	// text is the original.
	places []span
}

func (r reading) place(from, to int) span {
	if r.places == nil {
		return span{from, to}
	}
	return span{r.places[from].from, r.places[to-1].to}
}

// plainASCII maps ASCII to its plain form. Characters that it maps to 0 have none.
var plainASCII = func() (plain [utf8.RuneSelf]byte) {
	for char := byte('!'); char <= '~'; char++ {
		plain[char] = char
	}
	for char := byte('A'); char <= 'Z'; char++ {
		plain[char] = char + 'a' - 'A'
	}
	// So base64's two alphabets are the same.
	plain['-'], plain['_'] = '+', '/'
	return plain
}()

// appendPlain appends the plain form of a text: lower case, without white space, control characters,
// invisible characters and marks that combine with other characters. If places isn't nil, it gets the place
// of each byte.
func appendPlain(plain []byte, places *[]span, read reading) []byte {
	for i := 0; i < len(read.text); {
		size, before := 1, len(plain)
		if b := read.text[i]; b < utf8.RuneSelf {
			if plainASCII[b] != 0 {
				plain = append(plain, plainASCII[b])
			}
		} else {
			var char rune
			char, size = utf8.DecodeRuneInString(read.text[i:])
			if unicode.IsGraphic(char) && char != utf8.RuneError && !unicode.In(char, unicode.Z, unicode.M) {
				plain = utf8.AppendRune(plain, unicode.ToLower(unicode.ToUpper(char)))
			}
		}
		for places != nil && before < len(plain) {
			*places = append(*places, read.place(i, i+size))
			before++
		}
		i += size
	}
	return plain
}

// decode undoes one level of JSON escapes, percent encoding and HTML entities. It reports whether there was
// anything to decode.
func (r reading) decode() (decoded reading, changed bool) {
	if !strings.ContainsAny(r.text, `\%&`) {
		return r, false
	}
	var text strings.Builder
	places := make([]span, 0, len(r.text))
	for i := 0; i < len(r.text); {
		char, size := unescape(r.text[i:])
		changed = changed || size > 1
		text.WriteString(char)
		for range len(char) {
			places = append(places, r.place(i, i+size))
		}
		i += size
	}
	return reading{text.String(), places}, changed
}

// longestEscape bounds the length of an escape sequence.
const longestEscape = 32

// unescape decodes the escape sequence at the beginning of text. Without one, it returns the first byte.
func unescape(text string) (decoded string, size int) {
	switch text[0] {
	case '%':
		if code, ok := hexNumber(text, 1, 2); ok {
			return string([]byte{byte(code)}), 3
		}
	case '\\':
		return unescapeJSON(text)
	case '&':
		size = 1
		for size < min(len(text), longestEscape) && (text[size] == '#' || isAlphanumeric(text[size])) {
			size++
		}
		switch {
		case size < len(text) && text[size] == ';':
			size++
		case size < 2 || text[1] != '#':
			// Only browsers take a name without an end for an entity.
			return "&", 1
		}
		if char := html.UnescapeString(text[:size]); char != text[:size] {
			return char, size
		}
	}
	return text[:1], 1
}

func unescapeJSON(text string) (decoded string, size int) {
	if len(text) < 2 {
		return text, 1
	}
	switch text[1] {
	case '"', '\\', '/', '\'':
		return text[1:2], 2
	case 'b', 'f', 'n', 'r', 't', 'v':
		return " ", 2
	case 'x':
		if code, ok := hexNumber(text, 2, 2); ok {
			return string([]byte{byte(code)}), 4
		}
	case 'u':
		code, ok := hexNumber(text, 2, 4)
		if !ok {
			break
		}
		if second, ok := hexNumber(text, 8, 4); ok && utf16.IsSurrogate(code) && text[6:8] == `\u` {
			return string(utf16.DecodeRune(code, second)), 12
		}
		return string(code), 6
	}
	return text[:1], 1
}

// hexNumber reads a hexadecimal number of this many digits.
func hexNumber(text string, start, digits int) (rune, bool) {
	if len(text) < start+digits {
		return 0, false
	}
	number, err := strconv.ParseUint(text[start:start+digits], 16, 32)
	return rune(number), err == nil //nolint:gosec // at most four digits
}

func isAlphanumeric(char byte) bool {
	return '0' <= char && char <= '9' || 'a' <= char && char <= 'z' || 'A' <= char && char <= 'Z'
}
