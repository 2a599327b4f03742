"""The example of docs/reports.md runs as it stands, and the table there names every module."""

import re
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]
PAGE = (REPO / "docs" / "reports.md").read_text(encoding="utf-8")


def test_the_example_writes_a_page_and_markdown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(re.search("```python\n(.*?)```", PAGE, re.DOTALL)[1], {})
    assert "0.094" in Path("report.html").read_text()
    assert "| Who retires? | 0.094 (0.081 to 0.108) |" in Path("report.md").read_text()
    assert Path("pictures/dnf.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_names_every_module():
    folder = REPO / "src" / "pitwall" / "report"
    paths = [*folder.iterdir(), *(folder / "content").iterdir()]
    modules = {path.stem for path in paths if not path.name.startswith("__")}
    assert {name for name in modules if f"`{name}`" not in PAGE and f"`{name}/`" not in PAGE} == set()
