{{ define "d" }}{{ .k }}{{ template "e" .n }}{{ end }}{{ define "e" }}{{ with . }}{{ .deep }}{{ end }}{{ end }}
{{ template "d" .m }}{{ block "b" . }}{{ .pw }}{{ end }}{{ include "d" .m | nindent 4 }}
{{ tpl "{{ define \"q\" }}{{ .pw | upper }}{{ end }}{{ include \"q\" . }}" . }}{{ tpl .pw . }}{{ include .pw . }}
