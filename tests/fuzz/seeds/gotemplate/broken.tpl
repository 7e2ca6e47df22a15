{{ if }}{{ end }}{{ `raw }} {{ "\q" }} {{ 1a }} {{ .a-b }} {{ $u }} {{ (1 }} {{/* x }} {{ template x }} {{ range $a, $b, $c := . }}
