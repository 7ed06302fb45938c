"""Mistakes in tables that are CSV files."""

from __future__ import annotations

from tests.errors.case import CLIENTS, SERVICES, Case

RATES = "client,service,person,rate,currency,from,until\n"
RETAINERS = "client,name,kind,services,hours,fee,from,until,unused,draw,prorate\n"
FEES = "client,service,description,amount,every,on,from,until\n"


SHARES = "client,description,amount,percent_of,every,on,quantity\n"


def rates(*rows: str) -> dict[str, str]:
    return {"mappings/rates.csv": RATES + "".join(f"{row}\n" for row in rows)}


def retainers(*rows: str) -> dict[str, str]:
    return {"mappings/retainers.csv": RETAINERS + "".join(f"{row}\n" for row in rows)}


def fees(*rows: str) -> dict[str, str]:
    return {"mappings/fixed_fees.csv": FEES + "".join(f"{row}\n" for row in rows)}


def clients(*rows: str) -> dict[str, str]:
    return {"mappings/clients.csv": CLIENTS + "".join(f"{row}\n" for row in rows)}


CASES = [
    Case(
        "a rate that is no number",
        """\
mappings/rates.csv:2:4: rate-not-a-number
  2 | Hydro-Québec,Consultation,,seventy,CAD,2026-04-01,
    |                            ^^^^^^^
  The hourly rate for Hydro-Québec › Consultation must be an amount such as 70 or 70.50.
""",
        rates("Hydro-Québec,Consultation,,seventy,CAD,2026-04-01,"),
    ),
    Case(
        "a rate with a currency sign",
        """\
mappings/rates.csv:2:4: rate-not-a-number
  2 | Hydro-Québec,,,$70,CAD,,
    |                ^^^
  The hourly rate for Hydro-Québec must be an amount such as 70 or 70.50.
""",
        rates("Hydro-Québec,,,$70,CAD,,"),
    ),
    Case(
        "a decimal comma in a file with commas",
        """\
mappings/rates.csv:2:4: decimal-comma
  2 | ,Support,,"70,50",CAD,,
    |           ^^^^^^^
  The hourly rate for Support must be an amount such as 70 or 70.50, with a point.
  Write 70.50; a decimal comma is read only in CSV files separated by semicolons.
""",
        rates(',Support,,"70,50",CAD,,'),
    ),
    Case(
        "a thousands separator",
        """\
mappings/rates.csv:2:4: rate-not-a-number
  2 | ,Support,,"1,250.00",CAD,,
    |           ^^^^^^^^^^
  The hourly rate for Support must be an amount such as 70 or 70.50.
""",
        rates(',Support,,"1,250.00",CAD,,'),
    ),
    Case(
        "a rate below zero",
        """\
mappings/rates.csv:2:4: negative-rate
  2 | ,Support,,-70,CAD,,
    |           ^^^
  The hourly rate for Support must be an amount such as 70 or 70.50, not below zero.
""",
        rates(",Support,,-70,CAD,,"),
    ),
    Case(
        "a rate with too many decimals",
        """\
mappings/rates.csv:2:4: too-many-decimals
  2 | ,Support,,70.123456,CAD,,
    |           ^^^^^^^^^
  The hourly rate for Support must be an amount such as 70 or 70.50, with at most 5 decimals.
""",
        rates(",Support,,70.123456,CAD,,"),
    ),
    Case(
        "an empty rate",
        """\
mappings/rates.csv:2:4: cell-empty
  2 | Hydro-Québec,Support,,,CAD,,
    |                       ^
  rate must not be empty for Hydro-Québec › Support.
""",
        rates("Hydro-Québec,Support,,,CAD,,"),
    ),
    Case(
        "a date in another order",
        """\
mappings/rates.csv:2:6: date-unknown
  2 | ,Support,,70,CAD,01/04/2026,
    |                  ^^^^^^^^^^
  from must be a day such as 2026-04-01, not “01/04/2026”.
""",
        rates(",Support,,70,CAD,01/04/2026,"),
    ),
    Case(
        "a day that does not exist",
        """\
mappings/rates.csv:2:6: date-unknown
  2 | ,Support,,70,CAD,2026-02-30,
    |                  ^^^^^^^^^^
  2026-02-30 is not a day of the calendar.
""",
        rates(",Support,,70,CAD,2026-02-30,"),
    ),
    Case(
        "from after until",
        """\
mappings/rates.csv:2:7: dates-reversed
  2 | ,Support,,70,CAD,2026-05-01,2026-04-30
    |                             ^^^^^^^^^^
  from (2026-05-01) is after until (2026-04-30): this row would never count.
""",
        rates(",Support,,70,CAD,2026-05-01,2026-04-30"),
    ),
    Case(
        "two equal rates",
        """\
mappings/rates.csv:3:4: rates-equal
  3 | Hydro-Québec,Support,,75,,,
    |                       ^^
  Hydro-Québec › Support has an equally strong rate in mappings/rates.csv:2.
  Give one of them an until, or delete one.
""",
        rates("Hydro-Québec,Support,,70,,,", "Hydro-Québec,Support,,75,,,"),
    ),
    Case(
        "two rates on overlapping days",
        """\
mappings/rates.csv:3:4: rates-equal
  3 | hydro-québec|Nordik Brewing,,,75,CAD,2026-06-01,
    |                               ^^
  hydro-québec|Nordik Brewing has an equally strong rate in mappings/rates.csv:2 from 2026-06-01 until 2026-06-30.
  Give one of them an until, or delete one.
""",
        rates("Hydro-Québec,,,70,CAD,,2026-06-30", "hydro-québec|Nordik Brewing,,,75,CAD,2026-06-01,"),
    ),
    Case(
        "a client that is in no row of clients",
        """\
mappings/rates.csv:2:1: client-unknown
  2 | Hydro Quebec,Support,,70,CAD,,
    | ^^^^^^^^^^^^
  No row of clients gives the client “Hydro Quebec”.
  Did you mean “Hydro-Québec”?
""",
        rates("Hydro Quebec,Support,,70,CAD,,"),
    ),
    Case(
        "one of several clients is unknown",
        """\
mappings/rates.csv:2:1: client-unknown
  2 | Hydro-Québec|Nordic Brewing,Support,,70,,,
    |              ^^^^^^^^^^^^^^
  No row of clients gives the client “Nordic Brewing”.
  Did you mean “Nordik Brewing”?
""",
        rates("Hydro-Québec|Nordic Brewing,Support,,70,,,"),
    ),
    Case(
        "a service that is in no row of services",
        """\
mappings/rates.csv:2:2: service-unknown
  2 | ,Consulting,,70,CAD,,
    |  ^^^^^^^^^^
  No row of services gives the service “Consulting”.
  Did you mean “Consultation”?
""",
        rates(",Consulting,,70,CAD,,"),
    ),
    Case(
        "a role that is in no row of people",
        """\
mappings/rates.csv:2:1: role-unknown
  2 | senoir,90
    | ^^^^^^
  No row of people gives the role “senoir”.
  Did you mean “senior”?
""",
        {
            "mappings/rates.csv": "role,rate\nsenoir,90\n",
            "mappings/people.csv": "source_person,person,role\nar,Amélie Roy,senior\n",
        },
    ),
    Case(
        "a team that is in no row of people",
        """\
mappings/rates.csv:2:1: team-unknown
  2 | ops,90
    | ^^^
  No row of people gives the team “ops”.
  Add it to people.
""",
        {
            "mappings/rates.csv": "team,rate\nops,90\n",
            "mappings/people.csv": "source_person,person,team\nar,Amélie Roy,conseil\n",
        },
    ),
    Case(
        "a rate in another currency than its client's",
        """\
mappings/rates.csv:2:5: currency-not-clients
  2 | Nordik Brewing,Support,,70,CAD,,
    |                            ^^^
  Nordik Brewing is billed in USD, this rate is in CAD.
  Give its rate in the client's currency.
""",
        rates("Nordik Brewing,Support,,70,CAD,,"),
    ),
    Case(
        "a currency that is no code",
        """\
mappings/rates.csv:2:5: currency-unknown
  2 | ,Support,,70,dollars,,
    |              ^^^^^^^
  currency must be a three-letter code such as CAD, not “dollars”.
""",
        rates(",Support,,70,dollars,,"),
    ),
    Case(
        "a star before the end of a name",
        """\
mappings/rates.csv:2:1: star-not-at-end
  2 | *Québec,Support,,70,CAD,,
    | ^^^^^^^
  In “*Québec”, * stands for any ending and must be the last character.
""",
        rates("*Québec,Support,,70,CAD,,"),
    ),
    Case(
        "an unknown unit",
        """\
mappings/rates.csv:2:3: value-unknown
  2 | Support,70,hours
    |            ^^^^^
  “hours” is not a unit: unit can be hour, day or each.
  Did you mean hour?
""",
        {"mappings/rates.csv": "service,rate,unit\nSupport,70,hours\n"},
    ),
    Case(
        "a row with too many fields",
        """\
mappings/rates.csv:2:8: too-many-fields
  2 | ,Support,,1,250.00,CAD,,
    |                         ^
  This row has 8 fields, the header has 7.
  Put a text that contains the separator in quotation marks.
""",
        rates(",Support,,1,250.00,CAD,,"),
    ),
    Case(
        "a row with too few fields",
        """\
mappings/rates.csv:2: too-few-fields
  2 | ,Support,,70,CAD
    | ^^^^^^^^^^^^^^^^
  This row has 5 fields, the header has 7.
  Add the missing separators; a field may be empty.
""",
        rates(",Support,,70,CAD"),
    ),
    Case(
        "a quotation mark that is not closed",
        """\
mappings/rates.csv:2:2: quote-not-closed
  2 | ,"Support,,70,CAD,,
    |  ^^^^^^^^
  This cell opens a quotation mark that nothing closes.
  Close it, or write "" for a quotation mark within.
""",
        rates(',"Support,,70,CAD,,'),
    ),
    Case(
        "an unknown column",
        """\
mappings/rates.csv:1:2: column-unknown
  1 | service,hourly_rate,rate,untill
    |         ^^^^^^^^^^^
  The table rates has no column “hourly_rate”.
  Did you mean rate?
mappings/rates.csv:1:4: column-unknown
  1 | service,hourly_rate,rate,untill
    |                          ^^^^^^
  The table rates has no column “untill”.
  Did you mean until?
""",
        {"mappings/rates.csv": "service,hourly_rate,rate,untill\nSupport,70,70,\n"},
    ),
    Case(
        "a column that is not implemented",
        """\
mappings/clients.csv:1:5: not-in-this-version
  1 | source_client,quickbooks_customer,language,currency,approver,until
    |                                                     ^^^^^^^^
  The column approver of clients is not implemented in this version.
  Delete the column.
""",
        {"mappings/clients.csv": CLIENTS.replace("since", "approver")},
    ),
    Case(
        "a column that is there twice",
        """\
mappings/rates.csv:1:3: column-twice
  1 | service,rate,Rate
    |              ^^^^
  The column rate is there twice.
  Delete one of them.
""",
        {"mappings/rates.csv": "service,rate,Rate\nSupport,70,75\n"},
    ),
    Case(
        "a required column is missing",
        """\
mappings/rates.csv:1: column-missing
  1 | service,price
    | ^^^^^^^^^^^^^
  The table rates needs a column rate.
  Add it to the first row.
mappings/rates.csv:1:2: column-unknown
  1 | service,price
    |         ^^^^^
  The table rates has no column “price”.
  Its columns are task, project, client, person, role, team, service, rate, unit, currency, from, until, note.
""",
        {"mappings/rates.csv": "service,price\nSupport,70\n"},
    ),
    Case(
        "an empty file",
        """\
mappings/rates.csv: table-empty
  The table rates is empty.
  Its first row names the columns, at least rate.
""",
        {"mappings/rates.csv": ""},
    ),
    Case(
        "bytes that are no text",
        """\
mappings/rates.csv:2: text-undecodable
  The byte 0x81 in line 2 belongs to no text in UTF-8 or Windows-1252.
  Save the file as “CSV UTF-8”.
""",
        {"mappings/rates.csv": "service,rate\nSupport\x81,70\n".encode("latin-1")},
    ),
    Case(
        "a file in UTF-16",
        """\
mappings/rates.csv: text-undecodable
  This file is “Unicode text” (UTF-16).
  Save the file as “CSV UTF-8”.
""",
        {"mappings/rates.csv": "service,rate\nSupport,70\n".encode("utf-16")},
    ),
    Case(
        "a client that is mapped twice",
        """\
mappings/clients.csv:4:1: rows-equal
  4 | HQ,Nordik Brewing,,,,
    | ^^
  HQ: mappings/clients.csv:2 is about the same already.
  Delete one of the two rows, or make one of them narrower.
""",
        clients("HQ,Nordik Brewing,,,,"),
    ),
    Case(
        "rows of one customer that disagree",
        """\
mappings/clients.csv:4:4: clients-disagree
  4 | H2O,Hydro-Québec,fr-CA,USD,,
    |                        ^^^
  currency of Hydro-Québec is “USD” here and “CAD” in mappings/clients.csv:2.
  All rows of one customer must agree; a blank cell agrees with any.
""",
        clients("H2O,Hydro-Québec,fr-CA,USD,,"),
    ),
    Case(
        "a client's dates are reversed",
        """\
mappings/clients.csv:4:6: dates-reversed
  4 | Sud,Sud inc.,,,2026-12-01,2026-10-01
    |                           ^^^^^^^^^^
  since (2026-12-01) is after until (2026-10-01): this row would never count.
""",
        clients("Sud,Sud inc.,,,2026-12-01,2026-10-01"),
    ),
    Case(
        "a language that is no code",
        """\
mappings/clients.csv:4:3: language-unknown
  4 | Sud,Sud inc.,français,,,
    |              ^^^^^^^^
  language must be a code such as fr-CA or en, not “français”.
""",
        clients("Sud,Sud inc.,français,,,"),
    ),
    Case(
        "a client's policy that does not exist",
        """\
mappings/clients.csv:2:3: value-unknown
  2 | A,A inc.,services,upp
    |          ^^^^^^^^
  “services” is not a lines_per: lines_per can be entry, day, week, person, service, task, project, rate or one.
  Did you mean service?
mappings/clients.csv:2:4: value-unknown
  2 | A,A inc.,services,upp
    |                   ^^^
  “upp” is not a direction: direction can be up, nearest or down.
  Did you mean up?
""",
        {"mappings/clients.csv": "source_client,quickbooks_customer,lines_per,direction\nA,A inc.,services,upp\n"},
    ),
    Case(
        "an increment that is no whole number",
        """\
mappings/clients.csv:2:3: minutes-not-a-number
  2 | A,A inc.,7.5
    |          ^^^
  The step_minutes for A must be a whole number of minutes such as 15.
mappings/clients.csv:3:3: negative-minutes
  3 | B,B inc.,-15
    |          ^^^
  The step_minutes for B must be a whole number of minutes such as 15, not below zero.
mappings/clients.csv:4:3: minutes-not-a-number
  4 | C,C inc.,x
    |          ^
  The step_minutes for C must be a whole number of minutes such as 15.
""",
        {
            "mappings/clients.csv": "source_client,quickbooks_customer,step_minutes\n"
            "A,A inc.,7.5\nB,B inc.,-15\nC,C inc.,x\n"
        },
    ),
    Case(
        "an address that is none",
        """\
mappings/clients.csv:2:3: email-unknown
  2 | A,A inc.,ap@a.example; compta
    |          ^^^^^^^^^^^^^^^^^^^^
  “compta” is not an e-mail address such as name@example.com.
""",
        {"mappings/clients.csv": "source_client,quickbooks_customer,email_to\nA,A inc.,ap@a.example; compta\n"},
    ),
    Case(
        "more e-mail addresses than QuickBooks takes",
        """\
mappings/clients.csv:2:3: text-too-long
  2 | A,A inc.,person0@atelier.example|person1@atelier.example|person2@atelier.example|person3@atelier.exa…
    |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  email_to has 123 characters, QuickBooks takes 100.
""",
        {
            "mappings/clients.csv": "source_client,quickbooks_customer,email_to\n"
            f"A,A inc.,{'|'.join(f'person{number}@atelier.example' for number in range(5))}\n"
        },
    ),
    Case(
        "a service that is mapped twice",
        """\
mappings/services.csv:4:1: rows-equal
  4 | Support,Aide,Support
    | ^^^^^^^
  Support: mappings/services.csv:3 is about the same already.
  Delete one of the two rows, or make one of them narrower.
""",
        {"mappings/services.csv": SERVICES + "Support,Aide,Support\n"},
    ),
    Case(
        "billable that is neither yes nor no",
        """\
mappings/services.csv:2:3: value-unknown
  2 | support,Support,maybe
    |                 ^^^^^
  billable must be yes or no, not “maybe”.
""",
        {"mappings/services.csv": "source_service,quickbooks_item,billable\nsupport,Support,maybe\n"},
    ),
    Case(
        "a retainer of an unknown kind, and policies that no retainer has",
        """\
mappings/retainers.csv:2:3: value-unknown
  2 | Hydro-Québec,Soutien,blocks,,8,840,,,carry,fifo,15
    |                      ^^^^^^
  “blocks” is not a kind: kind can be minimum, block, spend or money.
  Did you mean block?
mappings/retainers.csv:2:9: value-unknown
  2 | Hydro-Québec,Soutien,blocks,,8,840,,,carry,fifo,15
    |                                      ^^^^^
  “carry” is not a way to hand on unused hours: unused can be lost, carry-1-month, carry-max:10h, carry-until:2026-12-31 or net.
mappings/retainers.csv:2:10: value-unknown
  2 | Hydro-Québec,Soutien,blocks,,8,840,,,carry,fifo,15
    |                                            ^^^^
  “fifo” is not a draw: draw can be chronological or pro-rata.
mappings/retainers.csv:2:11: value-unknown
  2 | Hydro-Québec,Soutien,blocks,,8,840,,,carry,fifo,15
    |                                                 ^^
  “15” is not a prorate: prorate can be no, calendar, 30, calendar+hours or 30+hours.
""",
        retainers("Hydro-Québec,Soutien,blocks,,8,840,,,carry,fifo,15"),
    ),
    Case(
        "a block without the day from which it is valid, and without hours",
        """\
mappings/retainers.csv:2:5: hours-missing
  2 | Hydro-Québec,Soutien,block,,,840,,,,,
    |                             ^
  Hydro-Québec › Soutien is a block, so hours must say how many were bought.
  Write them as 10 or 7.5.
mappings/retainers.csv:2:7: from-missing
  2 | Hydro-Québec,Soutien,block,,,840,,,,,
    |                                  ^
  The fee of Hydro-Québec › Soutien is invoiced on its from, which is empty.
  Write the day as 2026-04-01.
""",
        retainers("Hydro-Québec,Soutien,block,,,840,,,,,"),
    ),
    Case(
        "a block with policies of periods",
        """\
mappings/retainers.csv:2:9: column-not-for-kind
  2 | Hydro-Québec,Soutien,block,,8,,,,net,pro-rata,30
    |                                  ^^^
  unused means nothing for Hydro-Québec › Soutien, which is a block.
  Empty the cell.
mappings/retainers.csv:2:10: column-not-for-kind
  2 | Hydro-Québec,Soutien,block,,8,,,,net,pro-rata,30
    |                                      ^^^^^^^^
  draw means nothing for Hydro-Québec › Soutien, which is a block.
  Empty the cell.
mappings/retainers.csv:2:11: column-not-for-kind
  2 | Hydro-Québec,Soutien,block,,8,,,,net,pro-rata,30
    |                                               ^^
  prorate means nothing for Hydro-Québec › Soutien, which is a block.
  Empty the cell.
""",
        retainers("Hydro-Québec,Soutien,block,,8,,,,net,pro-rata,30"),
    ),
    Case(
        "a minimum spend without its amount, with hours",
        """\
mappings/retainers.csv:2:5: column-not-for-kind
  2 | Hydro-Québec,Soutien,spend,,8,,,,,,30+hours
    |                             ^
  hours means nothing for Hydro-Québec › Soutien, which is a spend.
  Empty the cell.
mappings/retainers.csv:2:6: fee-missing
  2 | Hydro-Québec,Soutien,spend,,8,,,,,,30+hours
    |                               ^
  Hydro-Québec › Soutien is a minimum spend, so fee must say how much that is.
  Write it as 500 or 500.00.
mappings/retainers.csv:2:11: column-not-for-kind
  2 | Hydro-Québec,Soutien,spend,,8,,,,,,30+hours
    |                                    ^^^^^^^^
  Hydro-Québec › Soutien includes no hours that could be prorated.
  Write calendar or 30.
""",
        retainers("Hydro-Québec,Soutien,spend,,8,,,,,,30+hours"),
    ),
    Case(
        "a deposit without its day and its item",
        """\
mappings/retainers.csv:2: item-missing
  2 | Hydro-Québec,Soutien,money,,,500,,,,,
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  The deposit Hydro-Québec › Soutien has no item: it needs one on a liability account.
  Name that product or service of QuickBooks.
mappings/retainers.csv:2:7: from-missing
  2 | Hydro-Québec,Soutien,money,,,500,,,,,
    |                                  ^
  The deposit Hydro-Québec › Soutien is invoiced on its from, which is empty.
  Write the day as 2026-04-01.
""",
        retainers("Hydro-Québec,Soutien,money,,,500,,,,,"),
    ),
    Case(
        "a retainer that covers all hours, and says what becomes of those that are not used",
        """\
mappings/retainers.csv:2:9: hours-missing
  2 | Hydro-Québec,Soutien,minimum,,,840,,,carry-max:10h,,calendar+hours
    |                                      ^^^^^^^^^^^^^
  Hydro-Québec › Soutien covers all hours, so unused = carry-max:10h would change nothing.
  Say how many hours it covers, or empty the cell.
mappings/retainers.csv:2:11: hours-missing
  2 | Hydro-Québec,Soutien,minimum,,,840,,,carry-max:10h,,calendar+hours
    |                                                     ^^^^^^^^^^^^^^
  Hydro-Québec › Soutien covers all hours, so prorate = calendar+hours would change nothing.
  Say how many hours it covers, or empty the cell.
""",
        retainers("Hydro-Québec,Soutien,minimum,,,840,,,carry-max:10h,,calendar+hours"),
    ),
    Case(
        "negative hours, and a fee that is no number",
        """\
mappings/retainers.csv:2:5: negative-hours
  2 | Hydro-Québec,Soutien,minimum,,-8,840 $,,,,,
    |                               ^^
  The hours for Hydro-Québec › Soutien must be a number of hours such as 8 or 7.5, not below zero.
mappings/retainers.csv:2:6: amount-not-a-number
  2 | Hydro-Québec,Soutien,minimum,,-8,840 $,,,,,
    |                                  ^^^^^
  The fee for Hydro-Québec › Soutien must be an amount such as 840 or 840.00.
""",
        retainers("Hydro-Québec,Soutien,minimum,,-8,840 $,,,,,"),
    ),
    Case(
        "hours that are no number",
        """\
mappings/retainers.csv:2:5: hours-not-a-number
  2 | Hydro-Québec,Soutien,minimum,,huit,840,,,,,
    |                               ^^^^
  The hours for Hydro-Québec › Soutien must be a number of hours such as 8 or 7.5.
""",
        retainers("Hydro-Québec,Soutien,minimum,,huit,840,,,,,"),
    ),
    Case(
        "a fee below zero",
        """\
mappings/retainers.csv:2:6: negative-amount
  2 | Hydro-Québec,Soutien,minimum,,8,-840,,,,,
    |                                 ^^^^
  The fee for Hydro-Québec › Soutien must be an amount such as 840 or 840.00, not below zero.
""",
        retainers("Hydro-Québec,Soutien,minimum,,8,-840,,,,,"),
    ),
    Case(
        "a fee with a third decimal",
        """\
mappings/retainers.csv:2:6: too-many-decimals
  2 | Hydro-Québec,Soutien,minimum,,8,840.005,,,,,
    |                                 ^^^^^^^
  The fee for Hydro-Québec › Soutien has more decimals than CAD (2).
  Write 840.00.
""",
        retainers("Hydro-Québec,Soutien,minimum,,8,840.005,,,,,"),
    ),
    Case(
        "a retainer that is there twice",
        """\
mappings/retainers.csv:3:2: name-twice
  3 | Hydro-Québec,Soutien,minimum,,8,860,2026-07-01,,,,
    |              ^^^^^^^
  Hydro-Québec › Soutien is in mappings/retainers.csv:2 already.
  Give each its own name; a change of price is the same row.
""",
        retainers(
            "Hydro-Québec,Soutien,minimum,,8,840,,2026-06-30,,,", "Hydro-Québec,Soutien,minimum,,8,860,2026-07-01,,,,"
        ),
    ),
    Case(
        "a retainer for unknown services",
        """\
mappings/retainers.csv:2:4: service-unknown
  2 | Hydro-Québec,Soutien,minimum,Support|Suport,8,840,,,,,
    |                                      ^^^^^^
  No row of services gives the service “Suport”.
  Did you mean “Support”?
""",
        retainers("Hydro-Québec,Soutien,minimum,Support|Suport,8,840,,,,,"),
    ),
    Case(
        "a retainer in another currency than its client's",
        """\
mappings/retainers.csv:2:5: currency-not-clients
  2 | Nordik Brewing,Care,minimum,500,CAD
    |                                 ^^^
  Nordik Brewing is billed in USD, this row is in CAD.
  Give its price in USD.
""",
        {"mappings/retainers.csv": "client,name,kind,fee,currency\nNordik Brewing,Care,minimum,500,CAD\n"},
    ),
    Case(
        "a fixed fee when a task is done, and none is named",
        """\
mappings/fixed_fees.csv:2:6: value-unknown
  2 | Hydro-Québec,Support,Audit,1800,once,done:,,
    |                                      ^^^^^
  done: needs the task that is to be done.
  Write it as done:4711.
""",
        fees("Hydro-Québec,Support,Audit,1800,once,done:,,"),
    ),
    Case(
        "a monthly fee when a task is done",
        """\
mappings/fixed_fees.csv:2:6: due-day-mismatch
  2 | Hydro-Québec,Support,Audit,1800,month,done:T-12,,
    |                                       ^^^^^^^^^
  Hydro-Québec › Audit comes every month, so on must be a day number or last-day, not done:T-12.
  Its first and last day go into from and until.
""",
        fees("Hydro-Québec,Support,Audit,1800,month,done:T-12,,"),
    ),
    Case(
        "a fixed fee without its day",
        """\
mappings/fixed_fees.csv:2:6: due-day-missing
  2 | Hydro-Québec,Support,Audit,1800,,,,
    |                                  ^
  Hydro-Québec › Audit is billed once, so on must be the day on which it is due, or done: and a task.
  Write it as 2026-04-30, or say every month.
""",
        fees("Hydro-Québec,Support,Audit,1800,,,,"),
    ),
    Case(
        "a monthly fee on one day",
        """\
mappings/fixed_fees.csv:2:6: due-day-mismatch
  2 | Hydro-Québec,Support,Site,75,month,2026-10-31,,
    |                                    ^^^^^^^^^^
  Hydro-Québec › Site comes every month, so on must be a day number or last-day, not 2026-10-31.
  Its first and last day go into from and until.
""",
        fees("Hydro-Québec,Support,Site,75,month,2026-10-31,,"),
    ),
    Case(
        "a fixed fee on an unknown day",
        """\
mappings/fixed_fees.csv:2:6: value-unknown
  2 | Hydro-Québec,Support,Site,75,month,32,,
    |                                    ^^
  on must be a day number (1 to 31), last-day or a date, not “32”.
""",
        fees("Hydro-Québec,Support,Site,75,month,32,,"),
    ),
    Case(
        "a fixed fee whose amount is no number",
        """\
mappings/fixed_fees.csv:2:4: amount-not-a-number
  2 | Hydro-Québec,Support,Site,a third,month,1,,
    |                           ^^^^^^^
  The amount for Hydro-Québec › Site must be an amount such as 434 or 434.00.
""",
        fees("Hydro-Québec,Support,Site,a third,month,1,,"),
    ),
    Case(
        "a quantity that is no number",
        """\
mappings/fixed_fees.csv:2:4: quantity-not-a-number
  2 | Hydro-Québec,Site,75,two,month
    |                      ^^^
  The quantity for Hydro-Québec › Site must be a number such as 1 or 2.5.
mappings/fixed_fees.csv:3:4: negative-quantity
  3 | Hydro-Québec,B,75,-2,month
    |                   ^^
  The quantity for Hydro-Québec › B must be a number such as 1 or 2.5, not below zero.
""",
        {
            "mappings/fixed_fees.csv": "client,description,amount,quantity,every\n"
            "Hydro-Québec,Site,75,two,month\nHydro-Québec,B,75,-2,month\n"
        },
    ),
    Case(
        "a share of nothing, a price without a share, and what means nothing beside a share",
        """\
mappings/fixed_fees.csv:2:3: price-missing
  2 | Hydro-Québec,A,30%,,,2026-10-31,
    |                ^^^
  Hydro-Québec › A is a share, and nothing says of what.
  Fill in percent_of: an amount, or estimate:1023.
mappings/fixed_fees.csv:3:3: share-missing
  3 | Hydro-Québec,B,30,9000.00,,2026-10-31,
    |                ^^
  Hydro-Québec › B has a price in percent_of, and its amount is no share of it.
  Write 30%, 1/3 or to 35%, as a text.
mappings/fixed_fees.csv:4:7: share-with-more
  4 | Hydro-Québec,C,30%,9000.00,,2026-10-31,2
    |                                        ^
  Hydro-Québec › C is a share of a price, which is billed once: quantity means nothing for it.
  Empty its quantity.
mappings/fixed_fees.csv:5:5: share-with-more
  5 | Hydro-Québec,D,30%,9000.00,month,1,
    |                            ^^^^^
  Hydro-Québec › D is a share of a price, which is billed once: every means nothing for it.
  Empty its every.
""",
        {
            "mappings/fixed_fees.csv": SHARES
            + "Hydro-Québec,A,30%,,,2026-10-31,\nHydro-Québec,B,30,9000.00,,2026-10-31,\n"
            + "Hydro-Québec,C,30%,9000.00,,2026-10-31,2\nHydro-Québec,D,30%,9000.00,month,1,\n"
        },
    ),
    Case(
        "shares that are more than their price",
        """\
mappings/fixed_fees.csv:4:3: shares-over-the-whole
  4 | Hydro-Québec,Launch,1/3,9000.00,,2026-12-31,
    |                     ^^^
  With Hydro-Québec › Launch, the shares of 9000 are more than the whole.
  The shares of one price sum to 100%.
mappings/fixed_fees.csv:5:3: shares-over-the-whole
  5 | Hydro-Québec,Site,to 101%,80,,2026-12-31,
    |                   ^^^^^^^
  With Hydro-Québec › Site, the shares of 80 are more than the whole.
  The shares of one price sum to 100%.
""",
        {
            "mappings/fixed_fees.csv": SHARES
            + "Hydro-Québec,Design,1/3,9000.00,,2026-10-31,\nHydro-Québec,Build,50%,9000.00,,2026-11-30,\n"
            + "Hydro-Québec,Launch,1/3,9000.00,,2026-12-31,\nHydro-Québec,Site,to 101%,80,,2026-12-31,\n"
        },
    ),
    Case(
        "a price that is none",
        """\
mappings/fixed_fees.csv:2:4: price-not-positive
  2 | Hydro-Québec,A,30%,0,,2026-10-31,
    |                    ^
  The price that Hydro-Québec › A is a share of must be above zero.
mappings/fixed_fees.csv:3:4: value-unknown
  3 | Hydro-Québec,B,30%,estimate:,,2026-10-31,
    |                    ^^^^^^^^^
  estimate: needs the number of an estimate in QuickBooks.
  Write it as estimate:1023.
mappings/fixed_fees.csv:4:4: amount-not-a-number
  4 | Hydro-Québec,C,30%,devis 7,,2026-10-31,
    |                    ^^^^^^^
  The percent_of for Hydro-Québec › C must be an amount such as 434 or 434.00.
""",
        {
            "mappings/fixed_fees.csv": SHARES
            + "Hydro-Québec,A,30%,0,,2026-10-31,\nHydro-Québec,B,30%,estimate:,,2026-10-31,\n"
            + "Hydro-Québec,C,30%,devis 7,,2026-10-31,\n"
        },
    ),
    Case(
        "a file that is no table",
        """\
mappings/rate.csv: table-unknown
  The file rate.csv is not a table.
  Did you mean rates?
""",
        {"mappings/rate.csv": "service,rate\nSupport,70\n"},
    ),
    Case(
        "no folder of tables",
        """\
mappings: tables-missing
  There is no folder mappings with the tables (clients.csv, services.csv, rates.csv …).
  `syncd init` writes one.
""",
        {"mappings/clients.csv": None, "mappings/services.csv": None},
    ),
    Case(
        "mistakes in several files are told at once, in order",
        """\
config.toml:4:1: setting-unknown
  4 | colour = "red"
    | ^^^^^^
  [company] has no setting colour.
  There are name, timezone, language, currency, holidays.
mappings/rates.csv:2:4: rate-not-a-number
  2 | ,,,x,,,
    |    ^
  The hourly rate must be an amount such as 70 or 70.50.
mappings/rates.csv:3:4: rate-not-a-number
  3 | ,,,y,,,
    |    ^
  The hourly rate must be an amount such as 70 or 70.50.
mappings/rates.csv:5:6: date-unknown
  5 | ,,,2,,2026-13-01,
    |       ^^^^^^^^^^
  2026-13-01 is not a day of the calendar.
mappings/services.csv:2:2: cell-empty
  2 | support,
    |         ^
  quickbooks_item must not be empty for support.
""",
        {
            "config.toml": '[company]\nname = "A"\ncurrency = "CAD"\ncolour = "red"\n',
            "mappings/services.csv": "source_service,quickbooks_item\nsupport,\n",
            **rates(",,,x,,,", ",,,y,,,", ",,,1,,,", ",,,2,,2026-13-01,"),
        },
    ),
]
