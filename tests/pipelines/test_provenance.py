"""A bad value is told with the template's line, and with the variable and the values file that it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from lastgood.errors import ManifestError
from tests.pipelines.shop import Shop, service_text

POD = """\
{{- $name := .Values.name | default "web" }}
{{- if .Values.enabled }}
apiVersion: v1
kind: Pod
metadata:
  name: {{ $name }}
  annotations:
    checksum: {{ include "labels" . | sha256sum }}
    copy: {{ include "labels" . | b64enc }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  containers:
    {{- range .Values.containers }}
    - name: {{ .name }}
      resources:
        limits:
          memory: {{ .memory }}
          cpu: {{ $.Values.cpu }}
    {{- end }}
{{- end }}
"""

LABELS = """\
{{- define "labels" -}}
app: web
version: {{ .Values.version }}
{{- end -}}
"""

VALUES = """\
enabled: yes
version: "1.0"
cpu: 1
containers:
  - name: web
    memory: 1Gi
  - name: log
    memory: <+serviceVariables.size>
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path).put("/app/pod.yaml", POD).put("/app/labels.yaml", LABELS).put("/values.yaml", VALUES)


def refused(shop: Shop, size: str = "1Gi", *, values: str = "[/values.yaml]", **given: object) -> ManifestError:
    text = service_text(values=values, variables={"other": "x", "size": size})
    with pytest.raises(ManifestError) as caught:
        shop.load(text, **given)
    return caught.value


def test_a_bad_variable_is_named_with_its_line_and_its_way(shop: Shop) -> None:
    shop.put("/app/labels.yaml", LABELS.replace("{{ .Values.version }}", "{{ .Values.version | quote }}"))
    error = refused(shop, "2GB")
    field = "spec.containers[name=log].resources.limits.memory"
    way = f"from service variable size ({shop.folder}/service.yaml:27), via /values.yaml:8: containers[1].memory"
    assert str(error) == f'/app/pod.yaml:18: pod/web: {field}: "2GB" is not a quantity ({way})'
    assert error.hint == "use 2Gi (Gi is 2^30) or 2G (G is 10^9): --set-variable size=2Gi"


def test_a_variable_of_the_command_line_is_named_as_such(shop: Shop) -> None:
    shop.put("/app/labels.yaml", LABELS.replace("{{ .Values.version }}", "{{ .Values.version | quote }}"))
    error = refused(shop, variables={"size": "2GB"})
    assert "(from --set-variable size, via /values.yaml:8: containers[1].memory)" in str(error)


def test_a_bad_value_of_a_values_file_is_named_with_its_line(shop: Shop) -> None:
    """The label is printed by a template of another file; its line there is told."""
    error = refused(shop)
    assert str(error) == (
        "/app/labels.yaml:3: pod/web: metadata.labels.version: is a number, and has to be a string "
        "(from /values.yaml:2: version)"
    )
    assert error.hint == "let the template print it in quotes: | quote"


def test_the_values_file_that_wins_is_named(shop: Shop) -> None:
    shop.put("/more.yaml", "version: 2.5\n")
    assert "(from /more.yaml:1: version)" in str(refused(shop, values="[/values.yaml, /more.yaml]"))


def test_the_values_that_win_are_tried_first(shop: Shop) -> None:
    shop.put("/values.yaml", VALUES + "".join(f"v{number}: x\n" for number in range(1000)))
    shop.put("/more.yaml", "version: 2.5\n")
    assert "(from /more.yaml:1: version)" in str(refused(shop, values="[/values.yaml, /more.yaml]"))


def test_a_variable_that_is_only_a_part_is_not_replaced_by_the_whole(tmp_path: Path) -> None:
    shop = (
        Shop(tmp_path)
        .put("/values.yaml", "memory: <+serviceVariables.size>b\n")
        .put(
            "/app/quota.yaml",
            "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: a}\nspec: {hard: {memory: {{ .Values.memory }}}}\n",
        )
    )
    error = refused(shop, "1G")
    assert '"1Gb" is not a quantity (from service variable size' in str(error)
    assert error.hint == "use 1Gi (Gi is 2^30) or 1G (G is 10^9)"


def test_what_stands_in_the_manifest_itself_has_no_other_source(tmp_path: Path) -> None:
    shop = Shop(tmp_path).config(a="1").put("/values.yaml", VALUES)
    error = refused(shop)
    assert str(error) == "/app/config.yaml:6: configmap/config: data.a: is a number, and has to be a string"
    assert error.hint == "put it in quotes"


def test_a_value_that_is_calculated_with_is_traced_by_a_number(tmp_path: Path) -> None:
    shop = Shop(tmp_path).config(a="{{ mul .Values.count 2 }}").put("/values.yaml", "count: 4\n")
    assert "(from /values.yaml:1: count)" not in str(refused(shop))  # 7340517 * 2 does not show where it came from
    shop.config(a="{{ add .Values.count 0 }}")
    assert "(from /values.yaml:1: count)" in str(refused(shop))


def test_a_value_that_only_decides_is_not_taken_for_the_source(tmp_path: Path) -> None:
    shop = Shop(tmp_path).config(a="{{ if .Values.flag }}1{{ else }}2{{ end }}").put("/values.yaml", "flag: x\n")
    assert "from" not in str(refused(shop)).split("string")[1]


def test_a_variable_in_the_middle_of_a_text_is_traced(tmp_path: Path) -> None:
    shop = Shop(tmp_path).put(
        "/app/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {{ .Values.name }}\n"
    )
    shop.put("/values.yaml", "name: ns-<+serviceVariables.size>\n")
    error = refused(shop, "Big_One")
    assert "from service variable size" in str(error)
    assert error.hint == "call it ns-big-one"


def test_all_problems_of_a_service_are_told(shop: Shop) -> None:
    lines = str(refused(shop, "2GB")).split("\n")
    assert len(lines) == 2
    assert lines[0].startswith("/app/labels.yaml:3: pod/web: metadata.labels.version")
    assert lines[1].endswith("(use 2Gi (Gi is 2^30) or 2G (G is 10^9): --set-variable size=2Gi)")


def test_a_rendered_text_that_is_no_yaml_is_told_in_the_template(tmp_path: Path) -> None:
    shop = Shop(tmp_path).config(a="{{ .Values.a }}", b='"x"').put("/values.yaml", 'a: "x: y: z"\n')
    assert str(refused(shop)).startswith("/app/config.yaml:6: this is not valid YAML: mapping values are not allowed")


def test_a_rendered_resource_without_a_name_is_told_in_the_template(tmp_path: Path) -> None:
    shop = Shop(tmp_path).put(
        "/app/a.yaml", "{{- if true }}\n---\n{{- end }}\napiVersion: v1\nkind: Pod\nmetadata: {}\n"
    )
    shop.put("/values.yaml", "a: b\n")
    assert str(refused(shop)).startswith("/app/a.yaml:6: metadata.name: is missing")


def test_where_no_line_can_be_told_the_rendered_one_is(tmp_path: Path) -> None:
    """Text that is hashed, quoted or cut in the template cannot carry marks."""
    shop = Shop(tmp_path).put("/app/a.yaml", '{{ printf "%s" (repeat 2 "kind: Pod\\n") | quote | len }}: [\n')
    shop.put("/values.yaml", "a: b\n")
    assert "this is not valid YAML" in str(refused(shop))


def test_twins_are_told_with_both_lines_of_the_templates(tmp_path: Path) -> None:
    shop = Shop(tmp_path).put("/values.yaml", "a: b\n")
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    shop.put("/app/a.yaml", "{{ if .Values.a }}\n" + pod + "{{ end }}---\n" + pod)
    assert str(refused(shop)) == "/app/a.yaml:6: pod/a: is there twice, first in /app/a.yaml:2"


def test_a_secret_s_data_is_never_told(tmp_path: Path) -> None:
    shop = Shop(tmp_path).put(
        "/app/s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  pass: {{ .Values.pass }}\n"
    )
    shop.put("/values.yaml", "pass: <+serviceVariables.size>\n")
    for password in ("hunter2!", "12345678"):
        error = refused(shop, password)
        assert "from service variable size" in str(error)
        assert password not in f"{error}{error.hint}"


def test_tracing_many_values_is_bounded(tmp_path: Path) -> None:
    shop = Shop(tmp_path).config(a="{{ .Values.v0 }}")
    shop.put("/values.yaml", "".join(f"v{number}: {number}\n" for number in range(2000)))
    assert "(from /values.yaml:1: v0)" in str(refused(shop))
