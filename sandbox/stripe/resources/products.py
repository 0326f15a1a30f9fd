"""Products: what is sold."""

from sandbox.stripe.calls import Call, handles
from sandbox.stripe.changing import change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object

_FIELDS = (
    "active",
    "description",
    "images",
    "marketing_features",
    "name",
    "package_dimensions",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "unit_label",
    "url",
)


@handles("POST", "/v1/products")
def create(call: Call) -> Object:
    world, params = call.world, call.params
    identifier = params.get("id") or world.new_id("prod")
    if world.find("product", identifier):
        raise StripeError("Product already exists.", code="resource_already_exists", param="id")
    product: Object = {
        **dict.fromkeys(_FIELDS),
        "id": identifier,
        "object": "product",
        "active": True,
        "created": world.now(),
        "default_price": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "type": "service",
        "updated": world.now(),
    }
    change(product, params, *_FIELDS)
    world.put(product)
    world.emit("product.created", product)
    return product


@handles("GET", "/v1/products/{id}")
def retrieve(call: Call) -> Object:
    return call.world.get("product", call["id"])


@handles("POST", "/v1/products/{id}")
def update(call: Call) -> Object:
    world, product = call.world, call.world.get("product", call["id"])
    if "default_price" in call.params:
        world.get("price", call.params["default_price"])
    if before := change(product, call.params, *_FIELDS, "default_price"):
        before["updated"], product["updated"] = product["updated"], world.now()
        world.emit("product.updated", product, **before)
    return product


@handles("GET", "/v1/products")
def list_products(call: Call) -> Object:
    wanted = {name: call.params[name] for name in ("active",) if name in call.params}
    ids = call.params.get("ids")
    found = call.world.all("product", **wanted)
    return listed(call, (each for each in found if ids is None or each["id"] in ids))


@handles("DELETE", "/v1/products/{id}")
def delete(call: Call) -> Object:
    world, product = call.world, call.world.get("product", call["id"])
    if any(world.all("price", product=product["id"])):
        raise StripeError(
            "This product cannot be deleted because it has one or more user-created prices."
        )
    world.remove("product", product["id"])
    world.emit("product.deleted", product)
    return {"id": product["id"], "object": "product", "deleted": True}
