{{- /* comment */ -}}
{{ $x := .m }}{{ if eq .s "str" }}a{{ else if .t }}b{{ else }}c{{ end }}
{{ with .l }}{{ index . 0 }}{{ else with .m }}{{ .k }}{{ end }}
{{ range $i, $e := .l }}{{ if $i }}{{ break }}{{ end }}{{ $e }}{{ else }}none{{ end }}
{{ range $k, $v = .m }}{{ continue }}{{ end }}{{ range 3 }}{{ . }}{{ end }}
