package java

import (
	"strings"

	"github.com/dop251/goja"
)

// ShowMethods has methods print as Rhino prints them: "n " + list.size, where the
// parentheses were forgotten, is "n function size() {/* int size() */}" over
// several lines. It costs something for each method, so it is for scripts that
// name a method without calling it.
func (vm *VM) ShowMethods() { vm.showMethods = true }

// shown gives a method's function its text.
func (vm *VM) shown(fn *goja.Object) *goja.Object {
	if !vm.showMethods {
		return fn
	}
	key := methodKey{nil, "method prototype"}
	proto, ok := vm.methods[key].(*goja.Object)
	if !ok {
		proto = vm.Runtime.CreateObject(fn.Prototype())
		proto.Set("toString", func(fc goja.FunctionCall) goja.Value {
			return vm.Runtime.ToValue(vm.methodText(fc.This))
		})
		if vm.methods == nil {
			vm.methods = make(map[methodKey]goja.Value)
		}
		vm.methods[key] = proto
	}
	fn.SetPrototype(proto)
	return fn
}

// methodText is the text of a method: its overloads as Java declares them.
func (vm *VM) methodText(fn goja.Value) string {
	for key, f := range vm.methods {
		if f != fn || key.class == nil {
			continue
		}
		name := strings.TrimPrefix(key.name, "static ")
		lines := signatureOf(vm.lib, key.class, name)
		if lines == nil {
			lines = []string{"java.lang.Object " + name + "()"}
		}
		return "function " + name + "() {/*\n" + strings.Join(lines, "\n") + "\n*/}\n"
	}
	return "function () {/*\n*/}\n"
}

// signatures are the methods whose text channels have come to print, with their
// overloads.
var signatures = map[string][]string{
	"java.lang.CharSequence.length":                                       {"int length()"},
	"java.lang.CharSequence.isEmpty":                                      {"boolean isEmpty()"},
	"java.lang.CharSequence.toString":                                     {"java.lang.String toString()"},
	"java.lang.String.trim":                                               {"java.lang.String trim()"},
	"java.lang.String.toLowerCase":                                        {"java.lang.String toLowerCase()", "java.lang.String toLowerCase(java.util.Locale)"},
	"java.lang.String.toUpperCase":                                        {"java.lang.String toUpperCase()", "java.lang.String toUpperCase(java.util.Locale)"},
	"java.lang.String.getBytes":                                           {"void getBytes(int,int,byte[],int)", "byte[] getBytes(java.nio.charset.Charset)", "byte[] getBytes(java.lang.String)", "byte[] getBytes()"},
	"java.util.Collection.size":                                           {"int size()"},
	"java.util.Collection.isEmpty":                                        {"boolean isEmpty()"},
	"java.util.Collection.iterator":                                       {"java.util.Iterator iterator()"},
	"java.util.Collection.toArray":                                        {"java.lang.Object[] toArray()", "java.lang.Object[] toArray(java.lang.Object[])"},
	"java.util.List.get":                                                  {"java.lang.Object get(int)"},
	"java.util.Map.size":                                                  {"int size()"},
	"java.util.Map.isEmpty":                                               {"boolean isEmpty()"},
	"java.util.Map.get":                                                   {"java.lang.Object get(java.lang.Object)"},
	"java.util.Map.put":                                                   {"java.lang.Object put(java.lang.Object,java.lang.Object)"},
	"java.util.Map.keySet":                                                {"java.util.Set keySet()"},
	"java.util.Map.values":                                                {"java.util.Collection values()"},
	"java.util.Map.entrySet":                                              {"java.util.Set entrySet()"},
	"java.util.Iterator.next":                                             {"java.lang.Object next()"},
	"java.util.Iterator.hasNext":                                          {"boolean hasNext()"},
	"java.util.Date.getTime":                                              {"long getTime()"},
	"java.lang.Throwable.getMessage":                                      {"java.lang.String getMessage()"},
	"com.mirth.connect.userutil.Response.getMessage":                      {"java.lang.String getMessage()"},
	"com.mirth.connect.userutil.Response.getStatus":                       {"com.mirth.connect.userutil.Status getStatus()"},
	"com.mirth.connect.userutil.ImmutableConnectorMessage.getMessageId":   {"long getMessageId()"},
	"com.mirth.connect.userutil.ImmutableConnectorMessage.getRawData":     {"java.lang.String getRawData()"},
	"com.mirth.connect.userutil.ImmutableConnectorMessage.getEncodedData": {"java.lang.String getEncodedData()"},
}

// signatureOf finds the overloads of a method in a class or what it inherits.
func signatureOf(lib *Library, c *Class, name string) []string {
	for name2 := range c.is {
		if s := signatures[name2+"."+name]; s != nil {
			return s
		}
	}
	return signatures["java.lang.Object."+name]
}

// IsMethod reports whether some class has a method of that name.
func (l *Library) IsMethod(name string) bool { return l.methodNames[name] }
