package transport

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const (
	// shortestSecret is the minimum length of a secret. Tokens are much longer, and removing every
	// occurrence of a shorter text would damage ordinary words.
	shortestSecret = 8
	// pieceLength is the length of the shortest piece of a secret that Redact removes. A shorter piece of a token of 32
	// characters is of little use to an attacker. If the length were much smaller, Redact would remove ordinary words,
	// because Wintro's tokens and our Terraform types both begin with the 7 characters "wintro_".
	pieceLength = 12
	// longestSecret bounds the remembered part of a secret, in bytes. Servers usually reject longer headers.
	longestSecret = 8 << 10
	// maxPieces is the number of pieces from which a generation of secrets counts as full. It bounds the memory. A
	// token of 32 characters has about 200 pieces.
	maxPieces = 1 << 18
	// maxDecodings is the number of nested encodings that Redact undoes, such as an HTML entity in a JSON string.
	maxDecodings = 3
)

// seen contains the secrets of this process.
var seen secrets

// RememberSecret makes Redact remove this secret, its usual encodings and its pieces from texts. A secret that is
// shorter than shortestSecret is ignored. Call RememberSecret when a token enters the process. The function Do also
// calls it, for each token in an Authorization header.
func RememberSecret(secret string) { seen.remember(secret) }

// Redact replaces each remembered secret with "(secret)". If it finds a secret in an encoded form, it may return the
// decoded text. Redact finds pieces of at least pieceLength characters and whole secrets of at least shortestSecret
// characters:
//
//   - in upper or lower case;
//   - with white space, control characters or invisible characters inside;
//   - with JSON escapes, percent encoding or HTML entities, even nested;
//   - in base64, at any offset and in both alphabets, and in hex.
//
// Every text that leaves the process must go through Redact.
func Redact(text string) string { return seen.redact(text) }

// secrets is a set of secrets. To bound its memory, it has two generations. When the newer one is full, a new
// generation replaces the older one.
type secrets struct {
	mu              sync.RWMutex
	current, former generation
}

// generation contains the pieces of secrets that were remembered at about the same time.
type generation struct {
	whole map[string]struct{}
	// pieces contains the pieces of each secret in each encoding, in plain form (see appendPlain). lengths
	// reports which lengths these pieces have.
	pieces  map[string]struct{}
	lengths [pieceLength + 1]bool
}

func (s *secrets) remember(secret string) {
	secret = secret[:min(len(secret), longestSecret)]
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, isKnown := s.current.whole[secret]; isKnown || len(secret) < shortestSecret {
		return
	}
	if s.current.pieces == nil || len(s.current.pieces) >= maxPieces {
		s.former, s.current = s.current, generation{whole: map[string]struct{}{}, pieces: map[string]struct{}{}}
	}
	s.current.whole[secret] = struct{}{}
	for _, encoded := range encodings(secret) {
		plain := string(appendPlain(nil, nil, encoded))
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

// encodings returns the forms in which a server may repeat a secret, except those that decode undoes. The forms
// leave out characters that depend on the text before or after the secret.
func encodings(secret string) []string {
	forms := []string{
		secret,
		// A program that decodes a token as a form value turns its plus signs into spaces, which Redact ignores.
		strings.ReplaceAll(secret, "+", ""),
		hex.EncodeToString([]byte(secret)),
		// A secret may contain an escape sequence, which decode then changes.
		decode(secret),
	}
	// Base64 turns three bytes into four characters, so the form depends on the number of bytes before the secret.
	// mixed is the number of leading characters that encode some of those bytes too.
	for before, mixed := range []int{0, 2, 3} {
		encoded := base64.RawStdEncoding.EncodeToString([]byte("\x00\x00"[:before] + secret))
		if (before+len(secret))%3 != 0 {
			encoded = encoded[:len(encoded)-1]
		}
		forms = append(forms, encoded[mixed:])
	}
	return forms
}

// redact returns the text without secrets. If a decoded form of the text contains a secret, redact returns the decoded
// form instead.
func (s *secrets) redact(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.current.pieces == nil || len(text) < shortestSecret {
		return text
	}
	readings := []string{text}
	for len(readings) <= maxDecodings {
		encoded := readings[len(readings)-1]
		decoded := decode(encoded)
		if decoded == encoded {
			break
		}
		readings = append(readings, decoded)
	}
	// The most decoded text shows a secret as a whole. The others may show only pieces of it.
	for _, reading := range slices.Backward(readings) {
		if redacted := s.removePieces(reading); redacted != reading {
			return redacted
		}
	}
	return text
}

// removePieces replaces each run of pieces with "(secret)".
func (s *secrets) removePieces(text string) string {
	var buffer [256]byte
	plain := appendPlain(buffer[:0], nil, text)
	// isSecret reports for each byte of the text whether it belongs to a piece. It stays nil if the text contains no
	// pieces, which is the usual case.
	var isSecret []bool
	var places []place
	for length := shortestSecret; length <= pieceLength; length++ {
		if !s.current.lengths[length] && !s.former.lengths[length] {
			continue
		}
		for start := 0; start+length <= len(plain); start++ {
			if !s.isPiece(plain[start : start+length]) {
				continue
			}
			if isSecret == nil {
				isSecret = make([]bool, len(text))
				appendPlain(nil, &places, text)
			}
			for i := places[start].from; i < places[start+length-1].to; i++ {
				isSecret[i] = true
			}
		}
	}
	if isSecret == nil {
		return text
	}
	var redacted strings.Builder
	for i := range len(text) {
		if !isSecret[i] {
			redacted.WriteByte(text[i])
		} else if i == 0 || !isSecret[i-1] {
			redacted.WriteString("(secret)")
		}
	}
	return redacted.String()
}

func (s *secrets) isPiece(plain []byte) bool {
	if _, found := s.current.pieces[string(plain)]; found {
		return true
	}
	_, found := s.former.pieces[string(plain)]
	return found
}

// place is the part of a text that a byte of its plain form comes from.
type place struct{ from, to int }

// appendPlain appends the plain form of a text: lower case, without white space, control characters, invisible
// characters and marks that combine with other characters. If places isn't nil, appendPlain appends the place of each
// byte to places.
func appendPlain(plain []byte, places *[]place, text string) []byte {
	for i, char := range text {
		before, size := len(plain), utf8.RuneLen(char)
		switch {
		case char == '-':
			// Replace - and _ so that base64's two alphabets look the same.
			plain = append(plain, '+')
		case char == '_':
			plain = append(plain, '/')
		case 'A' <= char && char <= 'Z':
			plain = append(plain, byte(char-'A'+'a'))
		case ' ' < char && char <= '~':
			plain = append(plain, byte(char))
		case char >= utf8.RuneSelf && char != utf8.RuneError && unicode.IsGraphic(char) && !IsInvisible(char) && !unicode.In(char, unicode.Z, unicode.M):
			plain = utf8.AppendRune(plain, unicode.ToLower(unicode.ToUpper(char)))
		}
		for ; places != nil && before < len(plain); before++ {
			*places = append(*places, place{i, i + size})
		}
	}
	return plain
}

// decode undoes one level of JSON escapes, percent encoding and HTML entities.
func decode(text string) string {
	if !strings.ContainsAny(text, `\%&`) {
		return text
	}
	var decoded strings.Builder
	for len(text) > 0 {
		char, size := unescape(text)
		decoded.WriteString(char)
		text = text[size:]
	}
	return html.UnescapeString(decoded.String())
}

// unescape decodes the JSON escape or the percent encoding at the beginning of text. If there is neither, it
// returns the first byte.
func unescape(text string) (decoded string, size int) {
	switch {
	case text[0] == '%' && len(text) > 2:
		if char, err := hex.DecodeString(text[1:3]); err == nil {
			return string(char), 3
		}
	case text[0] != '\\' || len(text) < 2:
	case strings.IndexByte(`"/'`, text[1]) >= 0:
		return text[1:2], 2
	default:
		// Go's escapes include JSON's other escapes, except surrogate pairs.
		if char, isUnicode, rest, err := strconv.UnquoteChar(text, 0); err == nil && isUnicode {
			return string(char), len(text) - len(rest)
		} else if err == nil {
			return string([]byte{byte(char)}), len(text) - len(rest) //nolint:gosec // two digits are one byte
		}
	}
	return text[:1], 1
}
