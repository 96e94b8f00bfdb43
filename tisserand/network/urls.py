"""Addresses of people, and of the ties between structures and networks."""

from django.urls import path

from tisserand.network.views import files, invitations, merging, networks, people, ties

urlpatterns = [
    path("structures/<slug:slug>/adhesion/", ties.ties_page, name="ties"),
    path("structures/<slug:slug>/reunir/", merging.structure_merge, name="structure-merge"),
    path("structures/<slug:slug>/separer/<int:pk>/", merging.structure_part, name="structure-part"),
    path("equipe/conventions/", ties.agreements_page, name="agreements"),
    path("equipe/conventions/<int:pk>/", ties.agreement_page, name="agreement"),
    path("invitation/<str:token>/", invitations.invitation_page, name="invitation"),
    path("equipe/reseau/", networks.network_edit, name="network-edit"),
    path("equipe/personnes/", people.people_page, name="people"),
    path("equipe/personnes/dossier/", files.person_find, name="person-find"),
    path("equipe/personnes/dossier/<int:pk>/", files.person_page, name="person"),
    path("equipe/personnes/redonner/", people.role_resume, name="role-resume"),
    path("equipe/personnes/<int:pk>/reunir/", merging.account_merge, name="account-merge"),
    path("equipe/personnes/separer/<int:pk>/", merging.account_part, name="account-part"),
    path("equipe/personnes/<int:pk>/fin/", people.role_end, name="role-end"),
    path("equipe/personnes/invitations/<int:pk>/renvoyer/", people.invitation_renew, name="invitation-renew"),
    path("equipe/personnes/invitations/<int:pk>/retirer/", people.invitation_withdraw, name="invitation-withdraw"),
]
