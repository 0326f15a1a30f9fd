from django.urls import path

from claims import views

app_name = "claims"
urlpatterns = [
    path("", views.mine, name="list"),
    path("new/", views.new, name="new"),
    path("objection/<str:signed>/", views.objection, name="objection"),
    path("<uuid:claim_id>/", views.detail, name="detail"),
    path("<uuid:claim_id>/paste/", views.paste, name="paste"),
    path("<uuid:claim_id>/look/", views.look, name="look"),
    path("<uuid:claim_id>/answer/", views.answer, name="answer"),
    path("<uuid:claim_id>/withdraw/", views.withdraw, name="withdraw"),
]
