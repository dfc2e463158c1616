package connection

import (
	"crypto/sha256"
	"encoding/base64"
)

// Fingerprint is "SHA256:" and the unpadded base64 of the token's SHA-256, the way OpenSSH writes key
// fingerprints. Tokens have 128 random bits, so it gives nothing away.
func Fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}
