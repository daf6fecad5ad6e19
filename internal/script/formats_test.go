package script_test

import "testing"

func TestDateTimeFormatterBuilder(t *testing.T) {
	const p = `var J = java.time, F = J.format, C = J.temporal.ChronoField, b = new F.DateTimeFormatterBuilder(), t = J.LocalDateTime.of(2024, 3, 9, 5, 7, 8, 120000000); `
	check(t, [][2]string{
		{p + "return t.format(b.appendPattern('yyyy/MM/dd').appendLiteral('T').appendValue(C.HOUR_OF_DAY, 2).appendLiteral(':').appendValue(C.MINUTE_OF_HOUR).toFormatter())", "2024/03/09T05:7"},
		{p + "return t.format(b.append(F.DateTimeFormatter.ISO_LOCAL_DATE).appendLiteral(' ').append(F.DateTimeFormatter.ISO_LOCAL_TIME).toFormatter())", "2024-03-09 05:07:08.12"},
		{p + "return t.format(b.appendPattern('HHmmss').appendFraction(C.NANO_OF_SECOND, 3, 6, true).toFormatter()) + t.withNano(0).format(new F.DateTimeFormatterBuilder().appendPattern('ss').appendFraction(C.NANO_OF_SECOND, 0, 9, true).toFormatter())", "050708.12008"},
		{p + "var f = b.appendPattern('yyyyMMddHHmmss').appendValue(C.MILLI_OF_SECOND, 3).toFormatter(); return t.format(f) + ' ' + J.LocalDateTime.parse('20240309050708123', f)", "20240309050708120 2024-03-09T05:07:08.123"},
		{p + "return J.LocalDateTime.parse('20240309', b.appendPattern('yyyyMMdd[HHmm]').parseDefaulting(C.HOUR_OF_DAY, 0).parseDefaulting(C.MINUTE_OF_HOUR, 0).toFormatter())", "2024-03-09T00:00"},
		{p + "return J.LocalDate.parse('202403', b.appendPattern('yyyyMM').parseDefaulting(C.DAY_OF_MONTH, 1).toFormatter())", "2024-03-01"},
		{p + "return J.LocalDate.parse('09-mar-2024', b.parseCaseInsensitive().appendPattern('dd-MMM-yyyy').toFormatter(java.util.Locale.ENGLISH))", "2024-03-09"},
		{p + "var f = b.appendPattern('yyyyMMdd').appendOptional(F.DateTimeFormatter.ofPattern('HHmm')).optionalStart().appendLiteral('Z').optionalEnd().parseDefaulting(C.HOUR_OF_DAY, 12).toFormatter(); return J.LocalDateTime.parse('202403090102', f) + ' ' + J.LocalDateTime.parse('20240309Z', f)", "2024-03-09T01:02 2024-03-09T12:00"},
		{p + "var f = b.append(F.DateTimeFormatter.ISO_LOCAL_DATE_TIME).appendOffsetId().toFormatter(); return J.OffsetDateTime.parse('2024-03-09t05:07:08.5+01:00', f) + ' ' + J.OffsetDateTime.parse('2024-03-09T05:07Z', f)", "2024-03-09T05:07:08.500+01:00 2024-03-09T05:07Z"},
		{p + "return t.atOffset(J.ZoneOffset.ofHours(2)).format(b.appendText(C.MONTH_OF_YEAR, F.TextStyle.SHORT).appendLiteral(' ').appendText(C.DAY_OF_WEEK).appendOffset('+HHMM', 'Z').toFormatter())", "Mar Saturday+0200"},
		{thrown("new java.time.format.DateTimeFormatterBuilder().optionalEnd()"), "java.lang.IllegalStateException: Cannot call optionalEnd() as there was no previous call to optionalStart()"},
		{thrown("java.time.LocalDate.parse('2024-3', new java.time.format.DateTimeFormatterBuilder().appendPattern('yyyy-MM').parseDefaulting(java.time.temporal.ChronoField.DAY_OF_MONTH, 1).toFormatter())"), "java.time.format.DateTimeParseException: Text '2024-3' could not be parsed at index 5"},
	})
}

func TestCurrencyAndCollator(t *testing.T) {
	const p = `var C = java.util.Currency, L = java.util.Locale, N = java.text.NumberFormat; `
	check(t, [][2]string{
		{p + "return [C.getInstance('EUR'), C.getInstance(L.US), C.getInstance('JPY').getDefaultFractionDigits(), C.getInstance('USD').getSymbol(), C.getInstance('EUR').getSymbol(L.GERMANY), C.getInstance('CHF').getSymbol(), C.getInstance('GBP').displayName, C.getInstance('USD').numericCode].join()", "EUR,USD,0,$,€,CHF,British Pound,840"},
		{p + "var f = N.getCurrencyInstance(L.US); f.setCurrency(C.getInstance('EUR')); return f.format(1.5) + f.getCurrency()", "€1.50EUR"},
		{p + "return N.getPercentInstance().format(0.256) + N.getPercentInstance(L.GERMANY).format(0.256)", "26%26\u00a0%"},
		{thrown("java.util.Currency.getInstance('nope')"), "java.lang.IllegalArgumentException: null"},
		{"var l = new java.util.ArrayList(java.util.Arrays.asList('zebra', 'Émile', 'apple', 'emile', 'Apple', 'é', 'eb')); java.util.Collections.sort(l, java.text.Collator.getInstance()); return l.toString()", "[apple, Apple, é, eb, emile, Émile, zebra]"},
		{"var k = java.text.Collator.getInstance(java.util.Locale.US); k.setStrength(java.text.Collator.PRIMARY); return [k.compare('Jose', 'JOSÉ'), k.equals('a b', 'AB'), k.compare('a', 'b')].join()", "0,true,-1"},
		{"var L = java.util.Locale; return L.GERMANY.getLanguage() + L.GERMANY.getCountry() + L.US.toLanguageTag() + L.forLanguageTag('fr-CA').getCountry()", "deDEen-USCA"},
	})
}

func TestInflate(t *testing.T) {
	const p = `var Z = java.util.zip, B = function (s) { return new java.lang.String(s).getBytes('UTF-8') }, A = function (n) { return java.lang.reflect.Array.newInstance(java.lang.Byte.TYPE, n) };
		function pack(b, raw) { var d = new Z.Deflater(Z.Deflater.BEST_COMPRESSION, !!raw), o = new java.io.ByteArrayOutputStream(), buf = A(7), n; d.setInput(b); d.finish(); while (!d.finished()) { n = d.deflate(buf); o.write(buf, 0, n) } d.end(); return o.toByteArray() }
		function unpack(b, raw) { var i = new Z.Inflater(!!raw), o = new java.io.ByteArrayOutputStream(), buf = A(5), n; i.setInput(b); while (!i.finished()) { n = i.inflate(buf); if (n == 0 && i.needsInput()) throw 'short'; o.write(buf, 0, n) } i.end(); return new java.lang.String(o.toByteArray(), 'UTF-8') } `
	check(t, [][2]string{
		{p + "return unpack(pack(B('Önder Önder Önder Önder'))) + unpack(pack(B('x'), true), true)", "Önder Önder Önder Önderx"},
		{p + "return unpack(FileUtil.decode('eJzLSM3JyVcozy/KSQEAGgsEXQ=='))", "hello world"},
		{p + "var b = pack(B('hello world hello world')), i = new Z.Inflater(), buf = A(100); i.setInput(b, 0, 10); var n = i.inflate(buf); var short_ = i.needsInput(); i.setInput(b, 10, b.length - 10); var m = i.inflate(buf, n, 100 - n); return short_ + ',' + new java.lang.String(buf, 0, n + m) + i.finished() + i.getTotalOut() + i.getRemaining()", "true,hello world hello worldtrue230"},
		{p + "try { var i = new Z.Inflater(); i.setInput(B('no zlib at all')); i.inflate(A(5)) } catch (e) { return e.javaException.getClass().getName() }", "java.util.zip.DataFormatException"},
		{p + "var d = new Z.Deflater(); d.setInput(B('abc')); d.finish(); d.deflate(A(100)); return [d.getTotalIn(), d.finished(), d.needsInput()].join()", "3,true,true"},
	})
}

func TestJSONXML(t *testing.T) {
	const p = `var X = Packages.org.json.XML; `
	check(t, [][2]string{
		{p + `var o = X.toJSONObject('<r a="1"><x>1</x><x>true</x><id>007</id><n>1.50</n><e/><t k="v">text</t><c><![CDATA[<1>]]></c></r>').getJSONObject('r');
			return [o.get('a'), o.get('x'), o.get('id'), o.get('n'), o.get('e') == '', o.getJSONObject('t').get('content'), o.get('c')].join('|')`, "1|[1,true]|007|1.50|true|text|<1>"},
		{p + `return X.toJSONObject('<a>5</a>', true).get('a').getClass().getSimpleName() + X.toJSONObject('<a>5</a>').get('a').getClass().getSimpleName()`, "StringInteger"},
		{p + `return X.toJSONObject('<a>x<b/>y</a>').toString()`, `{"a":{"b":"","content":["x","y"]}}`},
		{p + `return X.toString(new Packages.org.json.JSONObject('{"a":{"b":[1,"<"],"content":"t","c":""}}')) + X.toString(new Packages.org.json.JSONArray('[1,2]'), 'n')`, "<a><b>1</b><b>&lt;</b><c/>t</a><n>1</n><n>2</n>"},
		{p + `try { X.toJSONObject('<a>') } catch (e) { return e.javaException.getClass().getName() }`, "org.json.JSONException"},
	})
}

func TestByteBuffer(t *testing.T) {
	const p = `var N = java.nio, B = N.ByteBuffer, hex = function (b) { return String(Packages.org.apache.commons.codec.binary.Hex.encodeHexString(b)) }; `
	check(t, [][2]string{
		{p + "var b = B.allocate(15); b.putInt(258).putShort(-1).put(7).order(N.ByteOrder.LITTLE_ENDIAN).putDouble(1); return hex(b.array()) + b.hasRemaining()", "00000102ffff07000000000000f03ffalse"},
		{p + "var b = B.wrap(new java.lang.String('abcdef').getBytes()); var s = b.get() + ',' + b.getShort() + ',' + b.position() + ',' + b.get(0) + ',' + b.remaining(); b.rewind(); return s + b.getInt()", "97,25187,3,97,31633837924"},
		{p + "var b = B.allocate(8); b.putInt(1).flip(); return b.limit() + ',' + b.getInt() + ',' + b.hasRemaining() + b.order()", "4,1,falseBIG_ENDIAN"},
		{p + "var u = java.util.UUID.fromString('00112233-4455-6677-8899-aabbccddeeff'); return hex(B.wrap(B.allocate(16).array()).putLong(java.lang.Long.valueOf('4822678189205111')).array())", "0011223344556677" + "0000000000000000"},
		{p + "try { B.allocate(1).putInt(1) } catch (e) { return e.javaException.getClass().getName() }", "java.nio.BufferOverflowException"},
		{p + "try { B.allocate(1).getInt() } catch (e) { return e.javaException.getClass().getName() }", "java.nio.BufferUnderflowException"},
		{p + "try { B.allocate(1).get(-1) } catch (e) { return e.javaException.getClass().getName() }", "java.lang.IndexOutOfBoundsException"},
		{p + "try { B.allocate(2000000000) } catch (e) { return e.javaException.getClass().getName() }", "java.lang.OutOfMemoryError"},
	})
}
