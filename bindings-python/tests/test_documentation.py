"""Every public name is explained."""

import inspect
from typing import Any

import pytest

import cdp_batch

PUBLIC = {name: getattr(cdp_batch, name) for name in cdp_batch.__all__ if not name.startswith("__")}
CALLS = {
    f"{owner.__name__}.{name}": call
    for owner in PUBLIC.values()
    if inspect.isclass(owner)
    and owner.__name__.removeprefix("Async") in ("Client", "Run", "Writer", "Batch", "RunReport")
    for name, call in inspect.getmembers(owner, inspect.isfunction)
    if not name.startswith("_")
}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_a_docstring(name: str) -> None:
    assert inspect.getdoc(PUBLIC[name])


@pytest.mark.parametrize("name", CALLS)
def test_every_call_has_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(CALLS[name]) or "")


@pytest.mark.parametrize("name", [name for name in CALLS if not name.startswith("Async")])
def test_every_argument_of_a_call_is_explained(name: str) -> None:
    call: Any = CALLS[name]
    text = inspect.getdoc(call) or ""
    for argument in list(inspect.signature(call).parameters)[1:]:
        assert f"{argument}: " in text, argument
