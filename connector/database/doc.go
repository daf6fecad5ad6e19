// Package database is the "Database Reader" and the "Database Writer".
//
// Both speak SQL or are scripts of the channel. In SQL every ${…} is a bound
// parameter and never text, so that no value can change a statement. Databases
// are named by JDBC URLs, see package jdbc.
//
// A row becomes an XML message, <result> with an element for each column that is
// not NULL, named by its label in small letters. Values look as the JDBC drivers
// print them: 1.0, true, 2026-01-02 03:04:05.0.
package database
