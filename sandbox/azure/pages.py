from flask import Blueprint

from .world import World


def create_pages(world: World) -> Blueprint:
    return Blueprint("azure", __name__)
