package server

import (
	"bufio"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// releaseProgram unmaps the pages of the program's code and constants. Those that
// are needed come back from the file at their next use, and the system's cache
// still has them. Where that is not possible they stay.
func releaseProgram() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		// 00400000-01e5b000 r-xp 00000000 fe:00 10191153   /usr/bin/weir
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || fields[5] != program || strings.Contains(fields[1], "w") {
			continue
		}
		first, last, _ := strings.Cut(fields[0], "-")
		from, err1 := strconv.ParseUint(first, 16, 64)
		to, err2 := strconv.ParseUint(last, 16, 64)
		if err1 == nil && err2 == nil && from < to {
			unix.Syscall(unix.SYS_MADVISE, uintptr(from), uintptr(to-from), unix.MADV_DONTNEED)
		}
	}
}

// ContainerMemory is how many bytes of memory the process's control group may have, 0 where
// that is not limited.
func ContainerMemory() int64 {
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 0
	}
	return memoryOf("/sys/fs/cgroup", string(groups))
}

// memoryOf finds the lowest limit of the groups that /proc/self/cgroup names, of version 2
// or 1, and of those around them. In a container their names may be those outside of it:
// then its own is the root.
func memoryOf(root, groups string) (lowest int64) {
	for line := range strings.Lines(groups) {
		// 0::/system.slice/weir.service, or 9:memory:/docker/…
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 || fields[1] != "" && fields[1] != "memory" {
			continue
		}
		dir, file := root, "memory.max"
		if fields[1] == "memory" {
			dir, file = path.Join(root, "memory"), "memory.limit_in_bytes"
		}
		for at := path.Clean("/" + fields[2]); ; at = path.Dir(at) {
			text, err := os.ReadFile(path.Join(dir, at, file))
			n, parseErr := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
			// Version 1 writes a number beyond all memory for no limit.
			if err == nil && parseErr == nil && n > 0 && n < 1<<50 && (lowest == 0 || n < lowest) {
				lowest = n
			}
			if at == "/" {
				break
			}
		}
	}
	return lowest
}
