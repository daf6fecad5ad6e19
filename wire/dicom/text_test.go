package dicom

import "testing"

func TestFloats(t *testing.T) {
	for _, c := range []struct {
		f    float64
		bits int
		want string
	}{
		{1, 64, "1.0"}, {0, 64, "0.0"}, {-0.001, 64, "-0.001"}, {1e7, 64, "1.0E7"}, {1234567.5, 64, "1234567.5"}, {1e-5, 64, "1.0E-5"},
		{1.5e300, 64, "1.5E300"}, {float64(float32(0.1)), 32, "0.1"},
	} {
		if got := javaFloat(c.f, c.bits); got != c.want {
			t.Errorf("javaFloat(%v) = %s, want %s", c.f, got, c.want)
		}
	}
}
