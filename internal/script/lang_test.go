package script_test

import "testing"

// TestNumbers holds BigDecimal, BigInteger and Random as the JDK documents them.
func TestNumbers(t *testing.T) {
	const p = "var D = java.math.BigDecimal, I = java.math.BigInteger, M = java.math.MathContext, R = java.math.RoundingMode; "
	check(t, [][2]string{
		{p + "return [new D('10').divide(new D('4')), new D('1').divide(new D('3'), 5, R.HALF_UP), new D('10').divide(new D('3'), new M(3)), new D('100').divide(new D('4')), new D('1.00').divide(new D('2'))].join()", "2.5,0.33333,3.33,25,0.50"},
		{p + "return [new D('2.345').setScale(2, R.HALF_EVEN), new D('2.345').setScale(2, D.ROUND_HALF_UP), new D('-2.5').setScale(0, R.HALF_DOWN), new D('2.1').setScale(0, R.CEILING), new D('1.5').setScale(3)].join()", "2.34,2.35,-2,3,1.500"},
		{p + "return [new D('1E+5'), new D('1E+5').toPlainString(), new D('0.0000001'), new D('123456').round(new M(3)), new D('12345E3').toEngineeringString(), new D('100').stripTrailingZeros()].join()", "1E+5,100000,1E-7,1.23E+5,12.345E+6,1E+2"},
		{p + "return [new D(0.1).toString().length(), D.valueOf(0.1), D.valueOf(5), D.valueOf(5, 2), new D('5').equals(new D('5.0')), new D('5').compareTo(new D('5.0'))].join()", "57,0.1,5.0,0.05,false,0"},
		{p + "return [new D('7').remainder(new D('3')), new D('-7.5').abs(), new D('1.23').unscaledValue(), new D('1.23').scale(), new D('123').movePointLeft(2), new D('2').sqrt(new M(5)), new D('7').divideToIntegralValue(new D('2')), new D('2').pow(10)].join()", "1,7.5,123,2,1.23,1.4142,3,1024"},
		{p + "return [new I('ff', 16), new I('255').toString(2), new I('10').mod(new I('3')), new I('2').pow(70), new I('12').gcd(new I('18')), new I('4').modPow(new I('13'), new I('497')), new I('1').shiftLeft(8), new I('-1').toByteArray()[0], new I('6').and(new I('3'))].join()", "255,11111111,1,1180591620717411303424,6,445,256,-1,2"},
		{thrown(p + "new D('1').divide(new D('3'))"), "java.lang.ArithmeticException: Non-terminating decimal expansion; no exact representable decimal result."},
		{thrown(p + "new D('1').divide(new D('0'))"), "java.lang.ArithmeticException: Division by zero"},
		{thrown(p + "new D('1.25').setScale(1)"), "java.lang.ArithmeticException: Rounding necessary"},
		{thrown(p + "new D('x')"), `java.lang.NumberFormatException: Character x is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`},
		{thrown(p + "new I('1').divide(I.ZERO)"), "java.lang.ArithmeticException: BigInteger divide by zero"},
		// The first numbers of new Random(42) are well known.
		{"var r = new java.util.Random(42); return r.nextInt() + ' ' + new java.util.Random(42).nextInt(10) + ' ' + (new java.util.Random(1).nextDouble() < 1)", "-1170105035 0 true"},
		{thrown("new java.util.Random().nextInt(0)"), "java.lang.IllegalArgumentException: bound must be positive"},
	})
}

// TestLang holds the rest of java.lang and java.util.concurrent.
func TestLang(t *testing.T) {
	check(t, [][2]string{
		{"return java.lang.System.lineSeparator() + java.lang.System.getProperty('file.separator') + java.lang.System.getProperty('nope', 'd') + java.lang.System.getProperties().getProperty('line.separator')", "\n/d\n"},
		{"return typeof java.lang.System.currentTimeMillis() + (java.lang.System.nanoTime() < 1e15) + (java.lang.System.identityHashCode(null) == 0)", "numbertruetrue"},
		{thrown("java.lang.System.getenv('PATH')"), "java.lang.SecurityException: System.getenv is not possible for scripts; put the value into the configuration map, where env: refers to a variable"},
		{thrown("java.util.concurrent.Executors.newFixedThreadPool(2)"), "java.lang.SecurityException: java.util.concurrent.Executors: a script cannot start threads; route the work to another channel, whose threads and queue take it"},
		{thrown("java.security.KeyStore.getInstance('JKS')"), "java.lang.SecurityException: java.security.KeyStore: key stores are files of the server, which scripts do not open; give the key as text, and java.security.KeyFactory reads it"},
		{"return new java.lang.StringBuffer('abc').appendCodePoint(65).deleteCharAt(0).replace(0, 1, 'x').insert(1, true) + '' + new java.lang.StringBuilder('abc').indexOf('c')", "xtruecA2"},
		{"var a = new java.util.concurrent.atomic.AtomicInteger(5); return a.incrementAndGet() + a.getAndAdd(2) + '' + a.updateAndGet(n => n * 2) + a", "121616"},
		{"var r = new java.util.concurrent.atomic.AtomicReference('a'); return r.getAndSet('b') + r.get() + r.compareAndSet('b', 'c') + r + new java.util.concurrent.atomic.AtomicBoolean(true).get()", "abtruectrue"},
		{"var l = new java.util.concurrent.locks.ReentrantLock(); l.lock(); try { return l.tryLock() } finally { l.unlock() }", "true"},
		{"return java.lang.Thread.currentThread().getName() + java.lang.Thread.interrupted()", "scriptfalse"},
		{"return java.util.concurrent.TimeUnit.HOURS.toMinutes(2)", "120"},
	})
}
