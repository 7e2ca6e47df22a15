{{ define "none" }}{{ .Values.none }}{{ end }}
