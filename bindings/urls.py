from django.urls import path

from bindings import token_views, views

app_name = "bindings"
urlpatterns = [
    path("<str:key>/binding/", views.detail, name="detail"),
    path("<str:key>/binding/history/", views.history, name="history"),
    path("<str:key>/binding/token/", token_views.replace, name="replace"),
    path("<str:key>/binding/name/", token_views.name, name="name"),
    path("<str:key>/binding/expiry/", token_views.expiry, name="expiry"),
    path("<str:key>/binding/check/", token_views.check, name="check"),
    path("<str:key>/binding/accept/", token_views.accept, name="accept"),
    path("<str:key>/binding/use-standby/", token_views.use_standby, name="use-standby"),
    path("<str:key>/binding/undo/", token_views.undo, name="undo"),
    path("<str:key>/binding/discard/", token_views.discard, name="discard"),
    path("<str:key>/binding/calendar/", token_views.calendar, name="calendar"),
    path("<str:key>/repositories/", views.repositories, name="repositories"),
]
