package messagefile

import (
	"bytes"
	"compress/bzip2"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

func compressed(t testing.TB, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := newBzip2Writer(&out)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	back, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(out.Bytes())))
	if err != nil || !bytes.Equal(back, text) {
		t.Fatalf("%d bytes came back as %d, error %v", len(text), len(back), err)
	}
	return out.Bytes()
}

func TestBzip2(t *testing.T) {
	random := make([]byte, 100_000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	skewed := make([]byte, 0, 1<<16)
	for i := range 16 { // uses that double would make codes too long
		skewed = append(skewed, bytes.Repeat([]byte{byte(i)}, 1<<i)...)
	}
	r.Shuffle(len(skewed), func(i, j int) { skewed[i], skewed[j] = skewed[j], skewed[i] })
	for name, text := range map[string][]byte{
		"nothing": nil, "one byte": {7}, "three": []byte("aaa"), "four": []byte("aaaa"), "a run of 255": bytes.Repeat([]byte{1}, 255),
		"a long run": bytes.Repeat([]byte{0}, 1_000_000), "periodic": bytes.Repeat([]byte("abc"), 5000), "random": random, "skewed": skewed,
		"several blocks": []byte(strings.Repeat("MSH|^~\\&|LAB|", 10_000) + string(bytes.Repeat(random, 8))),
	} {
		t.Run(name, func(t *testing.T) { compressed(t, text) })
	}
	if n := len(compressed(t, []byte(strings.Repeat("the same again ", 10_000)))); n > 2000 {
		t.Errorf("150 KB of one sentence are still %d bytes", n)
	}
}

func FuzzBzip2(f *testing.F) {
	f.Add([]byte("banana"))
	f.Fuzz(func(t *testing.T, text []byte) { compressed(t, text) })
}
