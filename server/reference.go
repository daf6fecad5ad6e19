package server

import (
	"fmt"
	"strings"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/auth"
)

// Reference returns the reference pages, by file name: one for each connector
// and data type, written from the lines that declare their settings.
func Reference(opt Options) map[string]string {
	opt = opt.withDefaults()
	pages := map[string]string{}
	var index strings.Builder
	index.WriteString("# Reference\n\nWritten by the code; see CONTRIBUTING.md. Names are those of a Mirth export.\n")
	add := func(kind, name, summary string, s config.Settings) {
		file := strings.ToLower(strings.NewReplacer(" ", "-", "/", "-").Replace(kind+"-"+name)) + ".md"
		pages[file] = page(kind, name, summary, s)
		fmt.Fprintf(&index, "- [%s](%s): %s\n", name, file, summary)
	}
	index.WriteString("\n## Sources\n\n")
	for _, t := range opt.Sources {
		add("source", t.Name, t.Summary, t.New())
	}
	index.WriteString("\n## Destinations\n\n")
	for _, t := range opt.Destinations {
		add("destination", t.Name, t.Summary, t.New())
	}
	index.WriteString("\n## Data types\n\n")
	for _, t := range opt.DataTypes {
		add("data type", t.Name, t.Summary, t.New())
	}
	index.WriteString("\n## Accounts and API\n\n- [Roles](roles.md): what each role permits\n- [openapi.json](openapi.json): the REST API\n")
	pages["roles.md"], pages["openapi.json"] = rolesPage(), string(api.OpenAPI())
	pages["README.md"] = index.String()
	return pages
}

// rolesPage is a table of permissions by role, as an auditor reads one.
func rolesPage() string {
	var b strings.Builder
	b.WriteString("# Roles\n\nWhat a role does not name it does not permit. Whoever has an account may see who he is and change his own password.\n\n")
	head, rule := "| permission | |", "|---|---|"
	for _, r := range auth.Roles {
		fmt.Fprintf(&b, "- **%s**: %s\n", r.Name, r.Text)
		head, rule = head+" "+r.Name+" |", rule+"---|"
	}
	fmt.Fprintf(&b, "\n%s\n%s\n", head, rule)
	for _, p := range auth.Permissions {
		fmt.Fprintf(&b, "| `%s` | %s |", p.Name, p.Text)
		for _, r := range auth.Roles {
			mark := ""
			if r.Permits(p.Name) {
				mark = "yes"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func page(kind, name, summary string, s config.Settings) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\nA %s.\n\n| setting | kind | default | |\n|---|---|---|---|\n", name, summary, kind)
	for _, f := range config.List(s) {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, kindOf(f), defaultOf(f), cell(f.Help))
	}
	return b.String()
}

func kindOf(f *config.Field) string {
	if len(f.Choices) > 0 {
		return cell("one of " + strings.Join(f.Choices, ", "))
	}
	return f.Kind
}

func defaultOf(f *config.Field) string {
	switch {
	case f.Secret:
		return "(secret)"
	case f.Default == "":
		return ""
	}
	return "`" + cell(f.Default) + "`"
}

// cell keeps a text inside its table cell.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", `\r`).Replace(s)
}
