"""What can be refused here.

AtriumError
├── Invalid
│   └── PurposeFixed   400  nobody can consent to ads, profiling or sale: the product has no such use
└── StillThere         500  something was deleted, and is found all the same; nobody outside is ever told
"""

from workspace.common.errors import AtriumError, Invalid


class PurposeFixed(Invalid):
    code, title = "purpose_fixed", "This purpose is always refused"


class StillThere(AtriumError):
    code, title = "still_there", "Something that was deleted is still there"
