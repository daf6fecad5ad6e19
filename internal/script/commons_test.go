package script_test

import "testing"

// TestCommons holds examples of the documentation of commons lang and codec.
func TestCommons(t *testing.T) {
	inUTC(t)
	const p = "var S = org.apache.commons.lang3.StringUtils, E = org.apache.commons.lang3.StringEscapeUtils; "
	check(t, [][2]string{
		{p + "return [S.split('a..b.c', '.').length, S.split(' a  b ').length, S.split('a.b.c', '.', 2)[1], S.splitPreserveAllTokens('a,,b', ',').length, S.splitByWholeSeparator('ab-!-cd-!-ef', '-!-')[2], S.splitByCharacterTypeCamelCase('fooBarXML200')[2]].join()", "3,2,b.c,3,ef,XML"},
		{p + "return [S.isAnyBlank('a', ' '), S.isNoneBlank('a', 'b'), S.isAllEmpty('', null), S.isAllUpperCase('AB'), S.isMixedCase('aB'), S.isAlphaSpace('a b')].join()", "true,true,true,true,true,true"},
		{p + "return [S.abbreviate('Now is the time', 10), S.swapCase('aB'), S.overlay('abcdef', 'zz', 2, 4), S.chop('abc'), S.reverseDelimited('a.b.c', '.'), S.rotate('abcdef', 2)].join()", "Now is ...,Ab,abzzef,ab,c.b.a,efabcd"},
		{p + "return [S.replaceEach('abcde', ['ab', 'd'], ['w', 't']), S.replaceChars('hello', 'hl', 'j'), S.replaceIgnoreCase('aBcAb', 'AB', 'x'), S.getDigits('1-2a3'), S.wrap('a', '\"'), S.appendIfMissing('a', '.'), S.removeStartIgnoreCase('ABc', 'ab')].join()", "wcte,jeo,xcx,123,\"a\",a.,c"},
		{p + "return [S.equalsAny('a', 'b', 'a'), S.startsWithAny('abc', 'x', 'ab'), S.containsAny('abc', 'xc'), S.containsNone('abc', 'x'), S.getLevenshteinDistance('elephant', 'hippo'), S.ordinalIndexOf('aabaab', 'a', 3), S.difference('abc', 'abd'), S.indexOf('abcb', 'b', 2)].join()", "true,true,true,true,7,3,d,3"},
		{p + "return [S.join(['a', null, 'b'], ','), S.joinWith('-', 'a', 'b'), S.join('a', 'b'), S.firstNonBlank(' ', 'x'), S.substringsBetween('[a][b]', '[', ']').length, S.stripAccents('éàü'), S.EMPTY.length()].join('|')", "a,,b|a-b|ab|x|2|eau|0"},
		{p + "return E.escapeJava('a/\"\\n') + E.escapeEcmaScript(\"it's\") + E.unescapeJava('\\\\u0041\\\\n') + E.escapeHtml4('<é>') + E.unescapeXml('&lt;&#65;&amp;') + E.escapeCsv('a,b') + E.unescapeCsv('\"a,b\"')", "a/\\\"\\nit\\'sA\n&lt;&eacute;&gt;<A&\"a,b\"a,b"},
		{"var N = org.apache.commons.lang3.math.NumberUtils; return [N.isCreatable('0x1F'), N.isCreatable('1e5'), N.isCreatable('x'), N.isParsable('1.'), N.isDigits('12'), N.toInt('x', 7), N.max(1, 3, 2), N.createNumber('12')].join()", "true,true,false,false,true,7,3,12"},
		{"var B = org.apache.commons.lang3.BooleanUtils; return [B.toBoolean('yes'), B.toBooleanObject('maybe'), B.toStringYesNo(true), B.isNotTrue(null)].join()", "true,,yes,true"},
		{"var A = org.apache.commons.lang3.ArrayUtils; return [A.toString(A.remove(['a', 'b'], 0)), A.toString(A.removeElement(['a', 'b'], 'b')), A.isNotEmpty(['a']), A.contains(['a'], 'a')].join()", "{b},{a},true,true"},
		{"var R = org.apache.commons.lang3.RandomStringUtils; return R.randomNumeric(5).matches('\\\\d{5}') + ',' + R.randomAlphabetic(4).matches('[a-zA-Z]{4}') + ',' + R.random(3, 'x')", "true,true,xxx"},
		{"var W = org.apache.commons.lang3.text.WordUtils; return W.capitalizeFully('i am FINE') + W.initials('Ben John').length() + W.wrap('aa bb cc', 5)", "I Am Fine3aa bb\ncc"},
		{"var D = org.apache.commons.lang3.time.DateUtils, d = new java.util.Date(0); return D.addMonths(d, 1).getTime() + ' ' + D.truncate(new java.util.Date(90000000), java.util.Calendar.DAY_OF_MONTH).getTime() + ' ' + D.isSameDay(d, D.addHours(d, 5)) + ' ' + D.parseDate('02.01.1970', ['yyyyMMdd', 'dd.MM.yyyy']).getTime()", "2678400000 86400000 true 86400000"},
		{"return org.apache.commons.lang3.time.DateFormatUtils.format(new Date(0), 'yyyy') + org.apache.commons.lang3.time.FastDateFormat.getInstance('yyyyMMdd').format(new Date(0)) + org.apache.commons.lang3.time.DateFormatUtils.ISO_DATE_FORMAT.format(new java.util.Date(0))", "1970197001011970-01-01"},
		{"var H = org.apache.commons.codec.binary.Hex; return H.encodeHexString(H.decodeHex('00ff')) + org.apache.commons.codec.digest.DigestUtils.md5Hex('a') + org.apache.commons.lang.StringUtils.capitalize('x')", "00ff0cc175b9c0f1b6a831c399e269772661X"},
		{thrown("org.apache.commons.codec.binary.Hex.decodeHex('abc')"), "org.apache.commons.codec.DecoderException: Odd number of characters."},
		{thrown("org.apache.commons.codec.binary.Hex.decodeHex('zz')"), "org.apache.commons.codec.DecoderException: Illegal hexadecimal character z at index 0"},
	})
}
