"""What the core's kinds, questions and types of facts are called, by language, as a record's
definitions say it of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Names = Mapping[str, str]


def _named(english: str, arabic: str) -> Names:
    return {"en": english, "ar": arabic}


KINDS: Final = {
    "COALITION": _named("Coalition", "تحالف"),
    "COUNTRY": _named("Country", "دولة"),
    "ORGANISATION": _named("Organisation", "منظمة"),
    "COMMAND": _named("Command", "قيادة"),
    "FORCE": _named("Force", "قوة"),
    "FUND": _named("Fund", "صندوق"),
    "BASE": _named("Base", "قاعدة"),
    "PLACE": _named("Place", "مكان"),
    "PERSON": _named("Person", "شخص"),
    "OFFICE": _named("Office", "منصب"),
    "OBJECTIVE": _named("Objective", "هدف"),
    "PUBLISHER": _named("Publisher", "الناشر"),
    "OTHER": _named("Other", "غير ذلك"),
}
FLUENTS: Final[dict[str, tuple[Names, Names]]] = {
    "membership": (_named("Members", "الأعضاء"), _named("Member of", "عضو في")),
    "base": (_named("Bases", "القواعد"), _named("Operated by", "تشغّلها")),
    "partnership": (_named("Partners", "الشركاء"), _named("Partner of", "شريك في")),
    "deployment": (_named("Forces here", "القوات هنا"), _named("Deployed at", "منتشرة في")),
    "objective": (_named("Objectives", "الأهداف"), _named("Adopted by", "اعتمده")),
    "leadership": (_named("Leaders", "القيادة"), _named("Leads", "يقود")),
    "office": (_named("Holders", "شاغلو المنصب"), _named("Offices held", "المناصب")),
    "integration": (_named("Forces integrated", "القوات المدمجة"), _named("Part of", "جزء من")),
    "existence": (_named("Organisations", "المنظمات"), {}),
}
"""What the question of a fluent is called, and its inverse."""
FACT_TYPES: Final = {
    "CoalitionFounded": _named("Coalition founded", "تأسيس تحالف"),
    "CoalitionDissolved": _named("Coalition dissolved", "حلّ تحالف"),
    "CommandEstablished": _named("Command established", "إنشاء قيادة"),
    "CommandDisbanded": _named("Command disbanded", "حلّ قيادة"),
    "FundEstablished": _named("Fund established", "إنشاء صندوق"),
    "FundClosed": _named("Fund closed", "إغلاق صندوق"),
    "ForceFormed": _named("Force formed", "تشكيل قوة"),
    "ForceDisbanded": _named("Force disbanded", "حلّ قوة"),
    "EntityEstablished": _named("Entity established", "تأسيس"),
    "EntityAbolished": _named("Entity abolished", "إلغاء"),
    "MemberJoined": _named("Member joined", "انضمام عضو"),
    "MemberLeft": _named("Member left", "انسحاب عضو"),
    "LeadershipAssumed": _named("Leadership assumed", "تولّي القيادة"),
    "LeadershipRelinquished": _named("Leadership relinquished", "ترك القيادة"),
    "BaseEstablished": _named("Base established", "إقامة قاعدة"),
    "BaseClosed": _named("Base closed", "إغلاق قاعدة"),
    "BaseHandedOver": _named("Base handed over", "تسليم قاعدة"),
    "ForceDeployed": _named("Force deployed", "انتشار قوة"),
    "ForceWithdrawn": _named("Force withdrawn", "انسحاب قوة"),
    "PartnershipBegun": _named("Partnership begun", "بدء شراكة"),
    "PartnershipEnded": _named("Partnership ended", "انتهاء شراكة"),
    "ForceIntegrated": _named("Force integrated", "دمج قوة"),
    "ForceSeparated": _named("Force separated", "انفصال قوة"),
    "OfficeAssumed": _named("Office assumed", "تولّي منصب"),
    "OfficeVacated": _named("Office vacated", "ترك منصب"),
    "ObjectiveAdopted": _named("Objective adopted", "اعتماد هدف"),
    "ObjectiveDropped": _named("Objective dropped", "التخلي عن هدف"),
    "MemberCountReported": _named("Number of members reported", "عدد أعضاء منقول"),
    "QuantityReported": _named("Quantity reported", "كمية منقولة"),
    "StatementMade": _named("Statement made", "تصريح"),
    "VisitMade": _named("Visit made", "زيارة"),
    "AgreementSigned": _named("Agreement signed", "توقيع اتفاق"),
    "OperationConducted": _named("Operation conducted", "تنفيذ عملية"),
    "EntitiesSucceeded": _named("Succession", "خلافة"),
}
