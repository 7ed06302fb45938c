"""Mistakes in a config.toml that lists several companies, and in those that it lists."""

from __future__ import annotations

from collections.abc import Mapping

from tests.errors.case import CLIENTS, CONFIG, SERVICES, Case

OF_ACME = CONFIG.replace("Atelier Boréal", "Acme")


def top(text: str, **files: str | None) -> Mapping[str, str | None]:
    """A top config.toml with this text, over two sound companies unless `files` (boreal, acme) say otherwise."""
    configs = {"boreal": CONFIG, "acme": OF_ACME} | files
    found: dict[str, str | None] = {"config.toml": text, "mappings/clients.csv": None, "mappings/services.csv": None}
    for folder, config in configs.items():
        if config is not None:
            found |= {
                f"{folder}/config.toml": config,
                f"{folder}/mappings/clients.csv": CLIENTS,
                f"{folder}/mappings/services.csv": SERVICES,
            }
    return found


BOTH = 'companies = ["boreal/", "acme/"]\n'
CASES = [
    Case(
        "a company's table in the file that lists companies",
        """\
config.toml:2:1: setting-unknown
  2 | [billing]
    | ^^^^^^^^^
  config.toml lists companies, and beside companies it may only have [store]; here is [billing].
  Move it into the config.toml of the company that it is about.
""",
        top(BOTH + '[billing]\nperiod = "week"\n'),
    ),
    Case(
        "an unknown table beside companies",
        """\
config.toml:2:1: setting-unknown
  2 | [stores]
    | ^^^^^^^^
  config.toml lists companies, and beside companies it may only have [store]; here is stores.
  Did you mean store?
""",
        top(BOTH + '[stores]\nurl = "sqlite:///a.db"\n'),
    ),
    Case(
        "companies is no list",
        """\
config.toml:1:13: value-wrong-type
  1 | companies = "boreal/"
    |             ^^^^^^^^^
  companies must be a list in square brackets.
""",
        top('companies = "boreal/"\n'),
    ),
    Case(
        "companies lists what is no text",
        """\
config.toml:1:14: value-wrong-type
  1 | companies = [1]
    |              ^
  companies must be a text in quotation marks.
""",
        top("companies = [1]\n"),
    ),
    Case(
        "companies lists nothing",
        """\
config.toml:1:13: value-empty
  1 | companies = []
    |             ^^
  companies lists no company.
  Write the folder of each: companies = ["boreal/", "acme/"].
""",
        top("companies = []\n"),
    ),
    Case(
        "a company's folder is not there",
        """\
config.toml:1:25: company-folder
  1 | companies = ["boreal/", "ouest/"]
    |                         ^^^^^^^^
  There is no folder ouest.
  `syncd init ouest` makes one for a new company.
""",
        top('companies = ["boreal/", "ouest/"]\n'),
    ),
    Case(
        "companies lists a file",
        """\
config.toml:1:14: company-folder
  1 | companies = ["boreal/config.toml"]
    |              ^^^^^^^^^^^^^^^^^^^^
  boreal/config.toml is a file; companies lists folders.
  Write boreal/.
""",
        top('companies = ["boreal/config.toml"]\n'),
    ),
    Case(
        "a company's folder is listed twice",
        """\
config.toml:1:25: company-twice
  1 | companies = ["boreal/", "./boreal"]
    |                         ^^^^^^^^^^
  ./boreal is the same folder as boreal.
  Delete one of the two.
""",
        top('companies = ["boreal/", "./boreal"]\n'),
    ),
    Case(
        "a company within another's folder",
        """\
config.toml:1:25: company-folder
  1 | companies = ["boreal/", "boreal/mappings"]
    |                         ^^^^^^^^^^^^^^^^^
  The folder boreal/mappings lies within boreal, which is another company's.
  Give each company a folder of its own, side by side.
""",
        top('companies = ["boreal/", "boreal/mappings"]\n'),
    ),
    Case(
        "a company lists companies",
        """\
acme/config.toml:1:1: companies-nested
  1 | companies = ["ouest/"]
    | ^^^^^^^^^
  acme/config.toml lists companies of its own, and is listed in config.toml itself.
  List all companies in config.toml, and write a company's own settings here.
""",
        top(BOTH, acme='companies = ["ouest/"]\n'),
    ),
    Case(
        "two companies of one name",
        """\
acme/config.toml:2:8: company-twice
  2 | name = "ATELIER Boréal inc."
    |        ^^^^^^^^^^^^^^^^^^^^^
  boreal/config.toml is about ATELIER Boréal inc. too: all that is stored is told apart by the company's name.
  Give each company its own name.
""",
        top(BOTH, acme=CONFIG.replace("Atelier", "ATELIER")),
    ),
    Case(
        "a listed company with a store of its own",
        """\
acme/config.toml:8:1: store-of-its-own
  8 | [store]
    | ^^^^^^^
  acme/config.toml has a [store] of its own, but config.toml keeps the books of all the companies it lists.
  Delete it here; [store] of config.toml may have url and key.
""",
        top(BOTH, acme=OF_ACME + '[store]\nurl = "sqlite:///a.db"\n'),
    ),
    Case(
        "a listed company is read by itself",
        """\
config.toml: company-listed-above
  This company is listed in {folder}/config.toml, which says where its books are kept.
  Use that file (`syncd --config {folder}/config.toml …`), with --company to mean this company alone.
""",
        top(BOTH),
        "acme/config.toml",
    ),
    Case(
        "mistakes in two companies",
        """\
boreal/config.toml:3:12: currency-unknown
  3 | currency = "CAT"
    |            ^^^^^
  There is no currency “CAT”.
  Write a three-letter code such as CAD.
acme/config.toml:9:1: setting-unknown
  9 | fuse = 1
    | ^^^^
  [safety] has no setting fuse.
  There are vanished_share, vanished_count.
acme/mappings/rates.csv:2:2: rate-not-a-number
  2 | Hydro-Québec,seventy
    |              ^^^^^^^
  The hourly rate for Hydro-Québec must be an amount such as 70 or 70.50.
""",
        {
            **top(BOTH, boreal=CONFIG.replace("CAD", "CAT"), acme=OF_ACME + "[safety]\nfuse = 1\n"),
            "acme/mappings/rates.csv": "client,rate\nHydro-Québec,seventy\n",
        },
    ),
]
