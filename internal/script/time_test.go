package script_test

import (
	"testing"
	"time"
)

// inUTC has a test run with the server in UTC.
func inUTC(t *testing.T) {
	zone := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = zone })
}

// thrown is a body that returns the class and message of the Java exception that
// code throws.
func thrown(code string) string {
	return "try { " + code + " } catch (e) { return e.javaException.getClass().getName() + ': ' + e.javaException.getMessage() }"
}

// TestJavaTime holds values that the documentation of java.time gives or that
// follow from it.
func TestJavaTime(t *testing.T) {
	inUTC(t)
	const p = "var J = java.time, F = java.time.format.DateTimeFormatter, U = java.time.temporal.ChronoUnit; "
	check(t, [][2]string{
		{p + "return J.LocalDate.of(2024, 1, 31).plusMonths(1) + ' ' + J.LocalDate.parse('2024-02-29').minusYears(1)", "2024-02-29 2023-02-28"},
		{p + "return J.LocalDate.of(2024, J.Month.FEBRUARY, 1).lengthOfMonth() + ' ' + J.LocalDate.of(2024, 2, 1).getMonth() + J.LocalDate.of(2024, 2, 1).dayOfWeek", "29 FEBRUARYTHURSDAY"},
		{p + "return J.LocalDate.of(2024, 3, 1).getMonth() == J.Month.MARCH && J.LocalDate.of(2024, 3, 1).getDayOfWeek().getValue() == 5", "true"},
		{p + "return J.LocalDateTime.of(2024, 1, 2, 3, 4) + ' ' + J.LocalDateTime.of(2024, 1, 2, 3, 4, 5) + ' ' + J.LocalDateTime.of(2024, 1, 2, 3, 4, 5, 6000000)",
			"2024-01-02T03:04 2024-01-02T03:04:05 2024-01-02T03:04:05.006"},
		{p + "return J.LocalDateTime.parse('2024-01-02T03:04:05.123456').format(F.ofPattern('yyyyMMddHHmmssSSS'))", "20240102030405123"},
		{p + "return J.LocalDateTime.parse('20240102030405123', F.ofPattern('yyyyMMddHHmmssSSS'))", "2024-01-02T03:04:05.123"},
		{p + "return J.LocalDate.parse('02/01/2024', F.ofPattern('dd/MM/yyyy')) + J.LocalDate.parse('Jan 2, 2024', F.ofPattern('MMM d, yyyy'))", "2024-01-022024-01-02"},
		{p + "return J.LocalDate.parse('20240230', F.ofPattern('yyyyMMdd'))", "2024-02-29"},
		{p + "return J.LocalDateTime.of(2024, 1, 2, 15, 4).format(F.ofPattern(\"EEEE, MMMM d, yyyy 'at' h:mm a\"))", "Tuesday, January 2, 2024 at 3:04 PM"},
		{p + "return J.LocalDateTime.parse('20240102 0304', F.ofPattern('yyyyMMdd HHmm[ss]'))", "2024-01-02T03:04"},
		{p + "return J.LocalDate.of(2024, 1, 2).format(F.ISO_DATE) + J.LocalDate.of(2024, 1, 2).format(F.BASIC_ISO_DATE) + F.ofPattern('QQQ D').format(J.LocalDate.of(2024, 4, 9))", "2024-01-0220240102Q2 100"},
		{p + "return J.ZonedDateTime.of(2024, 7, 1, 12, 0, 0, 0, J.ZoneId.of('America/New_York'))", "2024-07-01T12:00-04:00[America/New_York]"},
		{p + "return J.ZonedDateTime.parse('2024-07-01T12:00-04:00[America/New_York]').withZoneSameInstant(J.ZoneId.of('UTC')).toLocalTime()", "16:00"},
		{p + "return J.OffsetDateTime.parse('2024-07-01T12:00:00+02:00').toInstant() + ' ' + J.Instant.ofEpochMilli(1500) + ' ' + J.Instant.EPOCH", "2024-07-01T10:00:00Z 1970-01-01T00:00:01.500Z 1970-01-01T00:00:00Z"},
		{p + "return J.Instant.parse('2024-01-02T03:04:05Z').atZone(J.ZoneId.of('Asia/Tokyo')).format(F.ofPattern('yyyy-MM-dd HH:mm:ss z XXX'))", "2024-01-02 12:04:05 JST +09:00"},
		{p + "return J.ZoneOffset.ofHours(-5) + ' ' + J.ZoneOffset.UTC + ' ' + J.OffsetDateTime.of(2024, 1, 2, 3, 4, 5, 0, J.ZoneOffset.ofHoursMinutes(5, 30))", "-05:00 Z 2024-01-02T03:04:05+05:30"},
		{p + "return J.Duration.ofMinutes(90) + ' ' + J.Duration.ofSeconds(-90) + ' ' + J.Duration.ofMillis(1500) + ' ' + J.Duration.ZERO + ' ' + J.Duration.ofDays(2)", "PT1H30M PT-1M-30S PT1.5S PT0S PT48H"},
		{p + "return J.Duration.parse('PT8H6M12.345S').toMillis() + J.Duration.ofHours(25).toDaysPart() + J.Duration.ofHours(25).toHoursPart()", "29172347"},
		{p + "return J.Period.between(J.LocalDate.of(2000, 2, 29), J.LocalDate.of(2024, 2, 28)) + ' ' + J.Period.of(1, 14, 3).normalized() + ' ' + J.Period.ZERO", "P23Y11M30D P2Y2M3D P0D"},
		{p + "return U.DAYS.between(J.LocalDate.of(2024, 1, 1), J.LocalDate.of(2025, 1, 1)) + ' ' + U.MONTHS.between(J.LocalDate.of(2024, 1, 31), J.LocalDate.of(2024, 2, 29)) + ' ' + U.DAYS", "366 0 Days"},
		{p + "return J.Duration.between(J.LocalTime.of(1, 0), J.LocalTime.of(3, 30)).toMinutes() + J.LocalTime.of(23, 30).plusHours(1)", "15000:30"},
		{p + "var A = java.time.temporal.TemporalAdjusters, d = J.LocalDate.of(2024, 5, 15); return d.with(A.lastDayOfMonth()) + ' ' + d.with(A.next(J.DayOfWeek.MONDAY)) + ' ' + d.with(A.firstInMonth(J.DayOfWeek.MONDAY)) + ' ' + d.with(A.lastInMonth(J.DayOfWeek.FRIDAY))",
			"2024-05-31 2024-05-20 2024-05-06 2024-05-31"},
		{p + "return J.Year.of(2024).isLeap() + ' ' + J.YearMonth.of(2024, 2).atEndOfMonth() + ' ' + J.YearMonth.parse('2024-02').plusMonths(11) + ' ' + J.Month.of(2).getDisplayName(java.time.format.TextStyle.SHORT, java.util.Locale.US)", "true 2024-02-29 2025-01 Feb"},
		{p + "return J.LocalDate.of(2024, 5, 15).get(java.time.temporal.ChronoField.DAY_OF_WEEK) + J.LocalDateTime.of(2024, 5, 15, 10, 20).truncatedTo(U.HOURS)", "32024-05-15T10:00"},
		{p + "return J.LocalDate.of(2024, 5, 15).compareTo(J.LocalDate.of(2020, 1, 1)) + ',' + J.LocalDate.of(2024, 5, 15).equals(J.LocalDate.parse('2024-05-15'))", "4,true"},
		{p + "return J.LocalDate.now().isAfter(J.LocalDate.EPOCH) && J.Instant.now().toEpochMilli() > 0 && J.Clock.systemUTC().millis() > 0", "true"},
		{p + "return java.util.Date.from(J.Instant.ofEpochSecond(5)).getTime() + new java.util.Date(7).toInstant().toEpochMilli()", "5007"},
		{p + "return J.LocalDate.of(2024, 1, 1).datesUntil(J.LocalDate.of(2024, 1, 4)).count()", "3"},

		{thrown("java.time.LocalDate.of(2024, 2, 30)"), "java.time.DateTimeException: Invalid date 'FEBRUARY 30'"},
		{thrown("java.time.LocalDate.of(2023, 2, 29)"), "java.time.DateTimeException: Invalid date 'February 29' as '2023' is not a leap year"},
		{thrown("java.time.LocalDate.of(2024, 13, 1)"), "java.time.DateTimeException: Invalid value for MonthOfYear (valid values 1 - 12): 13"},
		{thrown("java.time.LocalTime.of(24, 0)"), "java.time.DateTimeException: Invalid value for HourOfDay (valid values 0 - 23): 24"},
		{thrown("java.time.LocalDate.parse('x')"), "java.time.format.DateTimeParseException: Text 'x' could not be parsed at index 0"},
		{thrown("java.time.LocalDate.parse('2024-01-02T03')"), "java.time.format.DateTimeParseException: Text '2024-01-02T03' could not be parsed, unparsed text found at index 10"},
		{thrown("java.time.LocalDate.parse('2024-13-02')"), "java.time.format.DateTimeParseException: Text '2024-13-02' could not be parsed: Invalid value for MonthOfYear (valid values 1 - 12): 13"},
		{thrown("java.time.LocalDate.parse('2023-02-29')"), "java.time.format.DateTimeParseException: Text '2023-02-29' could not be parsed: Invalid date 'February 29' as '2023' is not a leap year"},
		{thrown("java.time.LocalDate.now().format(java.time.format.DateTimeFormatter.ofPattern('HH'))"), "java.time.temporal.UnsupportedTemporalTypeException: Unsupported field: HourOfDay"},
		{thrown("java.time.LocalDate.now().plus(1, java.time.temporal.ChronoUnit.HOURS)"), "java.time.temporal.UnsupportedTemporalTypeException: Unsupported unit: Hours"},
		{thrown("java.time.format.DateTimeFormatter.ofPattern('yyyy-bb')"), "java.lang.IllegalArgumentException: Unknown pattern letter: b"},
		{thrown("java.time.ZoneId.of('Mars/Base')"), "java.time.zone.ZoneRulesException: Unknown time-zone ID: Mars/Base"},
	})
}

// TestJoda holds the everyday use of Joda-Time.
func TestJoda(t *testing.T) {
	inUTC(t)
	const p = "importPackage(Packages.org.joda.time); importPackage(Packages.org.joda.time.format); "
	check(t, [][2]string{
		{p + "return DateTimeFormat.forPattern('yyyyMMddHHmmss').parseDateTime('20240102030405')", "2024-01-02T03:04:05.000Z"},
		{p + "return DateTimeFormat.forPattern('yyyyMMdd').parseLocalDate('20240102').plusDays(30).toString('MM/dd/yyyy')", "02/01/2024"},
		{p + "return DateTimeFormat.forPattern('MM/dd/yyyy HH:mm').print(new DateTime(2024, 1, 2, 3, 4))", "01/02/2024 03:04"},
		{p + "return new DateTime(2024, 1, 31, 12, 0, 0).plusMonths(1) + ' ' + new DateTime(0).getYear() + ' ' + new DateTime('2024-01-02T03:04:05.678+02:00')", "2024-02-29T12:00:00.000Z 1970 2024-01-02T01:04:05.678Z"},
		{p + "return new DateTime(2024, 7, 1, 12, 0, DateTimeZone.forID('America/New_York')) + ' ' + new DateTime(0, DateTimeZone.forOffsetHours(2))", "2024-07-01T12:00:00.000-04:00 1970-01-01T02:00:00.000+02:00"},
		{p + "return new DateTime(0).withZone(DateTimeZone.forID('Asia/Tokyo')).toString('HH:mm ZZ z')", "09:00 +09:00 JST"},
		{p + "return Days.daysBetween(new LocalDate(2024, 1, 1), new LocalDate(2024, 3, 1)).getDays() + Years.yearsBetween(new LocalDate(1980, 2, 14), new LocalDate(2024, 2, 13)).getYears()", "103"},
		{p + "return Hours.hoursBetween(new DateTime(0), new DateTime(7200000)).getHours() + '' + Minutes.minutesBetween(new DateTime(0), new DateTime(90000)) + Days.days(3)", "2PT1MP3D"},
		{p + "var x = new Period(new DateTime(2000, 1, 1, 0, 0), new DateTime(2024, 2, 17, 3, 4)); return x + ' ' + x.getYears() + ' ' + x.getDays()", "P24Y1M2W2DT3H4M 24 2"},
		{p + "return new Duration(90061000) + ' ' + new Duration(new DateTime(0), new DateTime(5)).getMillis() + ' ' + Duration.standardHours(30).getStandardDays()", "PT90061S 5 1"},
		{p + "var i = new Interval(new DateTime(0), new DateTime(10)); return i.contains(new DateTime(5)) + ',' + i.contains(new DateTime(10)) + ',' + i.toDurationMillis()", "true,false,10"},
		{p + "return new LocalDate(2024, 2, 1).dayOfMonth().withMaximumValue() + ' ' + new LocalDate(2024, 2, 1).dayOfWeek().getAsText() + ' ' + new LocalTime(3, 4) + ' ' + new LocalDateTime(2024, 1, 2, 3, 4)", "2024-02-29 Thursday 03:04:00.000 2024-01-02T03:04:00.000"},
		{p + "return new DateTime(5).toDate().getTime() + new DateTime(new java.util.Date(6)).getMillis() + new DateTime(new Date(7)).getMillis()", "18"},
		{p + "return DateTime.now().isAfter(new DateTime(0)) && new DateTime().isBefore(DateTime.now().plusHours(1)) && new DateTime(0).isBeforeNow()", "true"},
		{p + "return ISODateTimeFormat.dateTimeNoMillis().print(new DateTime(0)) + ISODateTimeFormat.basicDate().print(new LocalDate(2024, 1, 2)) + ISODateTimeFormat.dateTimeParser().parseDateTime('2024-01-02').getDayOfYear()", "1970-01-01T00:00:00Z202401022"},
		{p + "return DateTimeFormat.forPattern(\"yyyy-MM-dd'T'HH:mm:ssZ\").withZone(DateTimeZone.UTC).parseDateTime('2024-01-02T03:04:05-0500')", "2024-01-02T08:04:05.000Z"},
		{p + "return DateTimeFormat.forPattern('dd-MMM-yy').parseDateTime('02-JAN-24').toString('yyyy-MM-dd EEE')", "2024-01-02 Tue"},
		{thrown("org.joda.time.format.DateTimeFormat.forPattern('yyyyMMdd').parseDateTime('abc')"), `java.lang.IllegalArgumentException: Invalid format: "abc"`},
		{thrown("org.joda.time.format.DateTimeFormat.forPattern('yyyyMMdd').parseDateTime('20240102x')"), `java.lang.IllegalArgumentException: Invalid format: "20240102x" is malformed at "x"`},
		{thrown("org.joda.time.format.DateTimeFormat.forPattern('yyyyMMdd').parseDateTime('20241301')"), `org.joda.time.IllegalFieldValueException: Cannot parse "20241301": Value 13 for monthOfYear must be in the range [1,12]`},
		{thrown("new org.joda.time.LocalDate(2023, 2, 29)"), "org.joda.time.IllegalFieldValueException: Value 29 for dayOfMonth must be in the range [1,28]"},
	})
}
