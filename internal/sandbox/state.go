package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// storeVersion is the version of the form of state files.
const storeVersion = 1

// stateFile is where a store is kept. A nil one keeps nothing.
type stateFile struct {
	path  string
	saved []byte
	err   error
}

// Open makes a sandbox that keeps its store in a file, and begins with what is there. The file holds
// tokens, and only its owner may read it. The request log and the faults are not kept.
func Open(path string, options ...Option) (*Sandbox, error) {
	s := New(options...)
	s.file = &stateFile{path: path}
	saved, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("reading the state file: %w", err)
	default:
		if err := json.Unmarshal(saved, &s.store); err != nil {
			return nil, fmt.Errorf("reading the state file %s: %w", path, err)
		}
		if s.store.Version != storeVersion {
			return nil, fmt.Errorf("the state file %s has version %d, and only version %d can be read",
				path, s.store.Version, storeVersion)
		}
	}
	s.store.secrets.add(s.Secrets()...)
	s.file.save(&s.store)
	if err := s.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// Err is why the newest change could not be saved, if so. As long as it can't, both systems answer
// each call with 500.
func (s *Sandbox) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	return s.file.err
}

func (s *Sandbox) timestamp() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// save writes the store to the file if it has changed.
func (f *stateFile) save(st *store) {
	if f == nil {
		return
	}
	encoded, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		f.err = fmt.Errorf("saving the state: %w", err)
		return
	}
	if f.err == nil && bytes.Equal(encoded, f.saved) {
		return
	}
	if f.err = replaceFile(f.path, encoded); f.err == nil {
		f.saved = encoded
	}
}

// replaceFile puts content into the file so that, whatever happens, either the old or the new content
// is there as a whole.
func replaceFile(path string, content []byte) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("saving the state: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary.Name())
			err = fmt.Errorf("saving the state: %w", err)
		}
	}()
	_, writeErr := temporary.Write(content)
	err = errors.Join(
		temporary.Chmod(0o600),
		writeErr,
		temporary.Sync(),
		temporary.Close(),
	)
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
