"""The peer of benchmarks/page.py: a bare NiceGUI page with a table of 20 rows and a button that changes a label; `python _bare_page.py PORT`."""

from __future__ import annotations

import sys

from nicegui import ui

CARS = 20


@ui.page("/")
def shown() -> None:
    """Show the page; each visitor has a session of their own."""
    rows = [{"car": f"Car {number}", "chance": f"{100 / number:.1f} %"} for number in range(1, CARS + 1)]
    columns = [{"name": name, "label": name, "field": name} for name in ("car", "chance")]
    ui.label("Who wins the race?").props('role="heading"')
    told = ui.label("race_winner").props('id="told"')
    ui.button("podium", on_click=lambda: told.set_text("podium" if told.text != "podium" else "race_winner"))
    ui.table(columns=columns, rows=rows, row_key="car")


if __name__ in {"__main__", "__mp_main__"}:
    ui.run(port=int(sys.argv[1]), host="127.0.0.1", show=False, reload=False, title="bare", access_log=False)
