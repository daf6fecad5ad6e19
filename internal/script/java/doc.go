// Package java gives scripts the Java values and classes that channels use.
//
// A class is a row in a table: its name, what new does, its methods. [Library]
// holds the tables; [New] makes them available in one runtime:
//
//	vm := java.New(rt, library, java.Hooks{})
//	rt.Set("java", vm.Package("java"))
//
// # Values
//
// A Java value is a Go value:
//
//	String, Double, Integer, Long, Boolean   string, float64, int32, int64, bool
//	Object[] and other arrays, byte[]        *Array, []byte
//	everything else                          a pointer to a type with a method JavaClass
//	a JavaScript value in Java's hands       *Held
//
// [VM.ToJS] wraps one for a script as Rhino does: a String is an object whose
// methods are Java's (replace, split, length()) before JavaScript's, equal to
// text by == only. [VM.FromJS] is the way back.
//
// # Adding a class
//
// Each family is a file with a function that returns its rows, listed in
// [NewLibrary]. A method is a function of the receiver and the arguments:
//
//	{Name: "java.util.Random", New: newRandom, Methods: Methods{
//		"nextInt": func(c *Call) any { return c.This.(*Random).Intn(c.Int(0)) },
//	}}
//
// What it returns decides what the script gets: a Go int, float64 or bool is a
// primitive, hence a JavaScript number or boolean; a string is a Java String; a
// value of a method declared to return Object goes through [Object]; [Void] is
// undefined.
//
// Values that outlive a run, in a map, may meet another script at the same time;
// collections therefore lock themselves.
package java
