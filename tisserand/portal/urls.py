"""Addresses of the public site and of the team's door."""

from django.urls import path

from tisserand.portal.views import figures, public, register, team

urlpatterns = [
    path("", public.home, name="home"),
    path("toile/", public.cloth_page, name="cloth"),
    path("structures/", public.structures_page, name="structures"),
    path("structures/<slug:slug>/", public.structure_page, name="structure"),
    path("structures/<slug:slug>/modifier/", public.structure_edit, name="structure-edit"),
    path("chiffres/", figures.figures_page, name="figures"),
    path("chiffres/export.<str:format>", figures.figures_export, name="figures-export"),
    path("chiffres/figer/", figures.freeze_figures, name="figures-freeze"),
    path("chiffres/releves/<int:pk>/", figures.snapshot_page, name="snapshot"),
    path("accessibilite/", public.accessibility_page, name="accessibility"),
    path("donnees/", public.data_page, name="data"),
    path("langue/", public.choose_language, name="set_language"),
    path("equipe/", team.team_home, name="staff-home"),
    path("equipe/registre/", register.register_page, name="register"),
    path("equipe/registre/registre.<str:format>", register.register_file, name="register-file"),
    path("equipe/registre/responsable/", register.register_edit, name="register-edit"),
    path("composants/", team.gallery_page, name="gallery"),
]
