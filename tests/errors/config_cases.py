"""Mistakes in config.toml."""

from __future__ import annotations

from tests.errors.case import CONFIG, Case, config

CASES = [
    Case(
        "no config.toml",
        """\
config.toml: config-missing
  There is no {folder}/config.toml.
  `syncd init` writes one.
""",
        {"config.toml": None},
    ),
    Case(
        "not TOML: a text without quotation marks",
        """\
config.toml:3:12: toml-syntax
  3 | currency = CAD
    |            ^
  No value of TOML begins here.
  Texts stand in quotation marks: name = "Atelier".
""",
        {"config.toml": CONFIG.replace('"CAD"', "CAD")},
    ),
    Case(
        "not TOML: a quotation mark is not closed",
        """\
config.toml:9:22: toml-syntax
  9 | key = "file:syncd.key
    |                      ^
  A quotation mark is not closed in this line.
  Close it with another ".
""",
        config('[store]\nkey = "file:syncd.key\n'),
    ),
    Case(
        "not TOML: the file ends within a list",
        """\
config.toml:9:12: toml-syntax
  9 | push_at = [
    |            ^
  No value of TOML begins here.
  Texts stand in quotation marks: name = "Atelier".
""",
        config("[daemon]\npush_at = ["),
    ),
    Case(
        "not TOML: a key is there twice",
        """\
config.toml:3:13: toml-syntax
  3 | name = "CAD"
    |             ^
  This setting is here a second time.
  Delete one of the two.
""",
        {"config.toml": CONFIG.replace("currency", "name")},
    ),
    Case(
        "config.toml is not UTF-8",
        """\
config.toml:2: text-undecodable
  The byte 0xE9 in line 2 belongs to no text in UTF-8.
  Save the file as UTF-8.
""",
        {"config.toml": CONFIG.encode("latin-1")},
    ),
    Case(
        "a required setting is missing",
        """\
config.toml:1:1: setting-missing
  1 | [company]
    | ^^^^^^^^^
  [company] needs currency.
  The home currency of the books.
""",
        {"config.toml": CONFIG.replace('currency = "CAD"\n', "")},
    ),
    Case(
        "no [company] at all",
        """\
config.toml: setting-missing
  [company] needs currency.
  The home currency of the books.
config.toml: setting-missing
  [company] needs name.
  The company's name: it stands on every report, and with every row that is stored.
""",
        {"config.toml": CONFIG[CONFIG.index("[sources") :]},
    ),
    Case(
        "a required setting is empty",
        """\
config.toml:2:8: value-empty
  2 | name = " "
    |        ^^^
  name must not be empty.
""",
        {"config.toml": CONFIG.replace("Atelier Boréal inc.", " ")},
    ),
    Case(
        "an unknown setting, misspelt",
        """\
config.toml:9:1: setting-unknown
  9 | line_per = "day"
    | ^^^^^^^^
  [billing] has no setting line_per.
  Did you mean lines_per?
""",
        config('[billing]\nline_per = "day"\n'),
    ),
    Case(
        "an unknown table",
        """\
config.toml:8:1: setting-unknown
  8 | [biling]
    | ^^^^^^^^
  There is no [biling] in config.toml.
  Did you mean billing?
""",
        config("[biling]\n"),
    ),
    Case(
        "a setting within an inline table",
        """\
config.toml:9:14: setting-unknown
  9 | rounding = { step = 15, direction = "up" }
    |              ^^^^
  [billing.rounding] has no setting step.
  Did you mean step_minutes?
""",
        config('[billing]\nrounding = { step = 15, direction = "up" }\n'),
    ),
    Case(
        "a text where a number belongs",
        """\
config.toml:9:16: value-wrong-type
  9 | step_minutes = "15"
    |                ^^^^
  step_minutes must be a whole number such as 15.
""",
        config('[billing.rounding]\nstep_minutes = "15"\n'),
    ),
    Case(
        "a number where a text belongs",
        """\
config.toml:9:9: value-wrong-type
  9 | terms = 30
    |         ^^
  terms must be a text in quotation marks.
""",
        config("[billing]\nterms = 30\n"),
    ),
    Case(
        "a text where true or false belongs",
        """\
config.toml:9:29: value-wrong-type
  9 | client_must_approve_hours = "yes"
    |                             ^^^^^
  client_must_approve_hours must be true or false.
""",
        config('[approval]\nclient_must_approve_hours = "yes"\n'),
    ),
    Case(
        "a text where a list belongs",
        """\
config.toml:9:11: value-wrong-type
  9 | push_at = "09:00"
    |           ^^^^^^^
  push_at must be a list in square brackets.
""",
        config('[daemon]\npush_at = "09:00"\n'),
    ),
    Case(
        "a text where a table belongs",
        """\
config.toml:1:11: value-wrong-type
  1 | billing = "monthly"
    |           ^^^^^^^^^
  billing must be a table.
  Write [billing].
""",
        {"config.toml": 'billing = "monthly"\n' + CONFIG},
    ),
    Case(
        "a time of day that does not exist",
        """\
config.toml:9:21: value-wrong-type
  9 | push_at = ["09:00", "25:00"]
    |                     ^^^^^^^
  push_at must be a time of day such as "09:00".
""",
        config('[daemon]\npush_at = ["09:00", "25:00"]\n'),
    ),
    Case(
        "a duration without a unit",
        """\
config.toml:9:14: value-wrong-type
  9 | pull_every = "15"
    |              ^^^^
  pull_every must be a time such as "15 minutes" or "1 hour".
""",
        config('[daemon]\npull_every = "15"\n'),
    ),
    Case(
        "a negative number of minutes",
        """\
config.toml:9:19: value-out-of-range
  9 | minimum_minutes = -5
    |                   ^^
  minimum_minutes must not be below zero.
""",
        config("[billing.rounding]\nminimum_minutes = -5\n"),
    ),
    Case(
        "a share above 1",
        """\
config.toml:9:18: value-out-of-range
  9 | vanished_share = 30
    |                  ^^
  vanished_share must be a share from 0 to 1, such as 0.3.
""",
        config("[safety]\nvanished_share = 30\n"),
    ),
    Case(
        "more hours than a day has",
        """\
config.toml:9:17: value-out-of-range
  9 | hours_per_day = 25
    |                 ^^
  hours_per_day must be a number of hours up to 24, such as 7.5.
""",
        config("[billing]\nhours_per_day = 25\n"),
    ),
    Case(
        "an amount with a comma",
        """\
config.toml:9:22: value-wrong-type
  9 | auto_approve_up_to = "1,000"
    |                      ^^^^^^^
  auto_approve_up_to must be a number such as 500 or "500.00".
""",
        config('[approval]\nauto_approve_up_to = "1,000"\n'),
    ),
    Case(
        "an unknown time zone",
        """\
config.toml:3:12: timezone-unknown
  3 | timezone = "America/Montréal"
    |            ^^^^^^^^^^^^^^^^^^
  There is no time zone “America/Montréal”.
  Did you mean America/Montreal?
""",
        {"config.toml": CONFIG.replace("currency", 'timezone = "America/Montréal"\ncurrency')},
    ),
    Case(
        "an unknown language",
        """\
config.toml:3:12: language-unknown
  3 | language = "french"
    |            ^^^^^^^^
  There is no language “french”.
  Write one such as fr-CA or en-CA.
""",
        {"config.toml": CONFIG.replace("currency", 'language = "french"\ncurrency')},
    ),
    Case(
        "an unknown currency",
        """\
config.toml:3:12: currency-unknown
  3 | currency = "CND"
    |            ^^^^^
  There is no currency “CND”.
  Write a three-letter code such as CAD.
""",
        {"config.toml": CONFIG.replace("CAD", "CND")},
    ),
    Case(
        "an unknown word, misspelt",
        """\
config.toml:9:10: value-unknown
  9 | period = "monthly"
    |          ^^^^^^^^^
  “monthly” is not a period: period can be week, half-month, month, on-completion or manual.
  Did you mean month?
""",
        config('[billing]\nperiod = "monthly"\n'),
    ),
    Case(
        "an annex",
        """\
config.toml:9:10: not-in-this-version
  9 | annex = ["pdf"]
    |          ^^^^^
  "pdf" in annex is not implemented in this version.
""",
        config('[billing]\nannex = ["pdf"]\n'),
    ),
    Case(
        "a hold that is none",
        """\
config.toml:9:28: value-unknown
  9 | hold_when = ["new-client", "over-budgets"]
    |                            ^^^^^^^^^^^^^^
  “over-budgets” is not a hold_when: hold_when can be new-client, no-purchase-order, rate-changed, over-budget or 30%-above-usual.
  Did you mean over-budget?
""",
        config('[approval]\nhold_when = ["new-client", "over-budgets"]\n'),
    ),
    Case(
        "a redirect in clear",
        """\
config.toml:9:12: address-insecure
  9 | redirect = "http://syncd.example/callback"
    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  redirect must begin with https://: Intuit sends a consent to no other address than this machine's.
  Write an https address, or redirect = "paste".
""",
        config('[quickbooks]\nredirect = "http://syncd.example/callback"\n'),
    ),
    Case(
        "a redirect without a path",
        """\
config.toml:9:12: address-unknown
  9 | redirect = "https://syncd.example/"
    |            ^^^^^^^^^^^^^^^^^^^^^^^^
  redirect must be an https address with a path and nothing behind it: https://billing.example/callback.
""",
        config('[quickbooks]\nredirect = "https://syncd.example/"\n'),
    ),
    Case(
        "a port that only root may open",
        """\
config.toml:9:17: value-out-of-range
  9 | redirect_port = 443
    |                 ^^^
  redirect_port must be between 1024 and 65535.
""",
        config("[quickbooks]\nredirect_port = 443\n"),
    ),
    Case(
        "the browser in production",
        """\
config.toml:12:12: value-unfit
  12 | redirect = "browser"
     |            ^^^^^^^^^
  QuickBooks sends the consent of a production app only to an https address.
  Write redirect = "paste", or an https address of yours.
""",
        config(
            '[quickbooks]\nenvironment = "production"\nclient_id = "AB"\nclient_secret = "env:S"\n'
            'redirect = "browser"\n'
        ),
    ),
    Case(
        "a client secret in clear",
        """\
config.toml:9:17: secret-in-clear
  9 | client_secret = "••••••••••••••"
    |                 ^^^^^^^^^^^^^^^^
  client_secret stands here in clear, and whoever reads this file could use it.
  Write where it is kept: env:NAME, file:PATH or credential:NAME.
""",
        config('[quickbooks]\nclient_secret = "hunter2hunter2"\n'),
    ),
    Case(
        "sandbox without an app",
        """\
config.toml:8:1: setting-missing
  8 | [quickbooks]
    | ^^^^^^^^^^^^
  [quickbooks] needs client_id when environment is sandbox.
config.toml:8:1: setting-missing
  8 | [quickbooks]
    | ^^^^^^^^^^^^
  [quickbooks] needs client_secret when environment is sandbox.
""",
        config('[quickbooks]\nenvironment = "sandbox"\n'),
    ),
    Case(
        "impatience in production",
        """\
config.toml:12:22: value-out-of-range
  12 | quarantine_seconds = 5
     |                      ^
  quarantine_seconds must be at least 180: only the emulator may be asked sooner.
config.toml:13:20: value-out-of-range
  13 | throttle_seconds = 1
     |                    ^
  throttle_seconds must be at least 60: only the emulator may be asked sooner.
""",
        config(
            '[quickbooks]\nenvironment = "production"\nclient_id = "AB"\nclient_secret = "env:S"\n'
            "quarantine_seconds = 5\nthrottle_seconds = 1\n"
        ),
    ),
    Case(
        "a server of one's own without https",
        """\
config.toml:12:12: address-insecure
  12 | base_url = "http://proxy.example"
     |            ^^^^^^^^^^^^^^^^^^^^^^
  base_url must begin with https://: tokens would travel in clear.
""",
        config(
            '[quickbooks]\nenvironment = "sandbox"\nclient_id = "AB"\nclient_secret = "env:S"\n'
            'base_url = "http://proxy.example"\n'
        ),
    ),
    Case(
        "a document number that is too long",
        """\
config.toml:9:18: invoice-number-pattern
  9 | invoice_number = "ATELIER-BOREAL-{year}-{seq:04}"
    |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  Numbers of this pattern have up to 25 characters, QuickBooks takes 21.
  Write one such as "AB-{year}-{seq:04}", or "quickbooks".
""",
        config('[quickbooks]\ninvoice_number = "ATELIER-BOREAL-{year}-{seq:04}"\n'),
    ),
    Case(
        "a document number without a sequence",
        """\
config.toml:9:18: invoice-number-pattern
  9 | invoice_number = "AB-{year}-{month}"
    |                  ^^^^^^^^^^^^^^^^^^^
  The pattern must have {seq} once: it is what makes each number another one.
  Write one such as "AB-{year}-{seq:04}", or "quickbooks".
""",
        config('[quickbooks]\ninvoice_number = "AB-{year}-{month}"\n'),
    ),
    Case(
        "a document number with an unknown field",
        """\
config.toml:9:18: invoice-number-pattern
  9 | invoice_number = "{client}-{seq}"
    |                  ^^^^^^^^^^^^^^^^
  This pattern has an unknown field {client}: there are {year}, {month}, {seq} and {seq:04}.
  Write one such as "AB-{year}-{seq:04}", or "quickbooks".
""",
        config('[quickbooks]\ninvoice_number = "{client}-{seq}"\n'),
    ),
    Case(
        "a password in the address of the database",
        """\
config.toml:9:7: secret-in-clear
  9 | url = "postgresql://syncd:•••••••@db/syncd"
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  url holds a password in clear, and whoever reads this file could use it.
  Write where the whole address is kept: env:NAME, file:PATH or credential:NAME.
""",
        config('[store]\nurl = "postgresql://syncd:hunter2@db/syncd"\n'),
    ),
    Case(
        "an unknown database",
        """\
config.toml:9:7: store-unknown
  9 | url = "mysql://db/syncd"
    |       ^^^^^^^^^^^^^^^^^^
  url must be sqlite:///FILE or postgresql://HOST/DATABASE.
""",
        config('[store]\nurl = "mysql://db/syncd"\n'),
    ),
    Case(
        "an unknown kind of source",
        """\
config.toml:9:8: value-unknown
  9 | kind = "redmin"
    |        ^^^^^^^^
  “redmin” is not a kind: kind can be files, redmine or request-tracker.
  Did you mean redmine?
""",
        config('[sources.tracker]\nkind = "redmin"\n'),
    ),
    Case(
        "a kind of source that is not implemented",
        """\
config.toml:9:8: not-in-this-version
  9 | kind = "onedesk"
    |        ^^^^^^^^^
  Sources of kind onedesk are not implemented in this version.
  Here, kind can be files, redmine or request-tracker.
""",
        config('[sources.helpdesk]\nkind = "onedesk"\n'),
    ),
    Case(
        "a source without a kind",
        """\
config.toml:8:1: setting-missing
  8 | [sources.tracker]
    | ^^^^^^^^^^^^^^^^^
  [sources.tracker] needs kind.
  Write kind = "files", kind = "redmine" or kind = "request-tracker".
""",
        config('[sources.tracker]\nurl = "https://redmine.example"\n'),
    ),
    Case(
        "a source with a name that is taken",
        """\
config.toml:8:1: source-name
  8 | [sources.quickbooks]
    | ^^^^^^^^^^^^^^^^^^^^
  “quickbooks” cannot name a source: letters, digits, - and _ can, and quickbooks is taken.
""",
        config('[sources.quickbooks]\nkind = "files"\npath = "*.csv"\n'),
    ),
    Case(
        "a source without its path",
        """\
config.toml:8:1: setting-missing
  8 | [sources.more]
    | ^^^^^^^^^^^^^^
  [sources.more] needs path.
  Which files, such as `inbox/*.csv`; relative to the folder of config.toml.
config.toml:10:1: setting-unknown
  10 | pth = "more/*.csv"
     | ^^^
  [sources.more] has no setting pth.
  Did you mean path?
""",
        config('[sources.more]\nkind = "files"\npth = "more/*.csv"\n'),
    ),
    Case(
        "a day in quotation marks",
        """\
config.toml:8:9: value-wrong-type
  8 | since = "2026-10-01"
    |         ^^^^^^^^^^^^
  since must be a day such as 2026-10-01, without quotation marks or a time.
""",
        config('since = "2026-10-01"\n'),
    ),
    Case(
        "a token in clear, sent in clear",
        """\
config.toml:10:7: address-insecure
  10 | url = "http://redmine.example"
     |       ^^^^^^^^^^^^^^^^^^^^^^^^
  url must begin with https://: the token would travel in clear.
config.toml:11:9: secret-in-clear
  11 | token = "••••••••••••••••"
     |         ^^^^^^^^^^^^^^^^^^
  token stands here in clear, and whoever reads this file could use it.
  Write where it is kept: env:NAME, file:PATH or credential:NAME.
""",
        config('[sources.tracker]\nkind = "redmine"\nurl = "http://redmine.example"\ntoken = "0123456789abcdef"\n'),
    ),
    Case(
        "an address without its scheme",
        """\
config.toml:10:7: address-unknown
  10 | url = "redmine.example"
     |       ^^^^^^^^^^^^^^^^^
  url must be an address such as https://redmine.example.
""",
        config('[sources.tracker]\nkind = "redmine"\nurl = "redmine.example"\ntoken = "env:REDMINE_TOKEN"\n'),
    ),
    Case(
        "a Redmine's client from nowhere",
        """\
config.toml:12:15: client-from-unknown
  12 | client_from = "customer"
     |               ^^^^^^^^^^
  client_from cannot be 'customer'.
  Write "project", "top-project" or "custom-field:NAME".
config.toml:13:17: billable-from-unknown
  13 | billable_from = "yes"
     |                 ^^^^^
  billable_from cannot be 'yes'.
  Write "custom-field:NAME", or leave it out.
""",
        config(
            '[sources.tracker]\nkind = "redmine"\nurl = "https://redmine.example"\ntoken = "env:TOKEN"\n'
            'client_from = "customer"\nbillable_from = "yes"\n'
        ),
    ),
    Case(
        "a Request Tracker's client from nowhere",
        """\
config.toml:12:15: client-from-unknown
  12 | client_from = "requestor"
     |               ^^^^^^^^^^^
  client_from cannot be 'requestor'.
  Write "queue", "requestor-domain" or "custom-field:NAME".
config.toml:13:16: service-from-unknown
  13 | service_from = "custom-field:"
     |                ^^^^^^^^^^^^^^^
  service_from cannot be 'custom-field:'.
  Write "queue" or "custom-field:NAME".
""",
        config(
            '[sources.tracker]\nkind = "request-tracker"\nurl = "https://rt.example"\ntoken = "env:TOKEN"\n'
            'client_from = "requestor"\nservice_from = "custom-field:"\n'
        ),
    ),
]
