"""What stands in a person's workspace before its pages are looked at: chats of every kind, seeded through the API."""

from dataclasses import dataclass, field

from tests.browser.court import Api, Court, Person
from tests.fakes.sayings import sayings

# Titles of chats that fill the sidebar, by language.
TITLES = {
    "en": ("Mail to the Osaka office", "Works council questions on retention", "Interview guide, maintenance lead"),
    "ja": ("大阪支社へのメール", "保存期間についての労使の質問", "保全リーダー面接の質問案"),
}
# What no model names well, or what its name would spoil the look of. One line of them is too long for any width.
OTHERS = {
    "en": {
        "branched": "Late share and safety stock of every bearing that the spindle line has had since 2019, by firm",
        "hostile": "Markdown that attacks",
        "long": "Everything about the court",
        "many": "Line 3, questions since spring",
        "stopped": "Handover note, first draft",
    },
    "ja": {
        "branched": "2019年以降に主軸ラインで使ったすべてのベアリングの仕入先別の納期遅れの割合と安全在庫",
        "hostile": "攻撃するMarkdown",
        "long": "中庭のすべて",
        "many": "3号ライン、春からの質問",
        "stopped": "引き継ぎ書、第一稿",
    },
}
MEMBERS = {"en": ("kei@example.org", "Kei Mori"), "ja": ("mori@example.org", "森 圭")}
REPORT = {"en": "report", "ja": "kaigi"}
# An answer slow enough to be looked at while it is written.
SLOW = {"en": "handover", "ja": "hikitsugi"}


@dataclass(frozen=True, slots=True)
class Scene:
    """A person's chats by what is in them: report, hostile, long, many, stopped, branched, archived. `member`: somebody
    else, who has nothing yet. `links`: invitations by the name of the guest.
    """

    court: Court
    person: Person
    member: Person
    chats: dict[str, str]
    links: dict[str, str] = field(default_factory=dict)

    @property
    def api(self) -> Api:
        return self.court.api(self.person)


def scene(court: Court, person: Person) -> Scene:
    """Fills the person's workspace."""
    api, known, language = court.api(person), sayings(), person.language
    chats: dict[str, str] = {}
    for title, state in zip(TITLES[language], ("archived", "pinned", ""), strict=True):
        made = api.conversation()
        api.patch(f"/api/conversations/{made}", {"title": title} | ({state: True} if state else {}))
    for name in ("hostile", "long"):
        chats[name] = api.conversation()
        api.told(chats[name], known[name].asked)
    chats["stopped"] = api.conversation()
    api.stopped(chats["stopped"], known[SLOW[language]].asked)
    chats["branched"] = api.conversation()
    first = api.told(chats["branched"], known["code"].asked)
    again = api.post(f"/api/messages/{first['message']}/regenerate")
    api.context.get(f"/api/turns/{again['turn']}/events", timeout=60_000)
    chats["many"] = court.product.manage("seed", "--email", person.email, "--messages", "104").splitlines()[-1]
    for name, title in OTHERS[language].items():
        api.patch(f"/api/conversations/{chats[name]}", {"title": title})
    chats["report"] = api.conversation()
    api.told(chats["report"], known[REPORT[language]].asked)
    api.told(chats["report"], known["code"].asked)
    email, name = MEMBERS[language]
    return Scene(court, person, court.person(email, name, language), chats)
