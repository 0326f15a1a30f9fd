"""Texts to begin with. The desk may change and remove them."""

from django.db import migrations

ASK, REJECT = "ask", "reject"
TEMPLATES = [
    (
        ASK,
        "Place the words",
        "Hello {claimant},\n\nbefore we can go on with your claim on {organization}, Azure DevOps has to show us "
        "that you administer it. Please put the words that your claim shows into the description of a project "
        "there, press Look now on the page of your claim, and answer here when that is done.",
    ),
    (
        ASK,
        "Why owners can't be reached",
        "Hello {claimant},\n\nhow did you try to reach the owners of {organization}, and when? Please tell us what "
        "you know of them: whether they still work there, and who took over from them.",
    ),
    (
        ASK,
        "An owner objects",
        "Hello {claimant},\n\nsomebody who is responsible for {organization} objects to your claim. Please talk to "
        "the people there first, and tell us here what you agreed on.",
    ),
    (
        REJECT,
        "No evidence",
        "Azure DevOps did not show us that you administer {organization}. You may claim it again with the token of "
        "an administrator there at hand, or with the words of your claim in the description of a project.",
    ),
    (
        REJECT,
        "An owner can be reached",
        "An owner of {organization} can be reached. Please ask them to let you in: on the page of your import, or "
        "by an invitation from their members page.",
    ),
    (
        REJECT,
        "No answer",
        "We asked you about {organization} and heard nothing. You may claim it again when you can answer.",
    ),
]


def add(apps, schema_editor):
    model = apps.get_model("claims", "ReplyTemplate")
    templates = [model(about=about, title=title, text=text) for about, title, text in TEMPLATES]
    model.objects.using(schema_editor.connection.alias).bulk_create(templates)


class Migration(migrations.Migration):
    dependencies = [("claims", "0003_desk")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
