package script_test

import "testing"

// TestDecimalFormat holds what DecimalFormat gives in Java 17, locale en_US.
func TestDecimalFormat(t *testing.T) {
	const df = "var f = function (p, n) { return String(new java.text.DecimalFormat(p).format(n)) }; "
	check(t, [][2]string{
		{df + "return [f('#.##', 0.25), f('#.00', 0.25), f('0.##', 5), f('#', 0), f('.##', 0.5), f('0.', 3), f('', 1.5)].join(' ')", "0.25 .25 5 0 .5 3. 1.5"},
		{df + "return [f('0.00', 1.005), f('0.00', 1.015), f('0.00', 0.125), f('0.00', 0.375), f('0', 2.5), f('0', 3.5)].join(' ')", "1.00 1.01 0.12 0.38 2 4"},
		{df + "return [f('#,##0.00', 1234567.891), f('#,##,##0', 1234567), f('#,####', 12345678)].join(' ')", "1,234,567.89 1,234,567 1234,5678"},
		{df + "return [f('0.00', -1.5), f('0.00;(0.00)', -1.5), f('0.00;0.00', -1.5), f('0.0', -0.01), f('0', -0.4)].join(' ')", "-1.50 (1.50) -1.50 -0.0 -0"},
		{df + "return [f('0.0%', 0.1234), f('0‰', 0.0125), f(\"'#'0\", 7), f(\"0 'o''clock'\", 7), f('¤0.00', 2), f('¤¤ 0', 2)].join('|')", "12.3%|12‰|#7|7 o'clock|$2.00|USD 2"},
		{df + "return [f('0.###E0', 12345), f('00.###E0', 0.00123), f('##0.#####E0', 12345), f('0E00', 1500), f('0.0E0', 0)].join(' ')", "1.234E4 12.3E-4 12.345E3 2E03 0.0E0"},
		{df + "return [f('0', Infinity), f('0', -Infinity), f('0', NaN), f('0', new java.math.BigDecimal('12345678901234567890'))].join(' ')", "∞ -∞ NaN 12345678901234567890"},
		{"var s = '', f = new java.text.DecimalFormat('0.0'); for each (var m in ['UP', 'DOWN', 'CEILING', 'FLOOR', 'HALF_UP', 'HALF_DOWN', 'HALF_EVEN']) { f.setRoundingMode(java.math.RoundingMode[m]); s += f.format(0.25) + f.format(-0.25) + ' ' } return s",
			"0.3-0.3 0.2-0.2 0.3-0.2 0.2-0.3 0.3-0.3 0.2-0.2 0.2-0.2 "},
		{"var f = new java.text.DecimalFormat('0.0'); f.setRoundingMode(java.math.RoundingMode.UP); return f.format(0.1)", "0.1"},
		{"var f = new java.text.DecimalFormat('#,##0.###'); f.setMinimumFractionDigits(2); f.setMinimumIntegerDigits(6); f.setGroupingUsed(false); return f.format(12.3)", "000012.30"},
		{"var f = new java.text.DecimalFormat('0.00'); f.setMaximumIntegerDigits(2); return f.format(1234.5) + f.getMinimumIntegerDigits()", "34.501"},
		{"return ['#.##', '#,###.00', '0.00;(0.00)', '0.###E0'].map(function (p) { return new java.text.DecimalFormat(p).toPattern() }).join(' ')", "#0.## #,###.00 #0.00;(#0.00) 0.###E0"},
		{"var N = java.text.NumberFormat; return [N.getInstance().format(1234.5678), N.getIntegerInstance().format(2.5), N.getPercentInstance().format(0.256), N.getCurrencyInstance().format(-1234.5)].join(' ')", "1,234.568 2 26% -$1,234.50"},
		{"var N = java.text.NumberFormat, G = java.util.Locale.GERMANY; return N.getInstance(G).format(1234.5) + ' ' + N.getCurrencyInstance(G).format(1234.5)", "1.234,5 1.234,50\u00a0€"},
		{"var s = new java.text.DecimalFormatSymbols(java.util.Locale.US); s.setDecimalSeparator(','); s.setGroupingSeparator('.'); return new java.text.DecimalFormat('#,##0.00', s).format(1234.5)", "1.234,50"},
		{"var f = new java.text.DecimalFormat('#,##0.00'), k = function (s) { var n = f.parse(s); return n.getClass().getSimpleName() + n.toString() }; return [k('1,234'), k('1,234.50'), k('-7'), k('12abc'), k('1E3'), k('-0'), k('12.0')].join(' ')",
			"Long1234 Double1234.5 Long-7 Long12 Long1000 Double-0.0 Long12"},
		{"return new java.text.DecimalFormat('0.0;(0.0)').parse('(1.5)') + ' ' + new java.text.DecimalFormat('0%').parse('45%') + ' ' + java.text.NumberFormat.getIntegerInstance().parse('4.7')", "-1.5 0.45 4"},
		{"var p = new java.text.ParsePosition(2), n = new java.text.DecimalFormat('0').parse('ab12cd', p); return n + ' ' + p.getIndex() + ' ' + p.getErrorIndex()", "12 4 -1"},
		{"var p = new java.text.ParsePosition(0), n = new java.text.DecimalFormat('0').parse('ab', p); return n + ' ' + p.getIndex() + ' ' + p.getErrorIndex()", "null 0 0"},
		{"var f = new java.text.DecimalFormat('0.0'); f.setParseBigDecimal(true); return f.parse('1.10').getClass().getName() + f.parse('1.10').toString()", "java.math.BigDecimal1.10"},

		{thrown("new java.text.DecimalFormat('0').parse('x')"), `java.text.ParseException: Unparseable number: "x"`},
		{thrown("new java.text.DecimalFormat('0').format('x')"), "java.lang.IllegalArgumentException: Cannot format given Object as a Number"},
		{thrown("new java.text.DecimalFormat('0.0.0')"), `java.lang.IllegalArgumentException: Multiple decimal separators in pattern "0.0.0"`},
		{thrown("new java.text.DecimalFormat('0#0')"), `java.lang.IllegalArgumentException: Unexpected '0' in pattern "0#0"`},
		{thrown("new java.text.DecimalFormat('0,')"), `java.lang.IllegalArgumentException: Malformed pattern "0,"`},
		{thrown("var f = new java.text.DecimalFormat('0'); f.setRoundingMode(java.math.RoundingMode.UNNECESSARY); f.format(1.5)"),
			"java.lang.ArithmeticException: Rounding needed with the rounding mode being set to RoundingMode.UNNECESSARY"},
	})
}

// TestMessageFormat holds what MessageFormat and ChoiceFormat give.
func TestMessageFormat(t *testing.T) {
	inUTC(t)
	check(t, [][2]string{
		{"return java.text.MessageFormat.format('{0} has {1} of {2}, {5}', 'A', 1234.5, null)", "A has 1,234.5 of null, {5}"},
		{`return java.text.MessageFormat.format("it''s '{0}' {0}", 'x')`, "it's {0} x"},
		{"return new java.text.MessageFormat('{1}-{0}').format(['a', 'b'])", "b-a"},
		{"return java.text.MessageFormat.format('{0,number,0.00} {0,number,integer} {1,number,percent}', 3.14159, 0.5)", "3.14 3 50%"},
		{"return java.text.MessageFormat.format('{0,date,yyyy-MM-dd} {0,date} {0,time,short} {0,date,full}', new java.util.Date(0))", "1970-01-01 Jan 1, 1970 12:00 AM Thursday, January 1, 1970"},
		{"return java.text.MessageFormat.format('{0}', new java.util.Date(0))", "1/1/70, 12:00 AM"},
		{"var p = '{0,choice,0#no files|1#one file|1<{0} files}'; return [0, 1, 1200].map(function (n) { return java.text.MessageFormat.format(p, n) }).join()", "no files,one file,1,200 files"},
		{"var f = new java.text.ChoiceFormat('0#a|1#b|2<c'); return [-1, 0.5, 1, 2, 2.1].map(function (n) { return f.format(n) }).join('')", "aabbc"},
		{thrown("java.text.MessageFormat.format('{0', 'x')"), "java.lang.IllegalArgumentException: Unmatched braces in the pattern."},
		{thrown("java.text.MessageFormat.format('{x}', 'x')"), "java.lang.IllegalArgumentException: can't parse argument number: x"},
	})
}

// TestDateFormat holds the styles of DateFormat, and positions in what is parsed.
func TestDateFormat(t *testing.T) {
	inUTC(t)
	const d = "var D = java.text.DateFormat, t = new java.util.Date(0); "
	check(t, [][2]string{
		{d + "return [D.FULL, D.LONG, D.MEDIUM, D.SHORT].map(function (s) { return D.getDateInstance(s).format(t) }).join('|')", "Thursday, January 1, 1970|January 1, 1970|Jan 1, 1970|1/1/70"},
		{d + "return [D.MEDIUM, D.SHORT].map(function (s) { return D.getTimeInstance(s).format(t) }).join('|')", "12:00:00 AM|12:00 AM"},
		{d + "return D.getInstance().format(t) + '|' + D.getDateTimeInstance().format(t) + '|' + D.getDateTimeInstance(D.LONG, D.SHORT).format(t)", "1/1/70, 12:00 AM|Jan 1, 1970, 12:00:00 AM|January 1, 1970 at 12:00 AM"},
		{d + "return new java.text.SimpleDateFormat('yyyy') instanceof D", "true"},
		{"var p = new java.text.ParsePosition(2), d = new java.text.SimpleDateFormat('yyyy-MM-dd').parse('é:2024-02-03 x', p); return d.getTime() + ' ' + p.getIndex() + ' ' + p.getErrorIndex()", "1706918400000 12 -1"},
		{"var p = new java.text.ParsePosition(0), d = new java.text.SimpleDateFormat('yyyy-MM-dd').parse('2024/02', p); return d + ' ' + p.getIndex() + ' ' + p.getErrorIndex()", "null 0 4"},
		{"var f = new java.text.SimpleDateFormat('yyyyMMdd'); f.setLenient(false); return f.parse('20240230', new java.text.ParsePosition(0)) + '' + f.isLenient()", "nullfalse"},
		{thrown("java.text.DateFormat.getDateInstance(9)"), "java.lang.IllegalArgumentException: Illegal date style 9"},
		{"try { new com.google.gson.Gson() } catch (e) { return e.message }", "Java class com.google.gson.Gson is not available in Weir. Use JSON.parse and JSON.stringify."},
		{"try { javax.xml.parsers.SAXParserFactory.newInstance() } catch (e) { return e.message }", "Java class javax.xml.parsers.SAXParserFactory is not available in Weir. Read it with new XML(text) and E4X, or with DocumentBuilder."},
	})
}
