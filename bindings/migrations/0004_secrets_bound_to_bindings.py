"""Secrets of tokens are bound to the binding too. Those that are stored are sealed once more."""

from django.db import migrations, transaction

import core.secrets
from core.secrets import Sealed, SecretUnreadable, seal, unseal

PAGE = 500


def bind(apps, schema_editor):
    _seal_again(apps, old="{label}:{token.pk}", new="{label}:{token.pk}:{token.binding_id}")


def unbind(apps, schema_editor):
    _seal_again(apps, old="{label}:{token.pk}:{token.binding_id}", new="{label}:{token.pk}")


def _seal_again(apps, **identities):
    """A page at a time, so that nothing is locked for long. May be stopped and repeated."""
    Token = apps.get_model("bindings", "PersonalAccessToken")
    tokens = Token.objects.order_by("pk").only("pk", "binding_id", "secret")
    page = _seal_page(Token, tokens, identities)
    while page:
        page = _seal_page(Token, tokens.filter(pk__gt=page[-1].pk), identities)


@transaction.atomic
def _seal_page(Token, tokens, identities):
    page = list(tokens.select_for_update()[:PAGE])
    for token in page:
        if text := _rebound(token, **identities):
            Token.objects.filter(pk=token.pk).update(secret=Sealed(seal(text)))
    return page


def _rebound(token, *, old, new):
    """None for what can't be read, which stays as it is, and for what is done."""
    try:
        identity, _, secret = unseal(token.secret._ciphertext).partition("\n")
    except SecretUnreadable:
        return None
    label = token._meta.label_lower
    if identity != old.format(label=label, token=token):
        return None
    return f"{new.format(label=label, token=token)}\n{secret}"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("bindings", "0003_health_of_tokens"),
    ]

    operations = [
        migrations.AlterField(
            model_name="personalaccesstoken",
            name="secret",
            field=core.secrets.SealedTextField(bound_to=("binding_id",)),
        ),
        migrations.RunPython(bind, unbind),
    ]
