package script_test

import "testing"

// TestCollections holds what the documentation of java.util says of collections.
func TestCollections(t *testing.T) {
	check(t, [][2]string{
		{"var s = new java.util.Stack(); s.push('a'); s.push('b'); return s + s.peek() + s.pop() + s.search('a') + s.empty() + s", "[a, b]bb1false[a]"},
		{thrown("new java.util.Stack().pop()"), "java.util.EmptyStackException: null"},
		{"var q = new java.util.ArrayDeque(); q.offer('a'); q.push('b'); q.addLast('c'); return q + '' + q.peekLast() + q.pollFirst() + q.pollLast() + q", "[b, a, c]cbc[a]"},
		{"var q = new java.util.PriorityQueue(); q.add(3); q.add(1); q.offer(2); return q.poll() + '' + q.peek() + q.size()", "122"},
		{"var q = new java.util.PriorityQueue(java.util.Comparator.reverseOrder()); q.addAll(['a', 'c']); q.add('b'); return q.size()", "3"},
		{"var m = new java.util.TreeMap(); ['d', 'b', 'a'].forEach(function (k) { m.put(k, k + 1) }); return [m.floorKey('c'), m.ceilingKey('c'), m.higherKey('d'), m.lowerEntry('b'), m.headMap('d'), m.tailMap('b'), m.subMap('a', 'd'), m.descendingMap(), m.firstEntry().getValue(), m.pollLastEntry()].join('|') + m",
			"b|d||a=a1|{a=a1, b=b1}|{b=b1, d=d1}|{a=a1, b=b1}|{d=d1, b=b1, a=a1}|a1|d=d1{a=a1, b=b1}"},
		{"var s = new java.util.TreeSet(['b', 'd', 'a']); return [s.first(), s.floor('c'), s.higher('d'), s.headSet('d'), s.descendingSet(), s.pollFirst(), s].join('|')", "a|b||[a, b]|[d, b, a]|a|[b, d]"},
		{"var l = new java.util.ArrayList(['a', 'b', 'c']), i = l.listIterator(); i.next(); i.set('x'); i.next(); i.remove(); i.add('y'); return l + '' + i.hasPrevious() + i.previous() + i.nextIndex()", "[x, y, c]truey1"},
		{"var v = new java.util.Vector(); v.addElement('a'); v.addElement('b'); var s = ''; for (var e = v.elements(); e.hasMoreElements();) s += e.nextElement(); return s + v.elementAt(1) + v.firstElement()", "abba"},
		{"var h = new java.util.Hashtable(); h.put('a', 'b'); return h.keys().nextElement() + h.elements().nextElement() + h.contains('b')", "abtrue"},
		{thrown("new java.util.concurrent.ConcurrentHashMap().put('a', null)"), "java.lang.NullPointerException: null"},
		{"var l = java.util.List.of('a', 'b'); return l + '' + l.size() + java.util.Map.of('k', 'v') + java.util.Set.of('x')", "[a, b]2{k=v}[x]"},
		{"try { java.util.List.of('a').add('b') } catch (e) { return e.javaException.getClass().getName() }", "java.lang.UnsupportedOperationException"},
		{"var l = java.util.Arrays.asList('a', 'b', 'c'); java.util.Collections.swap(l, 0, 2); java.util.Collections.rotate(l, 1); return l + '' + java.util.Collections.binarySearch(java.util.Arrays.asList('a', 'c'), 'b')", "[a, c, b]-2"},
		{"var m = new java.util.HashMap(); m.put('a', 1); return m.replace('a', 2) + '' + m.replace('b', 1) + m.remove('a', 5) + m.remove('a', 2) + m.isEmpty()", "1nullfalsetruetrue"},
		{"return [new java.util.LinkedList() instanceof java.util.Deque, new java.util.TreeMap() instanceof java.util.Map, new java.util.Vector() instanceof java.util.List].join()", "true,true,true"},
		{"var e = new java.util.AbstractMap.SimpleEntry('k', 'v'); return e.key + e.getValue() + e", "kvk=v"},
		{"var s = ''; for each (var x in new java.util.LinkedHashSet(['b', 'a', 'b'])) s += x; for (var y of java.util.Arrays.asList('c')) s += y; return s", "bac"},
		{"var m = new java.util.HashMap(); m.put('n', 1); m.put('i', java.lang.Integer.valueOf(1)); m.put('s', '1'); return m + '|' + m.get('n') + m.get('i') + (m.get('n') + 1)", "{s=1, i=1, n=1.0}|112"},
		{"var a = java.lang.reflect.Array.newInstance(java.lang.Integer.TYPE, 3); a[1] = 5; return a.length + '' + a[0] + a[1] + java.util.Arrays.toString(a)", "305[0, 5, 0]"},
	})
}

// TestScanners holds StringTokenizer and Scanner.
func TestScanners(t *testing.T) {
	check(t, [][2]string{
		{"var k = new java.util.StringTokenizer('a b  c'), s = k.countTokens() + ''; while (k.hasMoreTokens()) s += k.nextToken(); return s", "3abc"},
		{"var k = new java.util.StringTokenizer('a|b', '|', true); return k.nextToken() + k.nextToken() + k.nextElement() + k.hasMoreElements()", "a|bfalse"},
		{"var s = new java.util.Scanner('a 12\\r\\nx y\\n'); return s.next() + s.nextInt() + s.nextLine() + '|' + s.nextLine() + s.hasNextLine()", "a12|x yfalse"},
		{"var s = new java.util.Scanner('1,2.5,true').useDelimiter(','); return s.hasNextInt() + '' + s.nextInt() + s.nextDouble() + s.nextBoolean() + s.hasNext()", "true12.5truefalse"},
		{thrown("new java.util.Scanner('x').nextInt()"), `java.util.InputMismatchException: For input string: "x"`},
	})
}

// TestStreams holds the everyday use of java.util.stream with functions of
// JavaScript.
func TestStreams(t *testing.T) {
	const p = "var C = java.util.stream.Collectors, l = java.util.Arrays.asList('bb', 'a', 'ccc', 'a'); "
	check(t, [][2]string{
		{p + "return l.stream().filter(function (s) { return s.length() > 1 }).map(s => s.toUpperCase()).collect(C.toList())", "[BB, CCC]"},
		{p + "return l.stream().distinct().sorted().collect(C.joining(',', '[', ']'))", "[a,bb,ccc]"},
		{p + "return l.stream().map(String).collect(C.joining('-')) + l.stream().count() + l.stream().skip(1).limit(2).toList()", "bb-a-ccc-a4[a, ccc]"},
		{p + "return l.stream().anyMatch(s => s == 'a') + ',' + l.stream().allMatch(s => s == 'a') + ',' + l.stream().noneMatch(s => s == 'z')", "true,false,true"},
		{p + "return l.stream().mapToInt(s => s.length()).sum() + ' ' + l.stream().mapToInt(s => s.length()).max().getAsInt() + ' ' + l.stream().mapToInt(s => s.length()).average().getAsDouble()", "7 3 1.75"},
		{p + "return l.stream().collect(C.groupingBy(s => s.length())).toString()", "{2.0=[bb], 1.0=[a, a], 3.0=[ccc]}"},
		{p + "return l.stream().collect(C.groupingBy(java.util.function.Function.identity(), C.counting())).get('a')", "2"},
		{p + "return l.stream().collect(C.toMap(s => s, s => s.length(), (x, y) => x + y)).get('a')", "2"},
		{"try { java.util.Arrays.asList('a', 'a').stream().collect(java.util.stream.Collectors.toMap(s => s, s => 'v')) } catch (e) { return e.message }", "java.lang.IllegalStateException: Duplicate key a (attempted merging values v and v)"},
		{p + "return l.stream().reduce('', (x, y) => x + y) + l.stream().findFirst().get() + l.stream().filter(s => false).findFirst().isPresent() + l.stream().max(java.util.Comparator.naturalOrder()).get()", "bbacccabbfalseccc"},
		{p + "return l.stream().sorted(java.util.Comparator.comparing(s => s.length()).thenComparing(java.util.Comparator.reverseOrder()).reversed()).collect(C.toList())", "[ccc, bb, a, a]"},
		{"return java.util.stream.IntStream.rangeClosed(1, 5).filter(n => n % 2 == 1).boxed().collect(java.util.stream.Collectors.toList())", "[1, 3, 5]"},
		{"return java.util.stream.Stream.iterate(1, n => n * 2).limit(5).map(n => n + '').collect(java.util.stream.Collectors.joining(' '))", "1 2 4 8 16"},
		{p + "return l.stream().flatMap(s => java.util.stream.Stream.of(s, s)).count() + l.stream().collect(C.partitioningBy(s => s == 'a'))", "8{false=[bb, ccc], true=[a, a]}"},
		{p + "var n = 0; l.forEach(s => { n += s.length() }); l.removeIf(s => s == 'zz'); return n + java.util.Optional.of('x').map(s => s + 'y').orElse('z') + java.util.Optional.empty().orElseGet(() => 'g')", "7xyg"},
	})
}
