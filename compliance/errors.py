"""What can be refused here.

AtriumError
└── Invalid
    └── PurposeFixed   400  nobody can consent to ads, profiling or sale: the product has no such use
"""

from workspace.common.errors import Invalid


class PurposeFixed(Invalid):
    code, title = "purpose_fixed", "This purpose is always refused"
