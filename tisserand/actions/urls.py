"""Addresses of the catalogue."""

from django.urls import path

from tisserand.actions.views import catalogue, drafts, editing, facts, imports, lineage, lists, review, sheet, undoing

urlpatterns = [
    path("actions/", catalogue.catalogue_page, name="catalogue"),
    path("actions/flux.atom", catalogue.feed, name="feed"),
    path("actions/export.<str:format>", catalogue.export_selection, name="export"),
    path("actions/<int:pk>/", sheet.sheet_page, name="action-short"),
    path("actions/<int:pk>/fiche.<str:format>", sheet.sheet_document, name="action-document"),
    path("actions/<int:pk>/modifier/", editing.edit_page, name="action-edit"),
    path("actions/<int:pk>/publication/", editing.state_change, name="action-state"),
    path("actions/<int:pk>/nombres/", facts.sheet_facts_page, name="sheet-facts"),
    path("actions/<int:pk>/reprises/", lineage.spread_page, name="action-spread"),
    path("actions/<int:pk>/s-en-inspirer/", lineage.take_up_page, name="action-take-up"),
    path("actions/<int:pk>/<slug:slug>/", sheet.sheet_page, name="action"),
    path("equipe/imports/", imports.imports_page, name="imports"),
    path("equipe/imports/modele.<str:format>", imports.import_model, name="import-model"),
    path("equipe/imports/<int:pk>/", imports.import_page, name="import"),
    path("equipe/imports/<int:pk>/avancement/", imports.import_progress, name="import-progress"),
    path("equipe/imports/<int:pk>/choix/", imports.import_settle, name="import-settle"),
    path("equipe/imports/<int:pk>/enregistrer/", imports.import_confirm, name="import-confirm"),
    path("equipe/imports/<int:pk>/reprendre/", imports.import_resume, name="import-resume"),
    path("equipe/imports/<int:pk>/abandonner/", imports.import_cancel, name="import-cancel"),
    path("equipe/imports/<int:pk>/annuler/", undoing.import_undo, name="import-undo"),
    path("equipe/imports/<int:pk>/brouillons/", drafts.import_drafts_page, name="import-drafts"),
    path("equipe/imports/<int:pk>/publier/", drafts.publication, name="import-publish"),
    path("equipe/imports/<int:pk>/rapport.json", imports.import_report, name="import-report"),
    path("equipe/relire/", review.reviews_page, name="reviews"),
    path("equipe/fiches/<int:pk>/relire/", review.review_page, name="review"),
    path("equipe/fiches/<int:pk>/contradictions/", review.clashes_page, name="review-clashes"),
    path("equipe/brouillons/", drafts.drafts_page, name="drafts"),
    path("equipe/nombres/", facts.facts_page, name="facts"),
    path("equipe/listes/", lists.lists_page, name="lists"),
    path("equipe/listes/changer/", lists.list_change, name="list-change"),
]
