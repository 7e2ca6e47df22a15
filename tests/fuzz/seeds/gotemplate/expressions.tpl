{{ printf "%5.2f|%-8s|%q|%v|%#v|%x" 1.5 .s .pw .m .l .s | upper }} {{ print 1 "a" nil 'x' 0x1F 1e3 2i 1+2i .5 }}
{{ and .t (or .nul .pw) }} {{ not .el }} {{ lt 1 2 }} {{ ge "a" "b" }} {{ ne 1 2 }} {{ len .pw }} {{ slice .pw 1 3 }}
{{ (dict "a" (list 1 .pw)).a }} {{ html "<" .pw }} {{ js .pw }} {{ urlquery .pw }} {{ set .m "self" .m | len }}
{{ $y := and false ($z := 1) }}{{ .PathValue "m.k" }} {{ .YAML }} {{ (.Table "m").n.deep }} {{ repeat 2 .pw }} {{ fail .pw }}
