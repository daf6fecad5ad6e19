package java

import (
	"strings"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
)

// money is a java.util.Currency.
type money struct{ code string }

func (money) JavaClass() string { return "java.util.Currency" }
func (m money) String() string  { return m.code }

// currencyFacts are the number, the symbol in English, where it is not the code, and
// the name of the currencies that interfaces meet most.
var currencyFacts = map[string]struct {
	number       int
	symbol, name string
}{
	"AED": {784, "", "United Arab Emirates Dirham"}, "AUD": {36, "A$", "Australian Dollar"}, "BRL": {986, "R$", "Brazilian Real"},
	"CAD": {124, "CA$", "Canadian Dollar"}, "CHF": {756, "", "Swiss Franc"}, "CLP": {152, "", "Chilean Peso"}, "CNY": {156, "CN¥", "Chinese Yuan"},
	"COP": {170, "", "Colombian Peso"}, "CZK": {203, "", "Czech Koruna"}, "DKK": {208, "", "Danish Krone"}, "EUR": {978, "€", "Euro"},
	"GBP": {826, "£", "British Pound"}, "HKD": {344, "HK$", "Hong Kong Dollar"}, "HUF": {348, "", "Hungarian Forint"}, "ILS": {376, "₪", "Israeli New Shekel"},
	"INR": {356, "₹", "Indian Rupee"}, "JPY": {392, "¥", "Japanese Yen"}, "KRW": {410, "₩", "South Korean Won"}, "KWD": {414, "", "Kuwaiti Dinar"},
	"MXN": {484, "MX$", "Mexican Peso"}, "NOK": {578, "", "Norwegian Krone"}, "NZD": {554, "NZ$", "New Zealand Dollar"}, "PHP": {608, "₱", "Philippine Peso"},
	"PLN": {985, "", "Polish Zloty"}, "SAR": {682, "", "Saudi Riyal"}, "SEK": {752, "", "Swedish Krona"}, "SGD": {702, "", "Singapore Dollar"},
	"THB": {764, "", "Thai Baht"}, "TRY": {949, "", "Turkish Lira"}, "TWD": {901, "NT$", "New Taiwan Dollar"}, "USD": {840, "$", "US Dollar"},
	"ZAR": {710, "", "South African Rand"},
}

func currencyClass() *Class {
	return &Class{Name: "java.util.Currency",
		Static: Methods{"getInstance": func(c *Call) any {
			if l, ok := c.Object(0).(*Locale); ok {
				return c.currencyOf(l)
			}
			code := c.Need(0)
			if _, err := currency.ParseISO(code); err != nil || code != strings.ToUpper(code) {
				panic(c.Throw("java.lang.IllegalArgumentException", ""))
			}
			return money{code}
		}},
		Methods: Methods{
			"getCurrencyCode": func(c *Call) any { return c.This.(money).code },
			"getSymbol": func(c *Call) any {
				m := c.This.(money)
				if l, ok := c.Object(0).(*Locale); ok {
					if s := symbolsOf(l.tag); s.code == m.code {
						return s.currency
					}
				}
				return m.symbol()
			},
			"getDefaultFractionDigits": func(c *Call) any { return c.This.(money).digits() },
			"getNumericCode":           func(c *Call) any { return currencyFacts[c.This.(money).code].number },
			"getDisplayName": func(c *Call) any {
				m := c.This.(money)
				if name := currencyFacts[m.code].name; name != "" {
					return name
				}
				return m.code
			},
			"toString": func(c *Call) any { return c.This.(money).code },
		}}
}

func (m money) symbol() string {
	if s := currencyFacts[m.code].symbol; s != "" {
		return s
	}
	return m.code
}

func (m money) digits() int {
	unit, err := currency.ParseISO(m.code)
	if err != nil {
		return 2
	}
	digits, _ := currency.Standard.Rounding(unit)
	return digits
}

func (c *Call) currencyOf(l *Locale) money {
	_, country, _ := strings.Cut(strings.ReplaceAll(l.tag, "-", "_"), "_")
	region, err := language.ParseRegion(country)
	if err != nil {
		panic(c.Throw("java.lang.IllegalArgumentException", ""))
	}
	unit, ok := currency.FromRegion(region)
	if !ok {
		panic(c.Throw("java.lang.IllegalArgumentException", ""))
	}
	return money{unit.String()}
}
