"""Addresses of sign-in and of the API of people. The names with `account_` are those that django-allauth looks for."""

from allauth.account import views as allauth
from django.urls import path

from workspace.accounts.api import MeView
from workspace.accounts.views import account, doors, invitations, members, proofs, sessions, set_up, tokens, workspaces
from workspace.accounts.views.preferences import PreferencesView

urlpatterns = [
    path("sign-in", allauth.login, name="account_login"),
    path("sign-in/again", proofs.AgainView.as_view(), name="again"),
    path("sign-out", allauth.logout, name="account_logout"),
    path("sign-up", allauth.signup, name="account_signup"),
    path("account-closed", allauth.account_inactive, name="account_inactive"),
    path("password/reset", doors.ForgottenView.as_view(), name="account_reset_password"),
    path("password/reset/sent", doors.ForgottenDoneView.as_view(), name="account_reset_password_done"),
    path("password/reset/<uidb36>/<key>", doors.NewPasswordView.as_view(), name="account_reset_password_from_key"),
    path("set-up", set_up.FirstStepView.as_view(), name="set_up"),
    path("set-up/workspace", set_up.SecondStepView.as_view(), name="set_up_workspace"),
    path("set-up/invite", invitations.SetUpInviteView.as_view(), name="set_up_invite"),
    path("invitations/<token>", invitations.InvitationView.as_view(), name="invitation"),
    path("preferences", PreferencesView.as_view(), name="preferences"),
    path("account", account.AccountView.as_view(), name="account"),
    path("account/password", account.PasswordView.as_view(), name="password"),
    path("account/sessions", sessions.SessionsView.as_view(), name="sessions"),
    path("account/sessions/end-others", sessions.EndOtherSessionsView.as_view(), name="end_other_sessions"),
    path("account/sessions/<uuid:session>/end", sessions.EndSessionView.as_view(), name="end_session"),
    path("account/tokens", tokens.TokensView.as_view(), name="tokens"),
    path("account/tokens/<uuid:token>/revoke", tokens.RevokeTokenView.as_view(), name="revoke_token"),
    path("members", members.MembersView.as_view(), name="members"),
    path("members/invitations", invitations.InvitationsView.as_view(), name="invitations"),
    path(
        "members/invitations/<uuid:invitation>/resend",
        invitations.ResendInvitationView.as_view(),
        name="resend_invitation",
    ),
    path(
        "members/invitations/<uuid:invitation>/revoke",
        invitations.RevokeInvitationView.as_view(),
        name="revoke_invitation",
    ),
    path("members/<uuid:member>", members.MemberView.as_view(), name="member"),
    path("members/<uuid:member>/role", members.ChangeRoleView.as_view(), name="change_role"),
    path("members/<uuid:member>/deactivate", members.DeactivateMemberView.as_view(), name="deactivate_member"),
    path("members/<uuid:member>/reactivate", members.ReactivateMemberView.as_view(), name="reactivate_member"),
    path("workspace/sign-in", workspaces.RulesView.as_view(), name="rules"),
    path("workspace", workspaces.WorkspaceView.as_view(), name="workspace"),
    path("api/me", MeView.as_view(), name="me"),
]
