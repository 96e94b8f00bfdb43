"""Addresses of messages."""

from django.urls import path

from tisserand.messages import views

urlpatterns = [path("courrier/refus/<str:token>/", views.refusal_page, name="message-refusal")]
