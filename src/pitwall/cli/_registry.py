"""What every command of `pitwall registry` takes: the name of a model."""

from __future__ import annotations

from typing import Annotated

import typer

JudgedModel = Annotated[
    str, typer.Argument(metavar="NAME", help="A model such as order-pre_race, or a template that it answers.")
]
