"""All pages below `/stripe/`."""

from pathlib import Path

from flask import Blueprint

from sandbox.stripe.desk import Desk

from .authentication_pages import add_authentication_pages
from .checkout_pages import add_checkout_pages
from .desk_pages import add_desk_pages
from .forms import grouped
from .invoice_pages import add_invoice_pages
from .portal_pages import add_portal_pages
from .showing import day, minute, money

_HERE = Path(__file__).parent


def create_stripe_pages(desk: Desk) -> Blueprint:
    world = desk.world
    pages = Blueprint(
        "stripe",
        __name__,
        template_folder=str(_HERE / "templates"),
        static_folder=str(_HERE / "static"),
        static_url_path="/static/stripe",
    )
    for spell in (money, day, minute, grouped):
        pages.add_app_template_filter(spell)
    add_checkout_pages(pages, world)
    add_invoice_pages(pages, world)
    add_portal_pages(pages, world)
    add_authentication_pages(pages, world)
    add_desk_pages(pages, desk)
    return pages
