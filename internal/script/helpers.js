function createSegment(name, msgObj, index) {
	if (arguments.length == 1) {
		return new XML('<' + name + '></' + name + '>');
	}
	if (arguments.length == 2) {
		index = 0;
	}
	msgObj[name][index] = new XML('<' + name + '></' + name + '>');
	return msgObj[name][index];
}

function createSegmentAfter(name, segment) {
	var msgObj = segment;
	while (msgObj.parent() != undefined) {
		msgObj = msgObj.parent();
	}
	msgObj.insertChildAfter(segment[0], new XML('<' + name + '></' + name + '>'));
	return msgObj.child(segment[0].childIndex() + 1);
}

function getArrayOrXmlLength(obj) {
	if (obj === null || typeof obj === 'undefined') {
		return 0;
	}
	if (typeof obj === 'xml' || obj instanceof java.lang.String) {
		return obj.length();
	}
	return obj.length || 0;
}

function newStringOrUndefined(value) {
	return value === undefined || value === null ? value : new String(value);
}

function newNumberOrUndefined(value) {
	return value === undefined || value === null ? value : new Number(value);
}

function newBooleanOrUndefined(value) {
	return value === undefined || value === null ? value : new Boolean(value);
}

function Iterator(object, keysOnly) {
	var items, next = 0;
	if (object instanceof java.util.Iterator) {
		items = [];
		while (object.hasNext()) {
			items.push(object.next());
		}
	} else if (object instanceof java.lang.Iterable) {
		items = object.toArray();
	} else {
		items = Object.keys(object).map(key => keysOnly ? key : [key, object[key]]);
	}
	return {
		next() {
			if (next >= items.length) {
				throw StopIteration;
			}
			return items[next++];
		},
		__iterator__() {
			return this;
		},
		[Symbol.iterator]: function* () {
			while (next < items.length) {
				yield items[next++];
			}
		}
	};
}
