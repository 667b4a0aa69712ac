"""How colleagues come in by a link that was sent to them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.db.models.functions import Now
from django.test import Client

from tests.cast import PASSWORD, Person
from workspace.accounts import invitations, members, queries, tasks
from workspace.accounts.errors import (
    CapabilityMissing,
    EmailTaken,
    InvitationForeign,
    InvitationOver,
    InvitationUnknown,
    MemberAlready,
)
from workspace.accounts.invitations import State
from workspace.accounts.models import Invitation, Membership, Role, User
from workspace.accounts.sessions import BACKEND
from workspace.common.audit import AuditEvent
from workspace.common.errors import Invalid, NotFound
from workspace.common.jobs import Given
from workspace.common.models import Job
from workspace.common.work import unit


def invite(by: Person, email: str = "new@example.org", role: Role = Role.MEMBER) -> Invitation:
    with unit(by.workspace, by.user.id):
        return invitations.invite(by.actor, email, role)


def token(invitation: Invitation) -> str:
    return invitations.link_of(invitation).rpartition("/")[2]


def change(by: Person, invitation: Invitation, **fields: Any) -> None:
    with unit(by.workspace, by.user.id):
        Invitation.objects.filter(id=invitation.id).update(**fields)


def sent(by: Person, invitation: Invitation) -> None:
    tasks.mail_invitation(Given(by.workspace, invitation.id, 1))


def test_whoever_is_invited_makes_an_account_and_is_a_member(alice: Person, recorded: list[AuditEvent]) -> None:
    link = token(invite(alice, " New@Example.org "))

    shown = invitations.look(link)
    user = invitations.accept_as_new(link, "New", PASSWORD)

    assert (shown.email, shown.role, shown.workspace, shown.invited_by, shown.state) == (
        "new@example.org",
        Role.MEMBER,
        "alice's workspace",
        "alice",
        State.OPEN,
    )
    assert (user.email, queries.workspaces_of(user.id)) == ("new@example.org", [alice.workspace])
    assert [event.action for event in recorded[-2:]] == ["invitation.create", "invitation.accept"]
    assert invitations.look(link).state is State.ACCEPTED


def test_whoever_has_an_account_joins_with_it(alice: Person, charlie: Person) -> None:
    link = token(invite(alice, charlie.user.email, Role.ADMIN))

    assert invitations.accept(link, charlie.user) == alice.workspace

    assert queries.workspaces_of(charlie.user.id) == [charlie.workspace, alice.workspace]
    with unit(alice.workspace):
        assert Membership.objects.get(user=charlie.user).role == Role.ADMIN


def test_only_the_invited_address_may_accept(alice: Person, charlie: Person) -> None:
    link = token(invite(alice, "other@example.org"))

    with pytest.raises(InvitationForeign):
        invitations.accept(link, charlie.user)
    assert queries.workspaces_of(charlie.user.id) == [charlie.workspace]


def test_an_account_is_not_made_twice(alice: Person, charlie: Person) -> None:
    with pytest.raises(EmailTaken):
        invitations.accept_as_new(token(invite(alice, charlie.user.email)), "Charlie", PASSWORD)


def test_the_inviter_learns_nothing_of_an_account_elsewhere(alice: Person, charlie: Person) -> None:
    for email in (charlie.user.email, "nobody@example.org"):
        made = invite(alice, email)
        shown = invitations.look(token(made))
        page = Client().get(f"/invitations/{token(made)}").content.decode()
        assert shown.state is State.OPEN
        assert "I have an account with this address" in page
        assert charlie.user.name not in page.replace(email, "")


@pytest.mark.parametrize("spoilt", [{"revoked_at": Now()}, {"expires_at": Now()}, {"accepted_at": Now()}])
def test_an_invitation_that_is_over_opens_nothing(alice: Person, charlie: Person, spoilt: dict[str, Any]) -> None:
    made = invite(alice, charlie.user.email)
    change(alice, made, **spoilt)

    with pytest.raises(InvitationOver):
        invitations.accept(token(made), charlie.user)
    with pytest.raises(InvitationOver):
        invitations.accept_as_new(token(made), "New", PASSWORD)


@pytest.mark.parametrize("made_up", ["x", "A" * 43, "é" * 100, "\0"])
def test_a_made_up_link_is_unknown(alice: Person, made_up: str) -> None:
    invite(alice)

    with pytest.raises(InvitationUnknown):
        invitations.look(made_up)


def test_a_weak_password_leaves_the_invitation_open(alice: Person) -> None:
    link = token(invite(alice))

    with pytest.raises(Invalid):
        invitations.accept_as_new(link, "New", "too short")
    assert invitations.look(link).state is State.OPEN
    assert not User.objects.filter(email="new@example.org").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_link_at_once_one_comes_in(alice: Person) -> None:
    link = token(invite(alice))

    def come(number: int) -> bool:
        try:
            invitations.accept_as_new(link, str(number), PASSWORD)
        except (InvitationOver, EmailTaken):
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(come, range(4))) == [False, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_an_address_that_is_invited_twice_at_once_has_one_open_invitation(alice: Person) -> None:
    def again(_: int) -> None:
        try:
            invite(alice)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(again, range(4)))

    with unit(alice.workspace, alice.user.id):
        assert [row.serial for row in invitations.pending(alice.actor)] == [4]


def test_inviting_again_ends_the_link_before(alice: Person) -> None:
    first = token(invite(alice))
    second = invite(alice, role=Role.ADMIN)

    with pytest.raises(InvitationUnknown):
        invitations.look(first)
    assert invitations.look(token(second)).role is Role.ADMIN


def test_sending_again_gives_another_seven_days_and_another_link(alice: Person) -> None:
    made = invite(alice)
    change(alice, made, expires_at=Now())
    with unit(alice.workspace, alice.user.id):
        again = invitations.resend(alice.actor, made.id)

    assert token(again) != token(made)
    assert invitations.look(token(again)).state is State.OPEN


def test_an_invitation_that_was_taken_back_is_open_no_more(alice: Person) -> None:
    made = invite(alice)
    with unit(alice.workspace, alice.user.id):
        invitations.revoke_invitation(alice.actor, made.id)
        assert invitations.pending(alice.actor) == []
        with pytest.raises(NotFound):
            invitations.resend(alice.actor, made.id)

    assert invitations.look(token(made)).state is State.REVOKED
    assert invite(alice).id != made.id


@pytest.mark.parametrize(
    "who, role, allowed",
    [
        ("alice", Role.OWNER, True),
        ("dana", Role.ADMIN, True),
        ("dana", Role.MEMBER, True),
        ("dana", Role.OWNER, False),
        ("bob", Role.MEMBER, False),
    ],
)
def test_nobody_gives_a_role_above_their_own(
    request: pytest.FixtureRequest, who: str, role: Role, allowed: bool
) -> None:
    person: Person = request.getfixturevalue(who)
    if allowed:
        assert invite(person, role=role).role == role
    else:
        with pytest.raises(CapabilityMissing):
            invite(person, role=role)


def test_an_admin_changes_no_owners_invitation(alice: Person, dana: Person) -> None:
    made = invite(alice, role=Role.OWNER)

    with unit(dana.workspace, dana.user.id):
        actor = dana.actor
        for act in (invitations.resend, invitations.revoke_invitation):
            with pytest.raises(CapabilityMissing):
                act(actor, made.id)
    with pytest.raises(CapabilityMissing):
        invite(dana, role=Role.MEMBER)


def test_another_workspace_sees_nothing_of_it(alice: Person, charlie: Person) -> None:
    made = invite(alice)

    with unit(charlie.workspace, charlie.user.id):
        assert invitations.pending(charlie.actor) == []
        with pytest.raises(NotFound):
            invitations.revoke_invitation(charlie.actor, made.id)


def test_a_member_is_not_invited(alice: Person, bob: Person) -> None:
    with pytest.raises(MemberAlready):
        invite(alice, bob.user.email)


def test_whoever_was_shut_out_in_the_meantime_stays_outside(alice: Person, charlie: Person) -> None:
    earlier, later = invite(alice, charlie.user.email), None
    invitations.accept(token(earlier), charlie.user)
    with unit(alice.workspace, alice.user.id):
        members.deactivate_member(alice.actor, charlie.user.id)
        Invitation.objects.filter(id=earlier.id).update(accepted_at=None)
        later = Invitation.objects.get(id=earlier.id)

    with pytest.raises(InvitationOver):
        invitations.accept(token(later), charlie.user)


@pytest.mark.parametrize("email", ["", "nobody", "a b@example.org", "x" * 250 + "@example.org"])
def test_what_is_no_address_is_not_invited(alice: Person, email: str) -> None:
    with pytest.raises(Invalid):
        invite(alice, email)


def test_the_mail_holds_the_link_and_goes_out_once(alice: Person) -> None:
    made = invite(alice)
    with unit(alice.workspace):
        assert Job.objects.get(subject_id=made.id).name == "accounts.mail_invitation"

    sent(alice, made)
    sent(alice, made)

    [told] = mail.outbox
    assert (told.to, told.subject) == (["new@example.org"], "Invitation to alice's workspace")
    assert invitations.link_of(made) in str(told.body)
    assert "alice invites you" in str(told.body)


def test_the_mail_speaks_the_language_of_its_reader(alice: Person, charlie: Person) -> None:
    User.objects.filter(id=charlie.user.id).update(language="ja")
    made = invite(alice, charlie.user.email)

    sent(alice, made)

    assert "招待" in mail.outbox[0].subject


def test_a_name_on_two_lines_adds_no_header(alice: Person) -> None:
    from workspace.accounts.models import Workspace

    with unit(alice.workspace):
        Workspace.objects.update(name="Acme\nBcc: all@example.org")
    made = invite(alice)

    sent(alice, made)

    assert mail.outbox[0].subject == "Invitation to Acme Bcc: all@example.org"
    assert mail.outbox[0].message()["Bcc"] is None


def test_no_mail_goes_out_for_what_was_taken_back(alice: Person) -> None:
    made = invite(alice)
    change(alice, made, revoked_at=Now())

    sent(alice, made)

    assert mail.outbox == []


def test_the_link_is_not_stored(alice: Person) -> None:
    made = invite(alice)

    with unit(alice.workspace):
        kept = str(Invitation.objects.values().get(id=made.id))
    assert token(made) not in kept


@pytest.mark.parametrize("lost", ["membership", "role"])
def test_an_invitation_ends_with_the_rights_of_who_invited(alice: Person, dana: Person, lost: str) -> None:
    link = token(invite(dana, "back@example.org", Role.ADMIN))
    with unit(alice.workspace, alice.user.id):
        if lost == "membership":
            members.deactivate_member(alice.actor, dana.user.id)
        else:
            members.change_role(alice.actor, dana.user.id, Role.MEMBER)

    assert invitations.look(link).state is State.REVOKED
    with pytest.raises(InvitationOver):
        invitations.accept_as_new(link, "Back", PASSWORD)


def test_who_joins_in_anothers_browser_is_signed_in_there_instead(alice: Person, bob: Person, charlie: Person) -> None:
    link = token(invite(charlie, bob.user.email))
    client = Client(headers={"Accept": "text/html"})
    client.force_login(alice.user, backend=BACKEND)

    client.post(f"/invitations/{link}", {"way": "account", "password": PASSWORD})

    assert client.get("/account").status_code == 200
    assert client.get("/api/me").json()["user"]["email"] == bob.user.email
    assert client.get("/api/me").json()["workspace"]["id"] == str(charlie.workspace)


def test_who_is_shut_out_of_the_chosen_workspace_finds_their_own(alice: Person, charlie: Person) -> None:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(charlie.user, backend=BACKEND)
    client.post(f"/invitations/{token(invite(alice, charlie.user.email))}", {"way": "join"})
    with unit(alice.workspace, alice.user.id):
        members.deactivate_member(alice.actor, charlie.user.id)

    assert client.get("/api/me").json()["workspace"]["id"] == str(charlie.workspace)
