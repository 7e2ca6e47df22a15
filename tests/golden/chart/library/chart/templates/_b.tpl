{{ define "who" }}root-b{{ end }}{{ define "lib.blank" }}  {{/* x */}} {{ end }}
