"""Forms that let gates judge: of a draft under a name, and of a version that is registered; who approves is asked where params.yaml asks for it."""

from __future__ import annotations

from uuid import uuid4

from pitwall.web.blocks import Field, Form

JUDGED = "It is registered; a deployment lets every gate judge it, and it answers as the champion if all pass."
PEOPLE = (
    Field("approve", "Who approves", help="Names with commas between; params.yaml asks for it."),
    Field("note", "Why"),
)


def deploy_form(draft: str, name: str, approval: str) -> Form:
    """Return the form that deploys a draft.

    Args:
        draft: what was trained.
        name: that is proposed.
        approval: policy of the project's promotions.
    """
    return _form("/jobs/deploy", {"draft": draft}, "Deploy", approval, Field("name", "Name of the model", value=name))


def judge_form(model: str, version: int, approval: str) -> Form:
    """Return the form that lets every gate judge a version; it is promoted if they let it.

    Args:
        model: its registered name.
        version: of the model.
        approval: policy of the project's promotions.
    """
    return _form("/jobs/judge", {"model": model, "version": str(version)}, "Deploy", approval)


def _form(to: str, given: dict[str, str], button: str, approval: str, *asked: Field) -> Form:
    hidden = [Field(name, "", "hidden", value) for name, value in {**given, "key": uuid4().hex}.items()]
    people = PEOPLE if approval != "auto" else ()
    return Form(to, (*hidden, *asked, *people), button, inline=True)
