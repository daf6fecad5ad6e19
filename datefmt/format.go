package datefmt

import "time"

// Format returns t as text, in t's own zone.
func (f *Format) Format(t time.Time) string {
	return string(f.AppendFormat(make([]byte, 0, len(f.pattern)+16), t))
}

// AppendFormat appends to dst what Format returns. It allocates only if dst is
// too short.
func (f *Format) AppendFormat(dst []byte, t time.Time) []byte {
	m := momentOf(t)
	for i := range f.pieces {
		p := &f.pieces[i]
		if p.letter == 0 {
			dst = append(dst, p.literal...)
			continue
		}
		dst = p.append(dst, &m, t)
	}
	return dst
}

func (p *piece) append(dst []byte, m *moment, t time.Time) []byte {
	switch p.letter {
	case 'y':
		return appendYear(dst, m.yearOfEra(), p.count)
	case 'Y':
		return appendYear(dst, m.weekYear(), p.count)
	case 'M', 'L':
		return appendName(dst, p, monthNames[m.month-1], m.month)
	case 'd':
		return appendNumber(dst, m.day, p.count)
	case 'H':
		return appendNumber(dst, m.hour, p.count)
	case 'k':
		return appendNumber(dst, orElse(m.hour, 24), p.count)
	case 'K':
		return appendNumber(dst, m.hour%12, p.count)
	case 'h':
		return appendNumber(dst, orElse(m.hour%12, 12), p.count)
	case 'm':
		return appendNumber(dst, m.minute, p.count)
	case 's':
		return appendNumber(dst, m.second, p.count)
	case 'S':
		return appendNumber(dst, m.milli, p.count)
	case 'E':
		if p.count >= 4 {
			return append(dst, dayNames[m.weekday()]...)
		}
		return append(dst, dayNames[m.weekday()][:3]...)
	case 'u':
		return appendNumber(dst, orElse(m.weekday(), 7), p.count)
	case 'a':
		return append(dst, amPM[m.hour/12]...)
	case 'G':
		return append(dst, eras[m.era()]...)
	case 'D':
		return appendNumber(dst, m.yearDay(), p.count)
	case 'F':
		return appendNumber(dst, (m.day-1)/7+1, p.count)
	case 'w':
		return appendNumber(dst, m.weekOfYear(), p.count)
	case 'W':
		return appendNumber(dst, m.weekOfMonth(), p.count)
	case 'z':
		return appendZoneName(dst, t, p.count >= 4)
	}
	_, offset := zoneAt(t)
	if p.letter == 'X' {
		if offset == 0 {
			return append(dst, 'Z')
		}
		return appendOffset(dst, offset, p.count > 1, p.count == 3)
	}
	return appendOffset(dst, offset, true, false) // 'Z'
}

// appendYear cuts the year to two digits for "yy" only; "y" and "yyy" are the
// full year.
func appendYear(dst []byte, year, count int) []byte {
	if count == 2 {
		year %= 100
	}
	return appendNumber(dst, year, count)
}

func appendName(dst []byte, p *piece, name string, number int) []byte {
	switch {
	case p.count <= 2:
		return appendNumber(dst, number, p.count)
	case p.count == 3:
		return append(dst, name[:3]...)
	}
	return append(dst, name...)
}

func appendNumber(dst []byte, n, width int) []byte {
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	switch { // the widths of an HL7 timestamp
	case width == 2 && n < 100:
		return append(dst, byte('0'+n/10), byte('0'+n%10))
	case width == 3 && n < 1000:
		return append(dst, byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
	case width == 4 && n < 10000:
		return append(dst, byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	}
	digits := 1
	for rest := n / 10; rest > 0; rest /= 10 {
		digits++
	}
	for ; width > digits; width-- {
		dst = append(dst, '0')
	}
	for range digits {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; digits > 0; i, digits = i-1, digits-1 {
		dst[i], n = byte('0'+n%10), n/10
	}
	return dst
}

// appendOffset writes seconds east of UTC as +hh, +hhmm or +hh:mm.
func appendOffset(dst []byte, seconds int, minutes, colon bool) []byte {
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	dst = appendNumber(append(dst, sign), seconds/3600, 2)
	if !minutes {
		return dst
	}
	if colon {
		dst = append(dst, ':')
	}
	return appendNumber(dst, seconds/60%60, 2)
}

func orElse(n, ifZero int) int {
	if n == 0 {
		return ifZero
	}
	return n
}
