package script_test

import "testing"

// TestOrgJSON holds the everyday use of org.json.
func TestOrgJSON(t *testing.T) {
	const p = "var J = org.json.JSONObject, A = org.json.JSONArray; "
	check(t, [][2]string{
		{p + `var o = new J('{"a": 1, "b": [true, null, "x"], "c": {"d": 2.50}}'); return o.getInt('a') + o.getJSONArray('b').getString(2) + o.getJSONObject('c').getDouble('d') + o.getJSONArray('b').isNull(1) + o.optString('no', 'd') + o.has('a') + o.length()`, "1x2.5truedtrue3"},
		{p + `return new J().put('a', 1).put('b', 'x/y').put('c', true).put('n', J.NULL).toString()`, `{"a":1,"b":"x/y","c":true,"n":null}`},
		{p + `return new J().put('a', new A().put(1).put('two').put([3, {b: 4}])).toString()`, `{"a":[1,"two",[3,{"b":4}]]}`},
		{p + `return new J('{"a":1,"b":[1,2]}').toString(2)`, "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ]\n}"},
		{p + `return new J(Maps.map('k', Lists.list('v'))).toString() + new A(['a', 'b']).join('-') + new A('[1,2]').length()`, `{"k":["v"]}"a"-"b"2`},
		{p + `var s = ''; for (var i = new J('{"a":1,"b":2}').keys(); i.hasNext();) s += i.next(); return s + new J('{"a":1}').toMap().get('a')`, "ab1"},
		{p + `var o = new J(); o.accumulate('a', 1); o.accumulate('a', 2); o.remove('z'); return o + '' + J.quote('a"\n</x>')`, `{"a":[1,2]}"a\"\n<\/x>"`},
		{thrown(p + `new J('{}').get('a')`), `org.json.JSONException: JSONObject["a"] not found.`},
		{thrown(p + `new J('{"a":{}}').getInt('a')`), `org.json.JSONException: JSONObject["a"] is not a int.`},
		{"try { new org.json.JSONObject('{a') } catch (e) { return e.javaException.getClass().getName() }", "org.json.JSONException"},
	})
}
