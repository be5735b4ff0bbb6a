"""Go templates. What is expected here was printed by Go's text/template with sprig."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.errors import TemplateError
from lastgood.model.source import File, Source
from lastgood.parsing import parse
from lastgood.rendering import renderer
from lastgood.rendering.go_template.explaining import CONVERT, GUARD

VALUES = parse(
    """\
name: web
replicas: 3
big: 1000000
cpu: 0.25
"on": true
"off": false
nothing:
empty: ""
str1: "1"
zero: "020724"
list: [a, b, c]
nums: [1, 2.5]
map: {b: 2, a: x, c: {d: e}}
env: [{name: A, value: "1"}, {name: B, value: two}]
text: |
  line one
  line two
special: "yes"
tmpl: "{{ .Values.name }}-x"
image: "reg.io:5000/a/b:1.2"
""",
    "values.yaml",
)[0].value


def render(text: str, values: Any = None, other: str = "", *, strict: bool = True) -> str:
    """What becomes of ``text``, which stands in a.yaml beside ``other`` in b.yaml."""
    files = (File("a.yaml", text), File("b.yaml", other))
    return renderer("go-template")(Source(files, VALUES if values is None else values, strict))[0].text


def refused(text: str, values: Any = None, other: str = "") -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        render(text, values, other)
    return caught.value


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ .Values.name }} {{ .Values.replicas }} {{ .Values.cpu }}", "web 3 0.25"),
        ("{{ .Values.big }} {{ int .Values.big }}", "1e+06 1000000"),
        ("{{ .Values.on }} {{ .Values.off }} [{{ .Values.empty }}]", "true false []"),
        ("{{ .Values.list }} {{ .Values.nums }} {{ .Values.map }}", "[a b c] [1 2.5] map[a:x b:2 c:map[d:e]]"),
        ('{{int .Values.str1}} {{ int "08" }} {{ int "abc" }} {{ .Values.zero }}', "1 0 0 020724"),
        ("{{ toYaml .Values.map }}", "a: x\nb: 2\nc:\n  d: e"),
        ("{{ toYaml .Values.env | indent 2 }}", '  - name: A\n    value: "1"\n  - name: B\n    value: two'),
        ("{{ .Values.map | toYaml | nindent 4 }}", "\n    a: x\n    b: 2\n    c:\n      d: e"),
        ("{{ toYaml .Values.special }} {{ toYaml 1.0 }}", '"yes" 1'),
        ("{{ toYaml .Values.nothing }} {{ toYaml nil }} {{ toYaml .Values.missing }}", "null null null"),
        ("{{ toYaml .Values.text }}", "|\n  line one\n  line two"),
        ("{{ toJson .Values.map }}", '{"a":"x","b":2,"c":{"d":"e"}}'),
        ('{{ fromYaml "a: 1\\nb: [x, yes]" | toJson }}', '{"a":1,"b":["x",true]}'),
        ('{{ (fromYaml "a: 1").a }} {{ (fromYaml "a: [").Error | empty }}', "1 false"),
        ('{{ fromJson `{"a": 1, "b": 2.5}` | toYaml }}', "a: 1\nb: 2.5"),
        ('{{ fromYamlArray "[1, x]" | toJson }} {{ fromJsonArray "[1]" | toJson }}', '[1,"x"] [1]'),
        ("{{ .Values.name | quote }} {{ .Values.replicas | quote }} {{ .Values.nothing | quote }}|", '"web" "3" |'),
        ('{{ index .Values "name" }} {{ index .Values.list 1 }} {{ index .Values.map "c" "d" }}', "web b e"),
        ('{{ hasKey .Values "name" }} {{ hasKey .Values "nope" }}', "true false"),
        ('{{ mergeOverwrite (dict "a" 1 "b" 2) (dict "a" 3) | toYaml }}', "a: 3\nb: 2"),
        ('{{ default "d" .Values.missing }} {{ default "d" .Values.name }}', "d web"),
        ('{{ .Values.empty | default "e" }} {{ .Values.missing | default "e" }}', "e e"),
        ('{{ coalesce .Values.missing .Values.empty "c" }} {{ ternary "a" "b" true }}', "c a"),
        ("{{ if .Values.missing }}a{{ else }}b{{ end }}{{ if .Values.missing.deep }}a{{ else }}b{{ end }}", "bb"),
        ("{{ with .Values.map }}{{ .a }}{{ end }}{{ with .Values.missing }}x{{ else }}y{{ end }}", "xy"),
        ("{{ range .Values.list }}{{ . }},{{ end }}{{ range .Values.missing }}x{{ else }}none{{ end }}", "a,b,c,none"),
        ("{{ range $k, $v := .Values.map }}{{ $k }}={{ $v }} {{ end }}", "a=x b=2 c=map[d:e] "),
        ("{{ range $i, $e := .Values.env }}{{ $i }}{{ .name }}{{ $.Values.name }} {{ end }}", "0Aweb 1Bweb "),
        ("{{ range $i, $e := .Values.list }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ $e }}{{ end }}", "ac"),
        ("{{ eq .Values.replicas 3.0 }} {{ eq (int .Values.replicas) 3 }}", "true true"),
        ('{{ and true .Values.name }} {{ or false "x" }} {{ not .Values.on }}', "web x false"),
        ("{{ eq .Values.missing nil }} {{ .Values.missing | toString }}", "true <nil>"),
        ('{{ upper "abc" }} {{ trunc 3 "abcdef" }} {{ replace "a" "b" "banana" }}', "ABC abc bbnbnb"),
        ('{{ splitList "," "a,b" | last }} {{ join "-" .Values.list }}', "b a-b-c"),
        ('{{ regexReplaceAll ":.*" .Values.image "" }} {{ trimSuffix "-" "a-" }}', "reg.io a"),
        ("{{ add 1 2 }} {{ mul .Values.str1 2 }} {{ div 7 2 }} {{ add .Values.replicas 1 }}", "3 2 3 4"),
        ('{{ printf "%s-%d" .Values.name 3 }} {{ printf "%.2f" .Values.cpu }} {{ printf "%q" "a" }}', 'web-3 0.25 "a"'),
        ('{{ b64enc "hello" }} {{ b64dec "aGVsbG8=" }} {{ sha256sum "a" | trunc 8 }}', "aGVsbG8= hello ca978112"),
        ('{{ define "t" }}[{{ .x }}]{{ end }}{{ template "t" (dict "x" 1) }}', "[1]"),
        ('{{ define "t" }}[{{ .x }}]{{ end }}{{ include "t" (dict "x" "a") | upper }}', "[A]"),
        ('a {{- "b" -}} c{{/* words */}} d', "abc d"),
        ("{{ $x := 1 }}{{ $x = 2 }}{{ $x }} {{ `raw` }} {{ len .Values.list }} {{ 0x10 }}", "2 raw 3 16"),
        ("{{ tpl .Values.tmpl . }}", "web-x"),
        ('{{ required "is needed" .Values.name }}', "web"),
        ("[{{ seq }}] {{ seq 3 }} {{ seq 0 2 4 }}", "[] 1 2 3 0 2 4"),
    ],
)  # fmt: skip
def test_a_template_prints_what_go_prints(template: str, text: str) -> None:
    assert render(template) == text


def test_whole_documents_may_be_guarded() -> None:
    text = "{{- if .Values.missing }}\na: 1\n---\n{{- end }}\n{{- if .Values.on }}\nb: 2\n{{- end }}\n"
    assert parse(render(text), "f")[0].value == {"b": 2}


def test_a_template_of_one_file_is_known_in_another() -> None:
    assert render('{{ include "x" . }}', other='{{ define "x" }}{{ .Values.name }}{{ end }}') == "web"


def test_what_a_file_changes_in_its_values_is_its_own() -> None:
    files = (File("a", '{{ $_ := set .Values "name" "x" }}{{ .Values.name }}'), File("b", "{{ .Values.name }}"))
    assert [one.text for one in renderer("go-template")(Source(files, VALUES))] == ["x", "web"]
    assert VALUES["name"] == "web"


# Values that are not there


def test_printing_what_is_not_there_is_an_error_that_names_file_line_and_key() -> None:
    error = refused("a: 1\nb:\n  c: {{ .Values.replica }}\n")
    assert (str(error), error.hint) == (
        "a.yaml:3: {{ .Values.replica }} has no value",
        "there is no replica: did you mean replicas?",
    )


@pytest.mark.parametrize(
    ("action", "hint"),
    [
        ("{{ .Values.map.x }}", "there is no map.x, only b, a, c; guard it with if, or give it a default"),
        ("{{ .Values.nothing }}", "nothing is null; guard it with if, or give it a default"),
        ('{{ index .Values "nope" }}', "guard it with if, or give it a default"),
        ("{{ .Release.Name }}", "there is no .Release here, only .Values"),
    ],
)
def test_what_is_missing_is_named(action: str, hint: str) -> None:
    assert refused(action).hint == hint


def test_with_no_values_at_all_nothing_is_listed() -> None:
    assert refused("{{ .Values.a }}", {}).hint == "there is no a; guard it with if, or give it a default"


def test_what_is_missing_in_an_included_template_is_told_where_it_stands() -> None:
    error = refused('a:\n{{ include "x" . | nindent 2 }}', other='{{ define "x" }}\n\nq: {{ .Values.no }}{{ end }}')
    assert str(error) == "b.yaml:3: {{ .Values.no }} has no value"


def test_what_is_missing_beside_an_included_template_is_told_where_it_stands() -> None:
    error = refused('a: {{ include "x" . }}\nb: {{ .Values.no }}', other='{{ define "x" }}{{ .Values.name }}{{ end }}')
    assert str(error) == "a.yaml:2: {{ .Values.no }} has no value"


def test_what_is_missing_in_a_text_of_the_values_is_told_where_it_is_used() -> None:
    error = refused("a: {{ tpl .Values.t . }}", {"t": "{{ .Values.no }}"})
    assert str(error) == "a.yaml:1: {{ tpl .Values.t . }}: the template given to tpl prints a value that is not there"


def test_the_words_that_go_prints_for_it_may_stand_in_a_file() -> None:
    assert render("# <no value>\na: {{ .Values.name }}") == "# <no value>\na: web"


def test_go_would_print_it_and_so_may_a_source_that_is_not_strict() -> None:
    assert render("{{ .Values.a }}", strict=False) == "<no value>"
    assert render('{{ printf "%d" .Values.replicas }}', strict=False) == "%!d(float64=3)"
    assert render('{{ tpl "{{ .Values.a }}" . }}', strict=False) == "<no value>"


def test_a_format_that_does_not_fit_is_an_error() -> None:
    assert "printf is given a value that its format does not fit" in str(refused('{{ printf "%d" .Values.replicas }}'))


# What is no template, and what fails


@pytest.mark.parametrize(
    ("template", "message", "hint"),
    [
        ("a\n{{ if }}", "a.yaml:2: this is not a Go template: missing value for command", ""),
        ("a\n{{ .Values.a", "a.yaml:2: this is not a Go template: unclosed action", ""),
        ("{{ end }}", "a.yaml:1: this is not a Go template: unexpected end", ""),
        ("{{ toYml . }}", "a.yaml:1: this is not a Go template: there is no function toYml", "did you mean toYaml?"),
        (
            '{{ env "PATH" }}',
            "a.yaml:1: this is not a Go template: there is no function env",
            "env is left out on purpose: a template sees its values and nothing else",
        ),
        (
            "\n{{ .Values.map.x | upper }}",
            "a.yaml:2: {{ .Values.map.x | upper }}: upper needs a string, and is given nothing",
            "there is no map.x, only b, a, c; guard it with if, or give it a default",
        ),
        ("{{ upper .Values.env }}", "a.yaml:1: {{ upper .Values.env }}: upper needs a string, and is given a list", ""),
        (
            "{{ .Values.name.x }}",
            "a.yaml:1: {{ .Values.name.x }}: there is no mapping to take x from",
            "name is no mapping",
        ),
        ('{{ include "no" . }}', 'a.yaml:1: {{ include "no" . }}: there is no template "no"', ""),
        ('{{ required "set it" .Values.no }}', 'a.yaml:1: {{ required "set it" .Values.no }}: set it', ""),
        ('{{ fail "not so" }}', 'a.yaml:1: {{ fail "not so" }}: not so', ""),
        (
            "{{ if eq .Values.str1 1 }}x{{ end }}",
            "a.yaml:1: {{ if eq .Values.str1 1 }}: eq: incompatible types for comparison",
            CONVERT,
        ),
        ('{{ repeat "x" 3 }}', 'a.yaml:1: {{ repeat "x" 3 }}: repeat needs an integer, and is given a string', ""),
        ("{{ upper }}", "a.yaml:1: {{ upper }}: upper needs a string, and is given nothing", GUARD),
        ("{{ index .Values.list 9 }}", "a.yaml:1: {{ index .Values.list 9 }}: index: index out of range", ""),
    ],
)  # fmt: skip
def test_what_fails_is_told_with_file_line_and_action(template: str, message: str, hint: str) -> None:
    error = refused(template)
    assert (str(error), error.hint) == (message, hint)


def test_a_failure_in_a_text_of_the_values_is_told_with_its_line_there() -> None:
    error = refused("a: {{ tpl .Values.t . }}", {"t": "x\n{{ upper .Values.t 1 }}"})
    assert str(error) == "a.yaml: line 2 of what is given to tpl: upper takes 1 arguments, and is given 2"


def test_a_long_action_is_cut_short() -> None:
    assert len(str(refused('{{ fail "x" | ' + "quote | " * 50 + "upper 1 2 }}"))) < 250


@pytest.mark.parametrize("shown", ["{{ toYaml $x }}", "{{ $x }}"])
def test_what_is_nested_too_deeply_is_not_printed(shown: str) -> None:
    template = '{{ $x := dict "a" 1 }}{{ range until 2000 }}{{ $x = dict "a" $x }}{{ end }}'
    assert "it is nested too deeply" in str(refused(template + shown))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{{ (fromJson "{").Error | empty }}', "false"),
        ('{{ fromJsonArray "{" | len }}', "1"),
        ('{{ fromYamlArray "[" | len }}', "1"),
        ('{{ fromYamlArray "a: b" | len }} {{ fromYaml "[1]" | len }} {{ fromYaml "" | len }}', "0 0 0"),
        ('{{ fromJson "[1]" | len }} {{ fromJsonArray "{}" | len }}', "0 0"),
    ],
)
def test_what_cannot_be_read_is_empty_or_told_as_in_helm(template: str, text: str) -> None:
    assert render(template) == text


def test_the_file_that_is_no_template_is_named_among_many() -> None:
    assert str(refused("fine", other="\n\n{{ if }}")).startswith("b.yaml:3: ")


@pytest.mark.parametrize(
    "action",
    [
        '{{ env "HOME" }}',
        '{{ expandenv "$HOME" }}',
        '{{ getHostByName "example.org" }}',
        '{{ lookup "v1" "Secret" "a" "b" }}',
        "{{ call .Values.name }}",
        "{{ .Values.name.upper }}",
        "{{ .Values.name.format }}",
        "{{ .Values.list.append }}",
        "{{ .Values.__class__ }}",
        "{{ .__init__ }}",
    ],
)
def test_a_template_reaches_nothing_but_its_values(action: str) -> None:
    refused(action)


# Templates that do not come to an end

DOUBLING = "{{ range until 60 }}%s{{ end }}"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ range until 500 }}{{ range until 500 }}{{ end }}{{ end }}", "it loops more than 200000 times"),
        ('{{ range until 100 }}{{ repeat 1000000 "x" }}{{ end }}', "it gives more than 16 MiB"),
        ('{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}', "call each other more than 40 levels"),
        ('{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}', "call each other more than 40 levels"),
        ('{{ include "a.yaml" . }}', "call each other more than 40 levels"),
        ('{{ repeat 1000000000 "x" }}', "repeat would give more than 4 MiB"),
        ("{{ until 1000000000 }}", "until would give more than 4 MiB"),
        ("{{ untilStep 0 1000000000 2 }}", "untilStep would give more than 4 MiB"),
        ("{{ seq 1000000000 }}", "seq would give more than 4 MiB"),
        ("{{ randAlphaNum 1000000000 }}", "randAlphaNum would give more than 4 MiB"),
        ('{{ printf "%1000000000d" 1 }}', "printf would give more than 4 MiB"),
        ('{{ printf "%*d" 1000000000 1 }}', "printf would give more than 4 MiB"),
        ('{{ indent 1000000000 "x" }}', "indent would give more than 4 MiB"),
        ('{{ repeat 1000000 "x" | replace "x" "yyyyyyyy" }}', "replace would give more than 4 MiB"),
        ('{{ regexReplaceAll "x" (repeat 300000 "x") "yyyyyyyyyyyyyyyyyyyy" }}', "regexReplaceAll would give more"),
        ('{{ wrapWith 1 "yyyyyyyyyy" (repeat 1000000 "x") }}', "wrapWith would give more"),
        ('{{ join (repeat 1000000 "x") (until 100) }}', "join would give more"),
        ('{{ $x := "abcdefgh" }}' + DOUBLING % "{{ $x = print $x $x }}", "print gives more than 4 MiB"),
        ('{{ $x := "abcdefgh" }}' + DOUBLING % "{{ $x = cat $x $x }}", "cat gives more than 4 MiB"),
        ('{{ $x := dict "a" 1 }}' + DOUBLING % '{{ $x = dict "a" $x "b" $x }}', "dict gives more than 4 MiB"),
        ('{{ $_ := set .Values "self" .Values }}', "set gives more than 4 MiB"),
        ('{{ $x := repeat 4000000 "x" }}{{ range until 100 }}{{ $y := len $x }}{{ end }}', "handle more than 32 MiB"),
        ("{{ if true }}" * 3000 + "{{ end }}" * 3000, "nesting limit"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "nesting limit"),
    ],
)
def test_a_template_is_stopped_before_it_eats_everything(template: str, problem: str) -> None:
    assert problem in str(refused(template))


def test_a_long_file_of_ordinary_size_is_fine() -> None:
    text = "{{ range until 2000 }}- name: n{{ . }}\n  value: {{ $.Values.name | quote }}\n{{ end }}"
    assert len(parse(render(text), "f")[0].value) == 2000
