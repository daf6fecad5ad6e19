package document

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/weir-health/weir"
)

// Test writes a file to the directory and removes it.
func (w *Writer) Test(_ context.Context, env weir.TestEnv) (string, error) {
	dir := env.Message.Resolve(w.Directory)
	switch {
	case w.Output == outputAttachment:
		return "Documents become attachments; there is nothing to connect to.", nil
	case dir == "":
		return "", &weir.Fault{At: "host", Err: errors.New("no directory is given"), Hint: "Set the directory."}
	}
	f, err := os.CreateTemp(dir, ".weir-test-*")
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("The directory %s does not exist yet; it is made for the first document.", dir), nil
	}
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return "", &weir.Fault{At: "host", Err: err, Hint: "Let the user that the engine runs as write to the directory."}
	}
	return fmt.Sprintf("Files can be written to %s.", dir), nil
}

var _ weir.Tester = (*Writer)(nil)
