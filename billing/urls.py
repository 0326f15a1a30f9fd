from django.urls import path

from billing import change_views, checkout_views, limit_views, views

app_name = "billing"
urlpatterns = [
    path("<str:key>/billing/", views.detail, name="detail"),
    path("<str:key>/billing/paid/", checkout_views.paid, name="paid"),
    path("<str:key>/billing/change/", change_views.change, name="change"),
    path("<str:key>/billing/accept/", change_views.accept, name="accept"),
    path("<str:key>/billing/later/", change_views.later, name="later"),
    path("<str:key>/billing/undo/", change_views.undo, name="undo"),
    path("<str:key>/billing/cancel/", change_views.cancel, name="cancel"),
    path("<str:key>/billing/resume/", change_views.resume, name="resume"),
    path("<str:key>/billing/details/", change_views.details, name="details"),
    path("<str:key>/billing/tax-id/remove/", change_views.remove_tax_id, name="remove-tax-id"),
    path("<str:key>/billing/limit/", limit_views.limit, name="limit"),
    path("<str:key>/billing/limit/notices/", limit_views.notices, name="limit-notices"),
    path("<str:key>/billing/portal/", views.portal, name="portal"),
    path("<str:key>/billing/invoices/<str:invoice_id>/", views.invoice, name="invoice"),
    path("<str:key>/billing/invoices/<str:invoice_id>/pay/", views.pay, name="pay"),
]
