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
