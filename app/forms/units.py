"""A field for whole units; what is no whole number is passed on, to be refused in words."""

import streamlit as st


def units_field(
    label: str,
    key: str,
    *,
    value: int | None = None,
    least: int | None = 0,
    placeholder: str | None = None,
    help: str | None = None,  # noqa: A002 - as Streamlit names it
) -> int | float | None:
    """Show the field and return what it holds: a whole number as int, any other as it was entered.

    A field of ints would cut 2.5 down to 2 without a word.
    """
    entered = st.number_input(
        label,
        value=None if value is None else float(value),
        min_value=None if least is None else float(least),
        step=1.0,
        format="%g",
        placeholder=placeholder,
        help=help,
        key=key,
    )
    return int(entered) if entered is not None and entered.is_integer() else entered
