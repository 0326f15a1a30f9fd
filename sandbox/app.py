"""The web application: human pages, mail, controls, and everything else is the API."""

from flask import Flask, Response, abort, request
from werkzeug.exceptions import InternalServerError, NotFound

from .azure.api import answer, internal_error
from .azure.pages import create_pages, not_found
from .azure.world import World
from .control import create_control
from .mail.mailbox import Mailbox
from .mail.pages import create_mail_pages
from .stripe.control import create_control as create_stripe_control
from .stripe.desk import Desk
from .stripe.http import create_api
from .stripe.pages import create_stripe_pages
from .traffic import is_for_a_service

_ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(world: World, mailbox: Mailbox, desk: Desk) -> Flask:
    """`extensions["traffic"]` is set by whoever wraps it, for the controls to use."""
    app = Flask(__name__, static_folder=None)
    # The stood-in services take paths as they come: no redirects to a tidier one.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.register_blueprint(create_control(world, mailbox, desk))
    app.register_blueprint(create_mail_pages(mailbox))
    app.register_blueprint(create_stripe_control(desk))
    app.register_blueprint(create_api(desk))
    app.register_blueprint(create_stripe_pages(desk))
    app.register_blueprint(create_pages(world))
    app.register_error_handler(InternalServerError, internal_error)

    def keep_changes(response: Response) -> Response:
        if request.method != "GET" and request.path.startswith(("/stripe/", "/_sandbox/stripe/")):
            desk.store.changed()
        return response

    app.after_request(keep_changes)

    def show_not_found(_error: NotFound) -> Response:
        return not_found(world)

    app.register_error_handler(NotFound, show_not_found)

    def call_api(path: str) -> Response:
        if not is_for_a_service(f"/{path}"):
            abort(404)
        return answer(world, request, path)

    app.add_url_rule(
        "/<path:path>",
        view_func=call_api,
        methods=_ALL_METHODS,
        provide_automatic_options=False,
    )
    return app
