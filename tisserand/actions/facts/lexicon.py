"""The words of the field: who is counted, what may stand between a number and its noun.

Everything is folded (no accent, no capital). Left out on purpose, because they count something else
than persons or are not only persons: families, couples, groups, classes, partners, associations,
places, participations, "public", "cadres", "guides", "aides", "acteurs".
"""


def words(text: str) -> frozenset[str]:
    """Return the words of a list written in prose, which reads better than a column of strings."""
    return frozenset(text.split())


# Masculine singulars (or the only form there is); `_forms` derives the others.
_NOUNS = """
personne gens individu habitant resident riverain voisin voisine locataire coproprietaire citoyen citadin
usager beneficiaire allocataire adherent participant inscrit present invite convive visiteur spectateur
auditeur lecteur utilisateur client abonne membre benevole volontaire salarie professionnel
personnel agent employe ouvrier technicien vacataire contractuel permanent saisonnier alternant apprenti
stagiaire apprenant eleve ecolier collegien lyceen etudiant candidat laureat animateur
animatrice directeur coordinateur coordonnateur coordinatrice referent responsable encadrant accompagnateur
accompagnant accueillant educateur educ formateur enseignant professeur prof instituteur instit maitre
maitresse moniteur entraineur coach mediateur mediatrice conseiller conseillere intervenant prestataire
consultant expert facilitateur ecoutant secretaire comptable gestionnaire gardien concierge chauffeur
conducteur cuisinier couturier jardinier bricoleur artisan commercant agriculteur maraicher apiculteur
artiste comedien musicien danseur chanteur auteur ecrivain conteur plasticien photographe peintre sculpteur
realisateur videaste clown magicien choregraphe circassien marionnettiste graffeur illustrateur
bibliothecaire mediathecaire documentaliste journaliste historien architecte
maire adjoint elu conseiller depute prefet delegue administrateur president tresorier
representant correspondant ambassadeur tuteur mentor parrain marraine temoin porteur contributeur
donateur organisateur createur fondateur jure arbitre joueur sportif nageur cycliste
marcheur randonneur coureur supporter internaute blogueur
enfant bebe nourrisson bambin gamin gosse adolescent ado preado jeune mineur majeur adulte senior aine
retraite veuf vieillard centenaire homme femme fille garcon dame monsieur messieurs mesdames
parent pere mere papa maman oncle tante frere soeur cousin conjoint epoux epouse
assistant nourrice aidant soignant infirmier medecin docteur psychologue psy psychomotricien orthophoniste
puericultrice puericulteur pediatre kinesitherapeute dieteticien sophrologue therapeute pharmacien dentiste
avocat juriste notaire policier gendarme pompier militaire soldat
demandeur chomeur travailleur entrepreneur allophone francophone migrant refugie exile arrivant
detenu patient malade handicape passager voyageur touriste vacancier campeur exposant vendeur acheteur
ami copain copine camarade equipier coequipier secouriste interprete traducteur
cooperateur colocataire heberge
surveillant atsem aesh tisf cesf eje avs
"""

# Nouns that need what follows them to mean a person: "2 chargés de mission", "3 services civiques".
PHRASES: tuple[tuple[frozenset[str], tuple[frozenset[str], ...]], ...] = (
    (frozenset({"service", "services"}), (frozenset({"civique", "civiques"}),)),
    (
        frozenset({"charge", "chargee", "charges", "chargees", "chef", "cheffe", "chefs", "cheffes"}),
        (frozenset({"de", "d"}),),
    ),
    (frozenset({"tout", "touts"}), (frozenset({"-"}), frozenset({"petit", "petits"}))),
    (frozenset({"sage", "sages"}), (frozenset({"-"}), frozenset({"femme", "femmes"}))),
)

ADJECTIVES = words("""
    jeune jeunes ancien ancienne anciens anciennes nouveau nouvel nouvelle nouveaux nouvelles petit petite
    petits petites grand grande grands grandes autre autres seul seule seuls seules vieux vieille vieilles
    premier premiere premiers premieres dernier derniere derniers dernieres meme memes principal principale
    principaux principales different differente differents differentes divers diverses bon bonne bons bonnes
    futur future futurs futures simple simples vrai vrais vraies potentiel potentiels potentielles
    co ex non vice primo arriere beau belle beaux belles tres
    """)

# Words of at least this length may hold a slip ("profesionnel"), against these nouns only: they are
# frequent, long, and no common French word but those of LOOKALIKES comes near.
FUZZY_LENGTH = 8
FUZZY_NOUNS = words("""
personne professionnel benevole habitant participant animateur adherent prestataire intervenant volontaire
apprenant stagiaire adolescent beneficiaire educateur coordinateur referent technicien enseignant
accompagnateur administrateur conseiller directeur mediateur allocataire retraite collegien lyceen etudiant
spectateur
""")
LOOKALIKES = words("""
    habitat habitats habitable habitables habitude habitudes salaire salaires directive directives
    educatif educatifs educative educatives personnage personnages participatif participatifs participative
    participatives administratif administratifs administrative administratives adjacent conseils benevolat
    volontariat volontariats retraits participent habitent enseignent apprennent
    """)
# A noun of an activity or of a duration is never a misspelt person: "permanences" is not "permanentes".
THING_ENDINGS = tuple(words("nce nces tion tions sion sions ment ments age ages ite ites"))

# What follows the stem in inclusive writing, glued by a sign: habitant·e·s, animateur(rice)s.
INCLUSIVE_SIGNS = frozenset("·•.-/(⋅‧∙")
INCLUSIVE_ENDINGS = words("""
    e es s x rice rices trice trices ice ices euse euses ere eres iere ieres ienne iennes enne ennes ne nes le
    les elle elles ve ves ive ives te tes esse esses se ses fe
    """)

# Words that number something else: "axe 2", "étape 3", "niveau 1".
NUMBERED = words("""
    axe axes article etape etapes niveau phase annexe chapitre page pages tome lot numero no n cycle
    ligne bus zone rue fiche version
    """)
# "commune de 12 000 habitants" sizes a territory, not an action.
TERRITORIES = words("""
    commune communes ville villes village villages quartier quartiers agglomeration territoire departement
    canton population bassin communaute intercommunalite metropole bourg qpv
    """)
# "mère de trois enfants" describes one person.
PARENTS = words("mere meres pere peres maman mamans papa papas famille familles parent parents")

# Nouns that come from participles lose their accent when folded: "salarié" gives "salariée".
_PARTICIPLES = tuple(words("salarie employe delegue refugie exile retraite invite aine abonne handicape heberge jure"))


def _forms(noun: str) -> set[str]:
    """Return the written forms of a noun given by its masculine singular."""
    feminine: tuple[str, ...]
    if noun.endswith("teur"):
        feminine = (noun[:-4] + "trice", noun[:-3] + "euse", noun + "e")
    elif noun.endswith("eur"):
        feminine = (noun[:-1] + "se", noun + "e")
    elif noun.endswith("er"):
        feminine = (noun[:-2] + "ere",)
    elif noun.endswith(("ien", "el", "en")):
        feminine = (noun + noun[-1] + "e",)
    elif noun.endswith("if"):
        feminine = (noun[:-1] + "ve",)
    elif noun.endswith("f"):
        feminine = (noun + "e", noun[:-1] + "ve")
    else:
        feminine = (noun + "e",)
    singulars = {noun} if noun.endswith("e") and not noun.endswith(_PARTICIPLES) else {noun, *feminine}
    return singulars | {form if form.endswith(("s", "x")) else form + "s" for form in singulars}


# Those who lead an action, among the nouns above; the others are those it reaches.
_LEADERS = """
benevole volontaire salarie professionnel personnel agent employe technicien vacataire contractuel permanent
animateur animatrice directeur coordinateur coordonnateur coordinatrice referent responsable encadrant
accompagnateur accompagnant accueillant educateur educ formateur enseignant professeur prof instituteur instit
moniteur entraineur coach mediateur mediatrice conseiller conseillere intervenant prestataire consultant expert
facilitateur ecoutant secretaire comptable gestionnaire gardien chauffeur artiste conteur plasticien photographe
sculpteur realisateur illustrateur bibliothecaire mediathecaire documentaliste maire adjoint elu prefet
administrateur president tresorier representant organisateur fondateur tuteur mentor parrain marraine
assistant soignant infirmier medecin docteur psychologue psy psychomotricien orthophoniste puericultrice
puericulteur pediatre kinesitherapeute dieteticien sophrologue therapeute pharmacien avocat juriste notaire
policier gendarme pompier equipier surveillant atsem aesh tisf cesf eje avs
"""
# "services civiques", "chargés de mission", "sages-femmes": their first word alone says it.
_LEADING_HEADS = words("service services charge chargee charges chargees chef cheffe chefs cheffes sage sages")

NOUNS: frozenset[str] = frozenset(form for noun in _NOUNS.split() for form in _forms(noun))
FUZZY_FORMS: tuple[str, ...] = tuple(sorted({form for noun in FUZZY_NOUNS for form in _forms(noun)}))
LEADERS: frozenset[str] = frozenset(form for noun in _LEADERS.split() for form in _forms(noun)) | _LEADING_HEADS
