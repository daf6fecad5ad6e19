package velocity

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// JavaDouble returns f as Double.toString of Java 19 and later does: the
// shortest digits that stand for f, with at least one behind the point, and in
// scientific notation below 0.001 and from ten million on: 1.0, 0.5, 1.0E10,
// 1.0E-4, NaN, Infinity.
func JavaDouble(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	if abs := math.Abs(f); abs == 0 || abs >= 1e-3 && abs < 1e7 {
		s := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	if !strings.Contains(mantissa, ".") {
		// Java has two digits at least, and those nearest to f: 4.9E-324.
		mantissa, exponent, _ = strings.Cut(strconv.FormatFloat(f, 'e', 1, 64), "e")
	}
	sign := ""
	if exponent[0] == '-' {
		sign = "-"
	}
	return mantissa + "E" + sign + strings.TrimLeft(exponent[1:], "0")
}

func float(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

// maxNumber is the longest text that is looked at as a number.
const maxNumber = 400

// parseNumber reads a text that is a decimal number and nothing else.
func parseNumber(s string) (any, bool) {
	if !isNumber(s) {
		return nil, false
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

func isNumber(s string) bool {
	if len(s) > maxNumber {
		return false
	}
	s = strings.TrimLeft(s, "+-")
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(s), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if !allDigits(whole) || !allDigits(fraction) || whole+fraction == "" {
		return false
	}
	if !hasExponent {
		return true
	}
	exponent = strings.TrimLeft(exponent, "+-")
	return exponent != "" && len(exponent) < 4 && allDigits(exponent)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// compareNumbers compares exactly, however long the texts are: two identifiers
// of twenty digits that differ in the last are not equal.
func compareNumbers(left, right any) (int, bool) {
	a, ok1 := exact(left)
	b, ok2 := exact(right)
	if !ok1 || !ok2 {
		return 0, false
	}
	return a.Cmp(b), true
}

func exact(v any) (*big.Rat, bool) {
	switch v := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(v), true
	case float64:
		r := new(big.Rat).SetFloat64(v)
		return r, r != nil
	case string:
		if isNumber(v) {
			return new(big.Rat).SetString(v)
		}
	}
	return nil, false
}
