package script

import (
	"fmt"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/java"
)

// CallStatic calls a static method of a class of the user API, such as
// XmlUtil.encode, for a template. known is false when there is no such method.
// The error tells what failed, never what was in the arguments.
func CallStatic(class, method string, args []any) (result any, known bool, err error) {
	c := userClasses()[class]
	if c == nil || c.Static[method] == nil {
		return nil, false, nil
	}
	rt := goja.New()
	vm := java.New(rt, library(), java.Hooks{})
	call := &java.Call{VM: vm, Args: make([]goja.Value, len(args))}
	for i, a := range args {
		if n, ok := a.(int64); ok { // a whole number of a template is an Integer
			a = int32(n)
		}
		call.Args[i] = vm.ToJS(a)
	}
	defer func() {
		if x := recover(); x != nil {
			kind := "an error"
			if v, ok := x.(goja.Value); ok && java.Thrown(v) != nil {
				kind = java.Thrown(v).Class
			}
			err = fmt.Errorf("%s.%s failed with %s", class, method, kind)
		}
	}()
	return c.Static[method](call), true, nil
}
