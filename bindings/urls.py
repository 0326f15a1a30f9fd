from django.urls import path

from bindings import views

app_name = "bindings"
urlpatterns = [
    path("<str:key>/binding/", views.detail, name="detail"),
    path("<str:key>/repositories/", views.repositories, name="repositories"),
]
