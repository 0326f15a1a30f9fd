"""Where support is, at the desk."""

WHY = {"reason": "Asked by phone"}
ALARMS = "/admin/billing/billingaccount/alarms/"


def act_on(row, name):
    kind = row._meta.model_name
    return f"/admin/billing/{kind}/{row.pk}/act/{name}/"


def page_of(row):
    return f"/admin/billing/{row._meta.model_name}/{row.pk}/change/"
