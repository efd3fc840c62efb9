"""Which texts are surely not English. The questions were written for these tests."""

from __future__ import annotations

import pytest

from benchmarks.languages import foreign_questions, plainly
from index.text.language import article_language, foreign_article_language, foreign_language

ENGLISH = [
    "Can I pay by card?",
    "what does E-114 mean",
    "opening hours library",
    "refund deadline",
    "Who was Simon Kapwepwe?",
    "angela merkel birthplace",
    "When did Dmitri Shostakovich leave Kuybyshev?",
    "when does the café open",
    "Is Gerstmann-Sträussler-Scheinker disease inherited?",
    "how do i reset my passwort",
    "What does 'Schadenfreude' mean?",
    "los angeles san francisco distance",
    "ERR_CONN_REFUSED 0x80070005",
    "",
    "?",
    "42",
    "ok",
    "\ud800",
]

FOREIGN = [
    ("de", "Kann ich mit Karte bezahlen?"),
    ("de", "wo ist der parkplatz"),
    ("de", "Wie funktioniert die Rangliste?"),
    ("es", "¿Cómo restablezco mi contraseña?"),
    ("es", "donde encuentro las reglas"),
    ("fr", "Combien coûte l'adhésion ?"),
    ("fr", "qui a construit le phare"),
    ("it", "Posso portare il mio cane?"),
    ("it", "quando siete aperti il martedì"),
    ("pt", "Como redefino minha senha?"),
    ("pt", "Quantos jogadores cabem na sala?"),
    ("nl", "Hoeveel kost het lidmaatschap van de vereniging?"),
    ("pl", "Jak mogę zresetować swoje hasło?"),
    ("tr", "Şifremi nasıl sıfırlayabilirim?"),
    ("ru", "Как сбросить пароль?"),
    ("ja", "パスワードをリセットするにはどうすればいいですか?"),
    ("zh", "怎么重置密码?"),
    ("ar", "كيف أعيد تعيين كلمة المرور؟"),
]


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_not_foreign(text: str) -> None:
    """English questions, keywords, names, codes and texts without words are not taken for another language."""
    assert foreign_language(text) is None


@pytest.mark.parametrize(("language", "text"), FOREIGN)
def test_other_languages_are_recognised(language: str, text: str) -> None:
    """Short questions in other languages are recognised, and their language is named."""
    assert foreign_language(text) == language


def test_article_is_judged_as_a_whole() -> None:
    """The language of most of an article counts: a passage in another one does not make an article foreign."""
    german = "Der Leuchtturm steht seit vielen Jahren auf der Klippe und ist bei jedem Wetter zu sehen. " * 20
    english = "The lighthouse has stood on the cliff for many years and can be seen in any weather. " * 20

    assert foreign_article_language(german) == "de"
    assert foreign_article_language(english) is None
    assert foreign_article_language(english * 3 + german) is None
    assert foreign_article_language(english[:200] + german * 3) == "de"
    assert foreign_article_language(german[:88]) == "de"
    assert foreign_article_language("") is None


def test_the_language_of_an_article() -> None:
    """A long text decides; what its source declares counts where the text is short, or of a related language."""
    german = "Der Leuchtturm steht seit vielen Jahren auf der Klippe und ist bei jedem Wetter zu sehen. " * 9
    english = "The lighthouse has stood on the cliff for many years and can be seen in any weather. " * 9
    norwegian = "Fyrtårnet har stått på klippen i mange år og kan sees i all slags vær fra havnen i byen. " * 9

    assert article_language(german) == article_language(german, "en") == "de"
    assert article_language(english) == article_language(english, "de") == "en"
    assert article_language(german, "de-AT") == "de-AT"
    assert article_language(norwegian, "nb") == "nb"
    assert article_language("Moin.", "de") == "de"
    assert article_language("Ok.") is None


def test_nine_of_ten_short_questions_are_recognised() -> None:
    """Of forty short questions in each of the bot's languages, at least nine of ten are recognised, however typed."""
    for questions in foreign_questions().values():
        for typed in (questions, [plainly(question) for question in questions]):
            assert sum(foreign_language(question) is not None for question in typed) >= 0.9 * len(typed)
