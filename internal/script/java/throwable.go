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

	sqlState     string // of a SQLException
	errorCode    int
	line, column int // of a SAXParseException
}

func (t *Throwable) JavaClass() string { return t.Class }

// String is "class: message", as in a stack trace's first line.
func (t *Throwable) String() string {
	if !t.HasText {
		return t.Class
	}
	return t.Class + ": " + t.Message
}

// Throw returns an exception for Go code to panic with; without a message its
// getMessage is null. Scripts catch it as Rhino shows it: an error whose message
// is "class: text" and whose javaException is the exception.
func (vm *VM) Throw(class, message string) goja.Value {
	return vm.ThrowJava(&Throwable{Class: class, Message: message, HasText: message != ""})
}

// ThrowJava is [VM.Throw] for an exception that exists already.
func (vm *VM) ThrowJava(t *Throwable) goja.Value {
	text := t.Class + ": null"
	if t.HasText {
		text = t.String()
	}
	e, err := vm.Runtime.New(vm.Runtime.Get("Error"), vm.Runtime.ToValue(text))
	if err != nil {
		return vm.ToJS(t)
	}
	wrapped := &Throwable{Class: "org.mozilla.javascript.WrappedException", Message: "Wrapped " + t.String(), HasText: true, Cause: t}
	for _, p := range []struct {
		name  string
		value goja.Value
	}{{"name", vm.Runtime.ToValue("JavaException")}, {"javaException", vm.ToJS(t)}, {"rhinoException", vm.ToJS(wrapped)}} {
		if err := e.DefineDataProperty(p.name, p.value, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
			panic(err)
		}
	}
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
org.mozilla.javascript.RhinoException java.lang.RuntimeException
org.mozilla.javascript.EvaluatorException org.mozilla.javascript.RhinoException
org.mozilla.javascript.WrappedException org.mozilla.javascript.EvaluatorException
java.lang.CloneNotSupportedException java.lang.Exception
java.lang.ReflectiveOperationException java.lang.Exception
java.lang.NoSuchMethodException java.lang.ReflectiveOperationException
java.lang.NoSuchFieldException java.lang.ReflectiveOperationException
java.lang.IllegalAccessException java.lang.ReflectiveOperationException
java.lang.NegativeArraySizeException java.lang.RuntimeException
java.lang.ArrayStoreException java.lang.RuntimeException
java.lang.AssertionError java.lang.Error
java.lang.LinkageError java.lang.Error
java.lang.NoClassDefFoundError java.lang.LinkageError
java.util.InputMismatchException java.util.NoSuchElementException
java.util.EmptyStackException java.lang.RuntimeException
java.util.MissingResourceException java.lang.RuntimeException
java.util.DuplicateFormatFlagsException java.util.IllegalFormatException
java.util.MissingFormatArgumentException java.util.IllegalFormatException
java.util.UnknownFormatConversionException java.util.IllegalFormatException
java.util.IllegalFormatConversionException java.util.IllegalFormatException
java.util.MissingFormatWidthException java.util.IllegalFormatException
java.util.IllegalFormatPrecisionException java.util.IllegalFormatException
java.util.concurrent.CancellationException java.lang.IllegalStateException
java.util.zip.DataFormatException java.lang.Exception
java.util.zip.ZipException java.io.IOException
java.time.temporal.UnsupportedTemporalTypeException java.time.DateTimeException
java.time.zone.ZoneRulesException java.time.DateTimeException
java.io.UncheckedIOException java.lang.RuntimeException
java.nio.charset.UnsupportedCharsetException java.lang.IllegalArgumentException
java.net.URISyntaxException java.lang.Exception
java.nio.BufferOverflowException java.lang.RuntimeException
java.nio.BufferUnderflowException java.lang.RuntimeException
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
java.security.GeneralSecurityException java.lang.Exception
java.security.NoSuchAlgorithmException java.security.GeneralSecurityException
java.security.NoSuchProviderException java.security.GeneralSecurityException
java.security.KeyException java.security.GeneralSecurityException
java.security.InvalidKeyException java.security.KeyException
java.security.SignatureException java.security.GeneralSecurityException
java.security.InvalidAlgorithmParameterException java.security.GeneralSecurityException
java.security.KeyStoreException java.security.GeneralSecurityException
java.security.spec.InvalidKeySpecException java.security.GeneralSecurityException
javax.crypto.NoSuchPaddingException java.security.GeneralSecurityException
javax.crypto.IllegalBlockSizeException java.security.GeneralSecurityException
javax.crypto.BadPaddingException java.security.GeneralSecurityException
javax.crypto.AEADBadTagException javax.crypto.BadPaddingException
javax.xml.parsers.ParserConfigurationException java.lang.Exception
javax.xml.xpath.XPathException java.lang.Exception
javax.xml.xpath.XPathExpressionException javax.xml.xpath.XPathException
org.xml.sax.SAXException java.lang.Exception
org.w3c.dom.DOMException java.lang.RuntimeException
org.json.JSONException java.lang.RuntimeException
org.joda.time.IllegalFieldValueException java.lang.IllegalArgumentException
org.joda.time.IllegalInstantException java.lang.IllegalArgumentException
org.apache.commons.codec.DecoderException java.lang.Exception
org.apache.commons.codec.EncoderException java.lang.Exception
java.sql.SQLException java.lang.Exception
javax.xml.transform.TransformerException java.lang.Exception
javax.xml.transform.TransformerConfigurationException javax.xml.transform.TransformerException
javax.activation.UnsupportedDataTypeException java.io.IOException
com.mirth.connect.donkey.model.message.MessageSerializerException java.lang.Exception
com.mirth.commons.encryption.EncryptionException java.lang.Exception
`

func throwables() []*Class { return exceptionClasses(exceptions) }

func exceptionClasses(list string) []*Class {
	var classes []*Class
	for _, line := range strings.Split(strings.TrimSpace(list), "\n") {
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
		"toString": func(c *Call) any { return c.This.(*Throwable).String() },
		"getWrappedException": func(c *Call) any {
			if t := c.This.(*Throwable).Cause; t != nil {
				return t
			}
			return nil
		},
		"printStackTrace": func(c *Call) any {
			if w, ok := c.Object(0).(*Builder); ok {
				w.append(c, c.This.(*Throwable).String()+"\n")
			}
			return Void
		},
		"addSuppressed":    func(c *Call) any { return Void },
		"getSuppressed":    func(c *Call) any { return NewArray("java.lang.Throwable", nil) },
		"fillInStackTrace": func(c *Call) any { return c.This },
		"setStackTrace":    func(c *Call) any { return Void },
		"getStackTrace":    func(c *Call) any { return NewArray("java.lang.StackTraceElement", nil) },
		"initCause": func(c *Call) any {
			t := c.This.(*Throwable)
			t.Cause, _ = c.Object(0).(*Throwable)
			return t
		},
	}
}
