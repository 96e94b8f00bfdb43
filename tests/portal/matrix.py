"""Who may do what, for every address of the site: one row for each, asked by `test_doors.py`.

A row is the name of an address, then who may read it (GET, HEAD) and who may write there (POST), each with a sign for
each of `VIEWERS`, in their order:

    v n       visitor · account without a role
    r f p g   reader · référent · professional · agent of a funder, these three in the structure concerned
    m d       member · director, of the structure concerned
    m d       member · director, of another structure of the network
    c a       chargée de mission · administration, of the network concerned
    c a       the same, of another network

    +   answered        >   sent to log in      !   refused, with the reason (403)
    .   does not exist, for them (404)          x   there is nothing to read, or to write, there (405)

The address of a new page: copy the row of a page like it, run the test, which tells cell by cell what is answered,
and ask of each whether it is right. What the address names is made in `world.py`.
"""

from typing import NamedTuple

from tisserand.network.enums import RoleKind


class Viewer(NamedTuple):
    """Someone who knocks: what they hold, and where (see `World.viewer`)."""

    kind: RoleKind | None
    place: str

    def __str__(self) -> str:
        return f"{self.kind or 'nobody'} ({self.place})"


VIEWERS = (
    Viewer(None, "visitor"),
    Viewer(None, "account"),
    Viewer(RoleKind.READER, "network"),
    Viewer(RoleKind.REFERENT, "here"),
    Viewer(RoleKind.PROFESSIONAL, "here"),
    Viewer(RoleKind.FUNDER_AGENT, "here"),
    Viewer(RoleKind.MEMBER, "here"),
    Viewer(RoleKind.DIRECTOR, "here"),
    Viewer(RoleKind.MEMBER, "elsewhere"),
    Viewer(RoleKind.DIRECTOR, "elsewhere"),
    Viewer(RoleKind.MISSION, "network"),
    Viewer(RoleKind.NETWORK_ADMIN, "network"),
    Viewer(RoleKind.MISSION, "another"),
    Viewer(RoleKind.NETWORK_ADMIN, "another"),
)
SIGNS = "+>!.x"
TABLE = """
#                               reading                writing
#                               vn rfpg md md ca ca    vn rfpg md md ca ca
# What anyone reads
home                            ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
catalogue                       ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
feed                            ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
export                          ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
action                          ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
action-short                    ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
action-document                 ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
action-spread                   ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
attachment                      ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
attachment-small                ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
structures                      ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
structure                       ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
figures                         ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
figures-export                  ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
snapshot                        ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
cloth                           ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
accessibility                   ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
data                            ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
health                          ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
set_language                    xx xxxx xx xx xx xx    ++ ++++ ++ ++ ++ ++
message-refusal                 ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
still-running-link              ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
invitation                      ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++

# The public API
api-page                        ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
api:api-root                    ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
api:list_actions                ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
api:list_structures             ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
api:openapi-json                ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
api:read_action                 ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx

# The door
login                           ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
account_login                   ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
logout                          ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
account_logout                  ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
account_request_login_code      ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
account_confirm_login_code      ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
account_reset_password          ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
account_reset_password_done     ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
account_reset_password_from_key ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
account_signup                  ++ ++++ ++ ++ ++ ++    ++ ++++ ++ ++ ++ ++
account_inactive                ++ ++++ ++ ++ ++ ++    xx xxxx xx xx xx xx
account_confirm_email           ++ ++++ ++ ++ ++ ++    .. .... .. .. .. ..
mfa_authenticate                >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
mfa_login_webauthn              >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
openid_connect_login            xx xxxx xx xx xx xx    .. .... .. .. .. ..
openid_connect_callback         .. .... .. .. .. ..    xx xxxx xx xx xx xx

# One's own account
account                         >+ ++++ ++ ++ ++ ++    >x xxxx xx xx xx xx
account-data                    >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
account-devices                 >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
account-erase                   >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
account-name                    >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
account-second-factor           >+ ++++ ++ ++ ++ ++    >x xxxx xx xx xx xx
account_change_password         >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
account_set_password            >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
account_email                   >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
account_reauthenticate          >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
mfa_activate_totp               >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
mfa_add_webauthn                >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
mfa_deactivate_totp             >. .... .. .. .. ..    >. .... .. .. .. ..
mfa_edit_webauthn               >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
mfa_generate_recovery_codes     >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
mfa_index                       >+ ++++ ++ ++ ++ ++    >x xxxx xx xx xx xx
mfa_list_webauthn               >+ ++++ ++ ++ ++ ++    >x xxxx xx xx xx xx
mfa_reauthenticate              >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
mfa_reauthenticate_webauthn     >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
mfa_remove_webauthn             >+ ++++ ++ ++ ++ ++    >+ ++++ ++ ++ ++ ++
mfa_view_recovery_codes         >. .... .. .. .. ..    >x xxxx xx xx xx xx

# Writing the sheets of a structure
staff-home                      >+ ++++ ++ ++ ++ ++    >x xxxx xx xx xx xx
my-sheets                       >! !!!! ++ ++ ++ ++    >! xxxx xx xx xx xx
sheet-begin                     >! !!!! ++ ++ ++ ++    >! !!!! ++ ++ ++ ++
action-take-up                  >! !!!! !! ++ ++ !!    >! !!!! !! ++ ++ !!
sheet-write                     >! .... ++ .. ++ ..    >! .... ++ .. ++ ..
sheet-field                     >! xxxx xx xx xx xx    >! .... ++ .. ++ ..
sheet-presence                  >! xxxx xx xx xx xx    >! .... ++ .. ++ ..
sheet-propose                   >! .... ++ .. ++ ..    >! .... ++ .. ++ ..
sheet-take-back                 >! xxxx xx xx xx xx    >! .... ++ .. ++ ..
sheet-discard                   >! xxxx xx xx xx xx    >! .... ++ .. ++ ..
attachments                     >! .... ++ .. ++ ..    >! .... ++ .. ++ ..
attachment-change               >! xxxx xx xx xx xx    >! .... ++ .. ++ ..
action-edit                     >! .... ++ .. ++ ..    >! .... ++ .. ++ ..
action-history                  >! .... ++ .. ++ ..    >! xxxx xx xx xx xx
action-comparison               >! .... ++ .. ++ ..    >! xxxx xx xx xx xx
action-version                  >! .... ++ .. ++ ..    >! .... ++ .. ++ ..
still-running                   >! .... ++ .. ++ ..    >! .... ++ .. ++ ..

# Questions to the network
calls                           >! ++++ ++ ++ ++ ++    >! xxxx xx xx xx xx
call-ask                        >! !!!! ++ ++ ++ ++    >! !!!! ++ ++ ++ ++
call                            >! ++++ ++ ++ ++ ..    >! !!!! ++ !! ++ ..
call-correct                    >! !!!! ++ !! ++ ..    >! !!!! ++ !! ++ ..
call-write                      >! !!!! ++ ++ ++ ..    >! !!!! ++ ++ ++ ..

# People
people                          >! !!!! !+ !+ ++ ++    >! !!!! !+ !+ ++ ++
role-end                        >! xxxx xx xx xx xx    >! .... .+ .. ++ ..
role-resume                     >! xxxx xx xx xx xx    >! !!!! !+ !! ++ !!
invitation-renew                >! xxxx xx xx xx xx    >! .... .+ .. ++ ..
invitation-withdraw             >! xxxx xx xx xx xx    >! .... .+ .. ++ ..
account-merge                   >! !!!! !! !! .+ ..    >! !!!! !! !! .+ ..
account-part                    >! !!!! !! !! .+ ..    >! !!!! !! !! .+ ..
person                          >! !!!! !! !! !+ !.    >! !!!! !! !! !+ !.
person-find                     >! !!!! !! !! xx xx    >! !!!! !! !! !+ !+

# The network's team: sheets
reviews                         >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
review                          >! !!!! !! !! ++ ..    >! !!!! !! !! ++ ..
review-clashes                  >! !!!! !! !! ++ ..    >! !!!! !! !! ++ ..
action-state                    >! !!!! !! !! xx xx    >! !!!! !! !! ++ ..
stale                           >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
gaps                            >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
drafts                          >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
facts                           >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
sheet-facts                     >! !!!! !! !! ++ ..    >! !!!! !! !! ++ ..
lists                           >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
list-change                     >! !!!! !! !! xx xx    >! !!!! !! !! !+ ++

# The network's team: imports
imports                         >! !!!! !! !! ++ ++    >! !!!! !! !! ++ ++
import                          >! !!!! !! !! ++ ..    >! !!!! !! !! xx xx
import-cancel                   >! !!!! !! !! ++ ..    >! !!!! !! !! ++ ..
import-confirm                  >! !!!! !! !! xx xx    >! !!!! !! !! ++ ..
import-drafts                   >! !!!! !! !! ++ ..    >! !!!! !! !! xx xx
import-model                    >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
import-progress                 >! !!!! !! !! ++ ..    >! !!!! !! !! xx xx
import-publish                  >! !!!! !! !! xx xx    >! !!!! !! !! ++ ..
import-report                   >! !!!! !! !! ++ ..    >! !!!! !! !! xx xx
import-resume                   >! !!!! !! !! xx xx    >! !!!! !! !! ++ ..
import-settle                   >! !!!! !! !! xx xx    >! !!!! !! !! ++ ..
import-undo                     >! !!!! !! !! ++ ..    >! !!!! !! !! ++ ..

# The network's team: structures, figures, the register
structure-edit                  >! !!!! !! !! ++ ..    >! !!!! !! !! ++ ..
structure-merge                 >! !!!! !! !! ++ ..    >! !!!! !! !! ++ ..
structure-part                  >! !!!! !! !! ++ ..    >! !!!! !! !! ++ ..
ties                            >! !!!! !! !! ++ ..    >! !!!! !! !! ++ ..
agreements                      >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
agreement                       >! !!!! !! !! ++ ..    >! !!!! !! !! ++ ..
figures-freeze                  >! !!!! !! !! ++ ++    >! !!!! !! !! ++ ++
register                        >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
register-edit                   >! !!!! !! !! !+ !+    >! !!!! !! !! !+ !+
network-edit                    >! !!!! !! !! !+ !+    >! !!!! !! !! !+ !+
register-file                   >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
gallery                         >! !!!! !! !! ++ ++    >! !!!! !! !! xx xx
"""


def _parsed() -> dict[str, tuple[str, str]]:
    """The table, by name: a sign for each viewer, for reading and for writing."""
    rows = {}
    for line in TABLE.strip().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name, *signs = line.split()
        whole = "".join(signs)
        assert set(whole) <= set(SIGNS), line
        assert len(whole) == 2 * len(VIEWERS), line
        assert name not in rows, f"{name} has two rows"
        rows[name] = whole[: len(VIEWERS)], whole[len(VIEWERS) :]
    return rows


ROWS = _parsed()


def open_to(viewer: Viewer, *, writing: bool = False) -> list[str]:
    """The addresses that answer *viewer*."""
    rank = VIEWERS.index(viewer)
    return sorted(name for name, signs in ROWS.items() if signs[writing][rank] == "+")
