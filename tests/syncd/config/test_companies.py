"""A config.toml that lists companies, and one that is a company's own: both are read the same way."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config import Companies, ConfigError, load_companies, load_config
from tests.errors.case import CONFIG, SOUND, write
from tests.errors.company_cases import BOTH, CASES, OF_ACME, top

NAMES = ("Atelier Boréal inc.", "Acme inc.")


def load(folder: Path, text: str = BOTH, **environ: str) -> Companies:
    write(folder, top(text))
    return load_companies(folder / "config.toml", environ=environ)


def test_a_company_by_itself_is_a_list_of_one(tmp_path: Path) -> None:
    write(tmp_path, SOUND)

    companies = load_companies(tmp_path / "config.toml", environ={})

    assert companies.configs == (load_config(tmp_path / "config.toml", environ={}),)
    assert not companies.listed
    assert companies.store_url.reveal() == f"sqlite:///{tmp_path}/syncd.db"


def test_listed_companies_share_the_database_and_key_beside_the_file_that_lists_them(tmp_path: Path) -> None:
    companies = load(tmp_path)

    assert companies.listed
    assert companies.names == NAMES
    assert [config.folder for config in companies.configs] == [tmp_path / "boreal", tmp_path / "acme"]
    urls = {companies.store_url, *(config.store_url for config in companies.configs)}
    keys = {companies.store_key, *(config.store_key for config in companies.configs)}
    assert [url.reveal() for url in urls] == [f"sqlite:///{tmp_path}/syncd.db"]
    assert [key.path for key in keys] == [tmp_path / "syncd.key"]


def test_the_store_of_the_top_file_is_that_of_all(tmp_path: Path) -> None:
    companies = load(tmp_path, BOTH + '[store]\nurl = "sqlite:///books/all.db"\nkey = "env:KEY"\n')

    assert {config.store_url.reveal() for config in companies.configs} == {f"sqlite:///{tmp_path}/books/all.db"}
    assert {config.store_key.reference for config in companies.configs} == {"env:KEY"}


def test_the_environment_goes_before_the_store_of_the_top_file(tmp_path: Path) -> None:
    url = "postgresql://db/books"

    companies = load(tmp_path, BOTH + '[store]\nurl = "sqlite:///all.db"\n', SYNCD_STORE_URL=url)

    assert {config.store_url.reveal() for config in companies.configs} == {url}
    assert companies.store_url.reveal() == url


def test_a_wrong_store_in_the_environment_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, SYNCD_STORE_URL="mysql://db")

    assert [problem.code for problem in caught.value.problems] == ["store-unknown"]


def test_the_rows_of_a_listed_company_have_the_places_that_they_had_when_it_stood_alone(tmp_path: Path) -> None:
    """What is stored of a row must not change by listing its company in another file."""
    listed = load(tmp_path).configs[0]
    write(tmp_path / "alone", SOUND)

    assert listed.tables == load_config(tmp_path / "alone" / "config.toml", environ={}).tables
    assert str(listed.tables.clients[0].place) == "mappings/clients.csv:2"


def test_a_list_of_one_is_a_list(tmp_path: Path) -> None:
    companies = load(tmp_path, 'companies = ["acme"]\n')

    assert (companies.listed, companies.names) == (True, ("Acme inc.",))


def test_a_folder_elsewhere_may_be_listed(tmp_path: Path) -> None:
    write(tmp_path / "else where", {**SOUND, "config.toml": OF_ACME})
    write(tmp_path / "top", {"config.toml": f'companies = ["{tmp_path}/else where/"]\n'})

    assert load_companies(tmp_path / "top" / "config.toml", environ={}).names == ("Acme inc.",)


def test_a_file_above_that_lists_others_does_not_matter(tmp_path: Path) -> None:
    write(tmp_path, top('companies = ["boreal"]\n'))

    assert load_companies(tmp_path / "acme" / "config.toml", environ={}).names == ("Acme inc.",)


@pytest.mark.parametrize("above", ["companies = 3", "companies = [3]", "[companies]", "not TOML", CONFIG, b"\xff"])
def test_a_file_above_that_lists_nothing_does_not_matter(tmp_path: Path, above: str | bytes) -> None:
    write(tmp_path, {**top(""), "config.toml": above})

    assert load_companies(tmp_path / "acme" / "config.toml", environ={}).names == ("Acme inc.",)


def test_each_mistake_is_in_a_file_below_the_one_that_was_read(tmp_path: Path) -> None:
    """A place leads to a file from where syncd was called, whichever company it is in."""
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        write(folder, case.files)
        with pytest.raises(ConfigError) as caught:
            load_companies(folder / case.read, environ={})
        for problem in caught.value.problems:
            assert problem.place is not None
            assert (folder / case.read).parent.joinpath(problem.place.file).is_file()


def test_the_company_that_is_meant_is_read_whatever_is_wrong_with_another(tmp_path: Path) -> None:
    write(tmp_path, top(BOTH, acme=OF_ACME + "\n[nonsense]\n"))

    companies = load_companies(tmp_path / "config.toml", environ={}, only="ATELIER boréal inc.")

    assert companies.names == NAMES[:1]
    assert companies.several
    for name in (NAMES[1], "Nobody", None):
        with pytest.raises(ConfigError, match="nonsense"):
            load_companies(tmp_path / "config.toml", environ={}, only=name)


def test_two_companies_of_one_name_are_refused_whichever_is_meant(tmp_path: Path) -> None:
    write(tmp_path, top(BOTH, acme=CONFIG))

    with pytest.raises(ConfigError, match="company-twice"):
        load_companies(tmp_path / "config.toml", environ={}, only=NAMES[0])
