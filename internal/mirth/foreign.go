package mirth

import (
	"slices"
	"strings"
)

// Foreign reports whether a name of an element, or of a class, is one that no file
// of Mirth has and that makes a Java program that reads it run something: the
// proxies and commands of CVE-2023-37679 and CVE-2023-43208, and others of their
// kind. Here no name runs anything; but Weir gives back what it keeps, and Mirth's
// own clients are such programs.
func Foreign(name string) bool {
	name = unescapeClass(strings.TrimSpace(name))
	if name == "dynamic-proxy" || name == "java-class" || name == "java-method" {
		return true
	}
	return strings.Contains(name, ".") && slices.ContainsFunc(foreign, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// foreign are the packages, and the classes, of such names. What messages hold in
// their maps is left alone: texts, numbers, dates, collections, DOM and JavaScript
// values.
var foreign = []string{
	"java.beans.", "java.lang.Process", "java.lang.Runtime", "java.lang.reflect.", "java.lang.Class", "java.rmi.", "java.util.ServiceLoader",
	"javax.imageio.", "javax.management.", "javax.naming.", "javax.script.", "javax.swing.", "javax.xml.transform.Templates",
	"com.sun.jndi.", "com.sun.rowset.", "com.sun.xml.", "com.sun.org.apache.xalan.", "com.sun.org.apache.bcel.", "com.sun.tools.", "com.sun.corba.",
	"sun.awt.", "sun.misc.", "sun.nio.", "sun.print.", "sun.reflect.", "sun.rmi.", "sun.swing.", "jdk.nashorn.", "jdk.internal.",
	"org.apache.bcel.", "org.apache.xalan.", "org.apache.commons.beanutils.", "org.apache.commons.collections.", "org.apache.commons.collections4.",
	"org.apache.commons.configuration", "org.apache.commons.lang3.event.", "org.codehaus.groovy.", "groovy.", "org.springframework.", "org.hibernate.",
	"bsh.", "clojure.", "com.mchange.", "com.rometools.", "com.sun.syndication.", "com.zaxxer.",
}

// unescapeClass undoes what a class's name goes through to be an element's.
func unescapeClass(name string) string {
	if !strings.Contains(name, "_") {
		return name
	}
	return strings.NewReplacer("_-", "$", "__", "_").Replace(name)
}

// namesClass are the attributes whose values are names of classes.
var namesClass = map[string]bool{"class": true, "defined-in": true, "resolves-to": true}

const foreignReason = "a name of Java's that no export has, and that harms programs in Java, is not accepted"
