package java

import (
	"strings"

	"github.com/dop251/goja"
)

// Throwable is a Java exception.
type Throwable struct {
	Class   string
	Message string
	HasText bool // false: getMessage is null
	Plain   bool // the engine's own text, which holds nothing of a message
	Cause   *Throwable
}

func (t *Throwable) JavaClass() string { return t.Class }

// String is "class: message", as in a stack trace's first line.
func (t *Throwable) String() string {
	if !t.HasText {
		return t.Class
	}
	return t.Class + ": " + t.Message
}

// Throw returns an exception for Go code to panic with. Scripts catch it as
// Rhino shows it: an error whose message is "class: text" and whose
// javaException is the exception.
func (vm *VM) Throw(class, message string) goja.Value {
	return vm.ThrowJava(&Throwable{Class: class, Message: message, HasText: true})
}

// ThrowJava is [VM.Throw] for an exception that exists already.
func (vm *VM) ThrowJava(t *Throwable) goja.Value {
	e, err := vm.Runtime.New(vm.Runtime.Get("Error"), vm.Runtime.ToValue(t.String()))
	if err != nil {
		return vm.ToJS(t)
	}
	e.Set("name", "JavaException")
	e.Set("javaException", vm.ToJS(t))
	e.Set("rhinoException", vm.ToJS(t))
	return e
}

// Thrown returns the Java exception that a thrown value is or carries, or nil.
func Thrown(v goja.Value) *Throwable {
	if value, ok := Unwrap(v); ok {
		t, _ := value.(*Throwable)
		return t
	}
	if o, ok := v.(*goja.Object); ok && o.ClassName() == "Error" {
		if value, ok := Unwrap(o.Get("javaException")); ok {
			t, _ := value.(*Throwable)
			return t
		}
	}
	return nil
}

// exceptions lists "class super" for those a script can make or catch by name.
const exceptions = `
java.lang.Throwable java.lang.Object
java.lang.Error java.lang.Throwable
java.lang.Exception java.lang.Throwable
java.lang.RuntimeException java.lang.Exception
java.lang.IllegalArgumentException java.lang.RuntimeException
java.lang.IllegalStateException java.lang.RuntimeException
java.lang.NullPointerException java.lang.RuntimeException
java.lang.NumberFormatException java.lang.IllegalArgumentException
java.lang.ArithmeticException java.lang.RuntimeException
java.lang.ClassCastException java.lang.RuntimeException
java.lang.IndexOutOfBoundsException java.lang.RuntimeException
java.lang.ArrayIndexOutOfBoundsException java.lang.IndexOutOfBoundsException
java.lang.StringIndexOutOfBoundsException java.lang.IndexOutOfBoundsException
java.lang.UnsupportedOperationException java.lang.RuntimeException
java.lang.InterruptedException java.lang.Exception
java.lang.InstantiationException java.lang.Exception
java.lang.ClassNotFoundException java.lang.Exception
java.lang.SecurityException java.lang.RuntimeException
java.lang.OutOfMemoryError java.lang.Error
java.lang.StackOverflowError java.lang.Error
java.lang.IllegalMonitorStateException java.lang.RuntimeException
java.util.NoSuchElementException java.lang.RuntimeException
java.util.ConcurrentModificationException java.lang.RuntimeException
java.util.IllegalFormatException java.lang.IllegalArgumentException
java.util.regex.PatternSyntaxException java.lang.IllegalArgumentException
java.util.concurrent.ExecutionException java.lang.Exception
java.util.concurrent.TimeoutException java.lang.Exception
java.text.ParseException java.lang.Exception
java.time.DateTimeException java.lang.RuntimeException
java.time.format.DateTimeParseException java.time.DateTimeException
java.io.IOException java.lang.Exception
java.io.FileNotFoundException java.io.IOException
java.io.UnsupportedEncodingException java.io.IOException
java.io.EOFException java.io.IOException
java.net.MalformedURLException java.io.IOException
java.net.SocketException java.io.IOException
java.net.ConnectException java.net.SocketException
java.net.SocketTimeoutException java.io.IOException
java.net.UnknownHostException java.io.IOException
java.security.NoSuchAlgorithmException java.lang.Exception
java.security.GeneralSecurityException java.lang.Exception
java.sql.SQLException java.lang.Exception
javax.xml.transform.TransformerException java.lang.Exception
javax.xml.transform.TransformerConfigurationException javax.xml.transform.TransformerException
javax.activation.UnsupportedDataTypeException java.io.IOException
com.mirth.connect.donkey.model.message.MessageSerializerException java.lang.Exception
`

func throwables() []*Class {
	var classes []*Class
	for _, line := range strings.Split(strings.TrimSpace(exceptions), "\n") {
		name, super, _ := strings.Cut(line, " ")
		c := &Class{Name: name, Super: super, New: newThrowable(name)}
		if name == "java.lang.Throwable" {
			c.Methods = throwableMethods()
		}
		classes = append(classes, c)
	}
	return classes
}

func newThrowable(class string) func(c *Call) any {
	return func(c *Call) any {
		t := &Throwable{Class: class}
		for i := range c.Args {
			switch v := c.Object(i).(type) {
			case *Throwable:
				t.Cause = v
				if len(c.Args) == 1 {
					t.Message, t.HasText = v.String(), true
				}
			case nil:
			default:
				if i == 0 {
					t.Message, t.HasText = c.Text(i), true
				}
			}
		}
		return t
	}
}

func throwableMethods() Methods {
	message := func(c *Call) any {
		if t := c.This.(*Throwable); t.HasText {
			return t.Message
		}
		return nil
	}
	return Methods{
		"getMessage":          message,
		"getLocalizedMessage": message,
		"getCause": func(c *Call) any {
			if t := c.This.(*Throwable).Cause; t != nil {
				return t
			}
			return nil
		},
		"toString":        func(c *Call) any { return c.This.(*Throwable).String() },
		"printStackTrace": func(c *Call) any { return Void },
		"getStackTrace":   func(c *Call) any { return NewArray("java.lang.StackTraceElement", nil) },
		"initCause": func(c *Call) any {
			t := c.This.(*Throwable)
			t.Cause, _ = c.Object(0).(*Throwable)
			return t
		},
	}
}
