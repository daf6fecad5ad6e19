//# statics
(function () {
	var exec = RegExp.prototype.exec, names = ['$1', '$2', '$3', '$4', '$5', '$6', '$7', '$8', '$9'];
	function set(name, value) {
		Object.defineProperty(RegExp, name, {value: value, writable: true, configurable: true, enumerable: false});
	}
	for (var i = 0; i < 9; i++) set(names[i], '');
	[['lastMatch', '$&'], ['lastParen', '$+'], ['leftContext', '$`'], ['rightContext', "$'"], ['input', '$_']].forEach(function (n) {
		set(n[0], '');
		Object.defineProperty(RegExp, n[1], {get: function () { return RegExp[n[0]]; }, configurable: true, enumerable: false});
	});
	Object.defineProperty(RegExp.prototype, 'exec', {
		value: function (s) {
			var m = exec.call(this, s);
			if (m) {
				for (var i = 0; i < 9; i++) RegExp[names[i]] = m[i + 1] === undefined ? '' : m[i + 1];
				RegExp.input = m.input;
				RegExp.lastMatch = m[0];
				RegExp.lastParen = m.length > 1 ? m[m.length - 1] : '';
				RegExp.leftContext = m.input.slice(0, m.index);
				RegExp.rightContext = m.input.slice(m.index + m[0].length);
			}
			return m;
		}, writable: true, configurable: true
	});
	Object.defineProperty(RegExp.prototype, 'test', {
		value: function (s) {
			return this.exec(s) !== null;
		}, writable: true, configurable: true
	});
})();
//# toSource
(function () {
	function quote(s) {
		return JSON.stringify(String(s));
	}
	function source(v, seen) {
		if (v === null || v === undefined || typeof v === 'boolean') return String(v);
		if (typeof v === 'number') return v === 0 && 1 / v < 0 ? '-0' : String(v);
		if (typeof v === 'string') return quote(v);
		if (typeof v === 'function') return '(' + v + ')';
		if (v instanceof String) return '(new String(' + quote(v) + '))';
		if (v instanceof Number) return '(new Number(' + v + '))';
		if (v instanceof Boolean) return '(new Boolean(' + v + '))';
		if (v instanceof Date) return '(new Date(' + v.getTime() + '))';
		if (v instanceof RegExp) return String(v);
		if (v instanceof Error) return '(new ' + v.name + '(' + quote(v.message) + '))';
		if (seen.indexOf(v) >= 0) return '{}';
		seen = seen.concat([v]);
		if (Array.isArray(v)) return '[' + v.map(function (x) { return source(x, seen); }).join(', ') + ']';
		return '{' + Object.keys(v).map(function (k) {
			return (/^[A-Za-z_$][\w$]*$/.test(k) ? k : "'" + k + "'") + ':' + source(v[k], seen);
		}).join(', ') + '}';
	}
	Object.defineProperty(Object.prototype, 'toSource', {
		value: function () {
			var s = source(this, []);
			return s.charAt(0) === '{' ? '(' + s + ')' : s;
		}, writable: true, configurable: true, enumerable: false
	});
	this.uneval = function (v) {
		var s = source(v, []);
		return s.charAt(0) === '{' ? '(' + s + ')' : s;
	};
}).call(this);
//# generics
['concat', 'every', 'filter', 'forEach', 'indexOf', 'join', 'lastIndexOf', 'map', 'pop', 'push', 'reduce', 'reverse',
	'shift', 'slice', 'some', 'sort', 'splice', 'unshift'].forEach(function (name) {
	var method = Array.prototype[name];
	Object.defineProperty(Array, name, {
		value: function (array) {
			return method.apply(array, Array.prototype.slice.call(arguments, 1));
		}, writable: true, configurable: true, enumerable: false
	});
});
['charAt', 'charCodeAt', 'concat', 'indexOf', 'lastIndexOf', 'match', 'replace', 'search', 'slice', 'split', 'substr',
	'substring', 'toLowerCase', 'toUpperCase', 'trim'].forEach(function (name) {
	var method = String.prototype[name];
	Object.defineProperty(String, name, {
		value: function (s) {
			return method.apply(String(s), Array.prototype.slice.call(arguments, 1));
		}, writable: true, configurable: true, enumerable: false
	});
});
//# html
[['anchor', 'a', 'name'], ['big', 'big'], ['blink', 'blink'], ['bold', 'b'], ['fixed', 'tt'], ['fontcolor', 'font', 'color'],
	['fontsize', 'font', 'size'], ['italics', 'i'], ['link', 'a', 'href'], ['small', 'small'], ['strike', 'strike'],
	['sub', 'sub'], ['sup', 'sup']].forEach(function (tag) {
	Object.defineProperty(String.prototype, tag[0], {
		value: function (v) {
			var attribute = tag[2] ? ' ' + tag[2] + '="' + String(v).replace(/"/g, '&quot;') + '"' : '';
			return '<' + tag[1] + attribute + '>' + this + '</' + tag[1] + '>';
		}, writable: true, configurable: true, enumerable: false
	});
});
//# accessors
['get', 'set'].forEach(function (kind) {
	var name = kind === 'get' ? 'Getter__' : 'Setter__';
	function define(key, value) {
		Object.defineProperty(Object.prototype, key, {value: value, writable: true, configurable: true, enumerable: false});
	}
	define('__define' + name, function (key, f) {
		var d = {configurable: true, enumerable: true};
		d[kind] = f;
		Object.defineProperty(this, key, d);
	});
	define('__lookup' + name, function (key) {
		for (var o = Object(this); o !== null; o = Object.getPrototypeOf(o)) {
			var d = Object.getOwnPropertyDescriptor(o, key);
			if (d) return d[kind];
		}
	});
});
//# dateZone
['toString', 'toTimeString'].forEach(function (name) {
	// Rhino takes no offset for a negative one.
	var method = Date.prototype[name];
	Object.defineProperty(Date.prototype, name, {
		value: function () {
			return method.call(this).replace('GMT+0000', 'GMT-0000');
		}, writable: true, configurable: true, enumerable: false
	});
});
//# oldDates
[['getYear', function () {
	return this.getFullYear() - 1900;
}], ['setYear', function (y) {
	y = Number(y);
	return this.setFullYear(y >= 0 && y <= 99 ? y + 1900 : y);
}], ['toGMTString', Date.prototype.toUTCString]].forEach(function (m) {
	Object.defineProperty(Date.prototype, m[0], {value: m[1], writable: true, configurable: true, enumerable: false});
});
//# dates
[['toLocaleString', 'MMMM d, yyyy h:mm:ss a z'], ['toLocaleDateString', 'MMMM d, yyyy'],
	['toLocaleTimeString', 'h:mm:ss a z']].forEach(function (form) {
	Object.defineProperty(Date.prototype, form[0], {
		value: function () {
			if (isNaN(this.getTime())) return 'Invalid Date';
			return String(new Packages.java.text.SimpleDateFormat(form[1]).format(this));
		}, writable: true, configurable: true, enumerable: false
	});
});
//# dateParsing
(function (parse) {
	var D = Date;
	function primitive(o) {
		var f = o[Symbol.toPrimitive], v;
		if (f) return f.call(o, 'default');
		v = o.valueOf();
		return v !== null && typeof v === 'object' ? String(o) : v;
	}
	function Date_(y, m, d, h, mi, s, ms) {
		if (!(this instanceof Date_)) return D();
		switch (arguments.length) {
		case 0: return new D();
		case 1:
			if (y !== null && typeof y === 'object' && !(y instanceof D)) y = primitive(y);
			return new D(typeof y === 'string' ? parse(y) : y);
		case 2: return new D(y, m);
		}
		return new D(y, m, d, h === undefined ? 0 : h, mi === undefined ? 0 : mi, s === undefined ? 0 : s, ms === undefined ? 0 : ms);
	}
	Object.defineProperty(Date_, 'name', {value: 'Date'});
	Object.defineProperty(Date_, 'length', {value: 7});
	Date_.prototype = D.prototype;
	[['now', D.now], ['UTC', D.UTC], ['parse', function (s) { return parse(String(s)); }]].forEach(function (f) {
		Object.defineProperty(Date_, f[0], {value: f[1], writable: true, configurable: true});
	});
	Object.defineProperty(D.prototype, 'constructor', {value: Date_, writable: true, configurable: true});
	Object.defineProperty(globalThis, 'Date', {value: Date_, writable: true, configurable: true});
})
