"""The file that Kubernetes' downward API writes."""

from pathlib import Path

import pytest

from infergraph.declaration.pod_annotations import pod_annotations


def test_the_first_equals_sign_divides_and_a_bad_line_loses_itself_alone(tmp_path: Path) -> None:
    file = tmp_path / "annotations"
    file.write_text('a="1"\nno divider\nb="x=y=z"\n\n="empty"\nquoted="say \\"hi\\"\\n"\nbare=1\nodd="\\x41"\n')
    assert pod_annotations(file) == {"a": "1", "b": "x=y=z", "quoted": 'say "hi"\n', "bare": "1", "odd": "\\x41"}


@pytest.mark.parametrize("name", ["missing", "."])
def test_no_file_has_no_annotations(tmp_path: Path, name: str) -> None:
    assert pod_annotations(tmp_path / name) == {}
