"""What is a text about, and which of it sets a person apart?"""

import pytest

from nlp import topics

FOUND = {
    "a phrase and its nouns": ("Re: Loom shuttle repair", {"loom shuttle repair", "loom", "shuttle", "repair"}),
    "the singular": ("Silk ribbons", {"silk ribbon", "silk", "ribbon"}),
    "a thing of its own name": ("RMySQL drivers", {"rmysql driver", "rmysql", "driver"}),
    "without the arranging": ("Loom museum meeting tomorrow", {"loom museum", "loom", "museum"}),
    "after an imperative": ("Review the yarn contract", {"yarn contract", "yarn", "contract"}),
    "without the list": ("[weavers] Silk ribbons", {"silk ribbon", "silk", "ribbon"}),
    "an adjective only in its phrase": ("Funny looms", {"funny loom", "loom"}),
    "without dates": ("Mill inventory March 3, 2021 Q3", {"mill inventory", "mill", "inventory"}),
    "without files": ("Mill inventory: stock_v3.xlsx", {"mill inventory", "mill", "inventory"}),
    "without addresses": ("Ribbons https://mill.example/x ada@example.org", {"ribbon"}),
    "german": ("Angebot für die Webstühle", {"angebot", "webstühle"}),
    "french": ("Le contrat du moulin", {"contrat", "moulin"}),
    "spanish": ("El contrato de los telares", {"contrato", "telares"}),
    "russian": ("Ремонт станка", {"ремонт станка", "ремонт", "станка"}),
}


@pytest.mark.parametrize(("subject", "terms"), FOUND.values(), ids=FOUND.keys())
def test_a_subject_has_topics(subject: str, terms: set[str]) -> None:
    [found] = topics.phrases([subject])

    assert set(found) == terms


NONE = {
    "arranging": "Re: meeting tomorrow?",
    "lunch": "Lunch on Friday",
    "hello": "Hello",
    "thanks": "Thank you!",
    "reports": "Weekly report 12/03",
    "out of office": "Out of office",
    "german": "Terminanfrage: Besprechung morgen",
    "french": "Réunion demain",
    "numbers": "4711 / 0815",
    "a file": "scan0001.pdf",
    "nothing": "",
    "chinese": "织布机的维修",
    "japanese": "織機の修理",
    "thai": "ซ่อมเครื่องทอผ้า",
}


@pytest.mark.parametrize("subject", NONE.values(), ids=NONE.keys())
def test_a_subject_has_none(subject: str) -> None:
    assert topics.phrases([subject]) == [()]


SENSITIVE = {
    "illness": "Chemotherapy and the mill",
    "doctor": "Doctor on Friday, loom later",
    "church": "Church ribbons",
    "ramadan": "Silk for Ramadan",
    "politics": "Election of the weavers",
    "sex": "Gay weavers network",
    "german illness": "Krankmeldung und Webstuhl",
    "german pregnancy": "Schwangerschaft",
    "german church": "Kirchentag",
    "german politics": "Bundestagswahl",
    "french illness": "Arrêt maladie",
    "french church": "Messe à l'église",
    "french politics": "Le syndicat des tisserands",
    "spanish illness": "Cirugía del lunes",
    "spanish church": "Boda en la iglesia",
    "spanish politics": "Elecciones municipales",
    "italian": "In ospedale",
    "chinese": "癌症 loom",
}


@pytest.mark.parametrize("subject", SENSITIVE.values(), ids=SENSITIVE.keys())
def test_what_is_nobodys_business_is_never_learned(subject: str) -> None:
    assert topics.phrases([subject]) == [()]
    assert topics.terms(subject) == {}


def test_of_a_text_only_the_other_lines_are_counted() -> None:
    found = topics.terms("The loom is here.\nHer chemotherapy at the mill begins.\nThe yarn too.")

    assert found.keys() == {"loom", "yarn"}


@pytest.mark.parametrize("subject", ["Essex ribbons", "Christmas silk", "Christopher mill", "Hospitality silk"])
def test_words_that_only_look_so_are_learned(subject: str) -> None:
    assert topics.phrases([subject]) != [()]


def test_what_people_mostly_write_tells_the_stop_words_of_a_short_subject() -> None:
    assert topics.phrases(["Webstuhl wegen Garn"], lang="de") == [("webstuhl", "garn")]


def test_an_english_subject_of_a_german_stays_english() -> None:
    assert topics.phrases(["The repair of the loom"], lang="de") == [("repair", "loom")]


def test_names_are_no_topics() -> None:
    [found] = topics.phrases(["Grace Field's loom"], names=frozenset({"grace", "field"}))

    assert found == ("loom",)


def test_each_subject_has_its_place() -> None:
    assert topics.phrases(["Silk", "", "Re: Silk", "Yarn"]) == [("silk",), (), ("silk",), ("yarn",)]


def test_terms_are_counted_for_matching() -> None:
    assert topics.terms("The loom weaves.\nA loom, two looms.") == {"loom": 3, "weave": 1}


def test_at_most_forty_terms_are_kept() -> None:
    assert len(topics.terms(" ".join(f"loom{chr(97 + n)}{chr(97 + m)}" for n in range(9) for m in range(9)))) == 40


def test_scripts_without_spaces_are_matched_by_two_characters() -> None:
    assert topics.terms("東京都") == {"京都": 1, "東京": 1}


@pytest.mark.parametrize(
    ("term", "subjects", "shown"),
    [
        ("ferc filing", ["FERC filings due", "Re: the ferc filing"], "FERC filings"),
        ("rmysql", ["RMySQL on Windows"], "RMySQL"),
        ("loom repair", ["LOOM REPAIR", "Loom Repair"], "loom repair"),
        ("basel", ["An old loom in Basel"], "Basel"),
        ("silk", [], "silk"),
    ],
    ids=["acronym", "mixed case", "shouted", "a place", "never seen"],
)
def test_a_term_is_shown_as_people_write_it(term: str, subjects: list[str], shown: str) -> None:
    assert topics.shown(term, subjects) == shown


class TestDistinctive:
    def test_rare_terms_of_many_threads_come_first(self) -> None:
        counts = {1: {"loom": (4, 10), "mill": (4, 20), "yarn": (2, 30)}}

        [rows] = topics.distinctive(counts, {"loom": 1, "mill": 9, "yarn": 1}, 10).values()

        assert [row[0] for row in rows] == ["loom", "yarn", "mill"]
        assert [row[2:] for row in rows] == [(4, 10), (2, 30), (4, 20)]

    def test_one_thread_is_no_topic(self) -> None:
        assert topics.distinctive({1: {"loom": (1, 10)}}, {"loom": 1}, 10) == {1: []}

    def test_a_word_gives_way_to_its_phrase(self) -> None:
        counts = {1: {"silk ribbon": (3, 9), "silk": (3, 9), "ribbon": (9, 9)}}

        [rows] = topics.distinctive(counts, {"silk ribbon": 1, "silk": 1, "ribbon": 1}, 10).values()

        assert [row[0] for row in rows] == ["ribbon", "silk ribbon"]


def test_prose_has_noun_phrases() -> None:
    found = topics.candidates("We study the tension of silk threads on a narrow loom.")

    assert {"tension", "silk threads", "narrow loom"} <= set(found)
