package server

import (
	"os"
	"path/filepath"
	"testing"
)

func TestContainerMemory(t *testing.T) {
	for _, c := range []struct {
		name, groups string
		files        map[string]string
		want         int64
	}{
		{"version 2", "0::/a/b\n", map[string]string{"a/b/memory.max": "max\n", "a/memory.max": "536870912\n", "memory.max": "max"}, 512 << 20},
		{"lower outside", "0::/a/b\n", map[string]string{"a/b/memory.max": "1073741824\n", "a/memory.max": "536870912\n"}, 512 << 20},
		{"named from outside", "0::/docker/0123\n", map[string]string{"memory.max": "268435456\n"}, 256 << 20},
		{"version 1", "9:memory:/x\n5:cpu:/y\n", map[string]string{"memory/x/memory.limit_in_bytes": "268435456\n", "memory/memory.limit_in_bytes": "9223372036854771712\n"}, 256 << 20},
		{"no limit", "0::/\n", map[string]string{"memory.max": "max\n"}, 0},
		{"nonsense", "x\n0::/../../etc\n::\n", map[string]string{"memory.max": "-5\n"}, 0},
	} {
		root := t.TempDir()
		for name, text := range c.files {
			file := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := memoryOf(root, c.groups); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
