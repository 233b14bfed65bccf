"""What a SARIF log of ours holds, as a JSON Schema of closed objects: the parts of SARIF 2.1.0 that are used, with what
GitHub's code scanning requires of them. Written from the two specifications; sections of the standard are named.
"""

from __future__ import annotations

from typing import Any


def _closed(required: str, optional: str = "", **properties: Any) -> dict[str, Any]:
    names = [*required.split(), *optional.split()]
    assert sorted(names) == sorted(properties), "each property is required or optional"
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": properties,
    }


def _list(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": item, **more}


TEXT = {"type": "string", "minLength": 1}
SHORT = {**TEXT, "maxLength": 1024}  # GitHub: descriptions of at most 1024 characters
NUMBER = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["error", "warning", "note"]}  # 3.27.10
# RFC 3986, with what GitHub takes: below the repository's root, forward slashes, no `./`, nothing unescaped.
URI = {"type": "string", "pattern": r"^(?!\.{0,2}/)(?!.*/\.{1,2}/)[A-Za-z0-9._~!$&'()*+,;=@%/:-]+$"}
MESSAGE = _closed("text", text=TEXT)  # 3.11
REGION = _closed(  # 3.30.2 and 3.30.5 to 3.30.8; GitHub asks for all four
    "startLine startColumn endLine endColumn", startLine=NUMBER, startColumn=NUMBER, endLine=NUMBER, endColumn=NUMBER
)
ARTIFACT = _closed("uri", uri=URI)  # 3.4
PLACE = _closed("artifactLocation region", artifactLocation=ARTIFACT, region=REGION)  # 3.29
LOCATION = _closed("physicalLocation", physicalLocation=PLACE)  # 3.28
RELATED = _closed("id message physicalLocation", id=NUMBER, message=MESSAGE, physicalLocation=PLACE)
REPLACEMENT = _closed(  # 3.57
    "deletedRegion insertedContent", deletedRegion=REGION, insertedContent=_closed("text", text={"type": "string"})
)
CHANGE = _closed(  # 3.56
    "artifactLocation replacements", artifactLocation=ARTIFACT, replacements=_list(REPLACEMENT, minItems=1)
)
FIX = _closed(  # 3.55
    "description artifactChanges", description=MESSAGE, artifactChanges=_list(CHANGE, minItems=1, maxItems=1)
)
RULE = _closed(  # 3.49
    "id name shortDescription fullDescription help defaultConfiguration properties",
    "helpUri",
    id={"type": "string", "pattern": r"^TMP\d{3}$"},
    name=TEXT,
    shortDescription=_closed("text", text=SHORT),
    fullDescription=_closed("text", text=SHORT),
    help=_closed("text markdown", text=TEXT, markdown=TEXT),
    helpUri={"type": "string", "pattern": "^https://"},
    defaultConfiguration=_closed("level", level=LEVEL),
    properties=_closed(
        "tags precision problem.severity",
        "security-severity",
        **{
            "tags": _list(TEXT, minItems=1, maxItems=20, uniqueItems=True),
            "precision": {"enum": ["very-high", "high", "medium", "low"]},
            "problem.severity": {"enum": ["error", "warning", "recommendation"]},
            "security-severity": {"type": "string", "pattern": r"^\d{1,2}\.\d$"},
        },
    ),
)
RESULT = _closed(  # 3.27
    "ruleId ruleIndex level message locations partialFingerprints properties",
    "relatedLocations fixes",
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=_list(LOCATION, minItems=1, maxItems=1),
    relatedLocations=_list(RELATED, minItems=1, maxItems=100),
    partialFingerprints=_closed(
        "primaryLocationLineHash tempsafe/v1", **{"primaryLocationLineHash": TEXT, "tempsafe/v1": TEXT}
    ),
    fixes=_list(FIX, minItems=1),
    properties=_closed("confidence", "applicability", confidence=TEXT, applicability=TEXT),
)
NOTIFICATION = _closed("level message", level=LEVEL, message=MESSAGE)  # 3.58
RUN = _closed(  # 3.14
    "tool automationDetails columnKind invocations results originalUriBaseIds",
    tool=_closed(
        "driver",
        driver=_closed(
            "name semanticVersion rules",
            name=TEXT,
            semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
            rules=_list(RULE, minItems=1, uniqueItems=True),
        ),
    ),
    automationDetails=_closed("id", id={"type": "string", "pattern": "/$"}),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    invocations=_list(
        _closed(
            "executionSuccessful",
            "toolExecutionNotifications",
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications=_list(NOTIFICATION),
        )
    ),
    results=_list(RESULT, maxItems=25_000),
    originalUriBaseIds={
        "type": "object",
        "additionalProperties": _closed("uri", uri={"type": "string", "pattern": "^file:///.*/$"}),
    },
)
LOG = _closed(  # 3.13
    "$schema version runs",
    **{"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": _list(RUN, minItems=1, maxItems=1)},
)
