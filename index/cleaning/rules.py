"""The table of cleaning rules: what a line of boilerplate looks like, and why it is safe to delete.

A rule matches a whole line, without its list marker, link addresses and emphasis. Precision comes first: a sentence of
an article must never match, so a rule describes a label, a list of labels, or the fixed wording of a known notice.
"""

# ruff: noqa: E501 - patterns stay in one piece, and typographic signs are what they look for

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# Where a rule applies. anywhere: on any line; edge: only near the top or the bottom of the page; form: only below the
# heading of a comment form; share: only next to a share bar
Where = Literal["anywhere", "edge", "form", "share"]
# What is deleted. line: the line alone; label: the line, if only boilerplate follows it up to the next heading;
# list: the line and the links below it
Takes = Literal["line", "label", "list"]


MAX_LINE = 500  # code points; a longer line is a paragraph of the article


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of boilerplate. It is kept in an article that mentions `topic` elsewhere: there it may be the subject."""

    name: str
    why: str
    pattern: re.Pattern[str]
    where: Where = "anywhere"
    takes: Takes = "line"
    topic: str = ""

    def matches(self, line: str) -> bool:
        """Return whether a line, as `without_markup` returns it, is this kind of boilerplate."""
        return len(line) <= MAX_LINE and self.pattern.fullmatch(line) is not None


def _rule(name: str, why: str, pattern: str, where: Where = "anywhere", takes: Takes = "line", topic: str = "") -> Rule:
    return Rule(name, why, re.compile(pattern, re.IGNORECASE | re.VERBOSE), where, takes, topic)


_SITES = r"(?:facebook|twitter|x|whats\s?app|telegram|line|linkedin|reddit|pinterest|tumblr|e-?mail|messenger|print|mastodon|bluesky|threads)\b"
_SHARE = rf"(?:share\b(?:\s(?:this\s(?:article|post|story|page)|this|now|it|article|on|via|to|with)\b)?:?(?:\s(?:on|via|to)?\s?{_SITES})?|(?:tweet(?:\sthis)?|copy\s(?:the\s)?link|pin\sit|retweet)\b)"
_ITEM = rf"(?:{_SHARE}|{_SITES})"
_GAP = r"[\s|·•,/]++"
_HOME = r"(?:home|homepage|beranda|startseite|accueil|inicio|start|news)"

RULES: tuple[Rule, ...] = (
    _rule(
        "breadcrumb",
        "A path of page names that begins at the home page; » and › do not occur in English prose.",
        rf"(?:you\sare\shere:?\s*)?{_HOME}\s*+(?:[»›→]\s*+[^»›→\s][^»›→]{{0,149}}+\s*+)++",
    ),
    _rule(
        "breadcrumb with common signs",
        "The same with > or /, which instructions use too: only at the edge of a page, and never as a sentence.",
        r"(?:you\sare\shere:?\s*)?(?:home|homepage|beranda)(?:\s[>/|]\s[^>/|]{1,120})+(?<![.!?:])",
        "edge",
    ),
    _rule(
        "teaser",
        "A link to another article that a site puts between paragraphs.",
        r"(?:also\sread|read\salso|read\sthis\stoo|baca\sjuga|lihat\sjuga|lire\saussi"
        r"|lea\stambi[eé]n|lesen\ssie\sauch|you\s(?:may|might)\salso\slike)\s*[:»›|–—-]\s*\S.{0,250}",
    ),
    _rule(
        "doubtful teaser",
        "These labels also begin sentences, so what follows must read like a headline: four words, no full stop.",
        r"(?:see\salso|read\smore|related(?:\s(?:article|story|post|news))?|don['’]t\smiss|must\sread)\s*:\s*"
        r"(?:\S+\s+){3,}\S*[^\s.:;,]",
    ),
    _rule(
        "list of teasers",
        "The heading of a list of links to other articles, and the links.",
        r"(?:also\sread|read\salso|baca\sjuga|related\s(?:posts?|articles?|stories|news)|you\s(?:may|might)\salso\slike"
        r"|recommended\sfor\syou|more\sfrom\s.{1,40}|more\sstories|most\s(?:read|popular)|trending(?:\snow)?"
        r"|popular\sposts|recent\s(?:posts|comments)|latest\snews|don['’]t\smiss):?",
        takes="list",
    ),
    _rule(
        "share bar",
        "A row of buttons; the name of a single site alone does not match.",
        rf"(?:{_SITES}{_GAP})*+{_SHARE}(?:{_GAP}{_ITEM})*+",
    ),
    _rule("share button", "The name of a site in a row of buttons one below the other.", _ITEM, "share"),
    _rule("share count", "The count beside the buttons.", r"[\d.,]+[km]?(?:\s(?:shares?|likes?|tweets?))?", "share"),
    _rule(
        "comment form",
        "The heading of the form in which readers comment; an article's own heading has prose below it.",
        r"(?:leave|add|post|write)\s(?:a|your)\s(?:comment|reply)(?:\scancel\sreply)?|(?:be\sthe\sfirst\sto\scomment)[.!]?"
        r"|cancel\sreply|(?:no|\d+)\s(?:comments?|responses?|replies)(?:\s(?:on|to)\s.+)?|comments\sare\sclosed\.?|join\sthe\sdiscussion",
        takes="label",
    ),
    _rule(
        "comment form's words",
        "Fixed wording of the forms of WordPress and others.",
        r"your\se-?mail\s(?:address\s)?will\snot\sbe\s(?:published|shared).*|required\sfields\sare\smarked.*"
        r"|(?:you\smust\sbe|please)\slog(?:ged)?\sin\sto\s(?:post\sa\s)?(?:comment|reply)\.?"
        r"|save\smy\sname(?:,|\sand)\se-?mail.*|notify\sme\sof\s(?:new|follow-?up)\s(?:posts|comments)\sby\se-?mail\.?",
    ),
    _rule(
        "comment form's fields",
        "The labels of the fields and the button.",
        r"(?:your\s)?(?:name|e-?mail(?:\saddress)?|website|url|comment|message)\s*+(?:(?:\*|\(required\)|:)\s*+)?\*?"
        r"|(?:post|submit|send)(?:\s(?:comment|reply))?|[☐☑□]?\s*subscribe\s.{0,60}",
        "form",
    ),
    _rule(
        "spam filter",
        "The fixed notices of spam filters.",
        r"this\s(?:site|website|blog)\suses\sakismet.*|learn\s(?:more\sabout\s)?how\syour\scomment\sdata\sis\sprocessed\.?"
        r"|[^.]{0,50}\b(?:spam|comments?)\b[^.]{0,50}\bakismet\.?|(?:this\ssite|this\sform)\sis\sprotected\sby\s(?:re|h)captcha.*",
    ),
    _rule(
        "cookie notice",
        "A notice that asks for consent, near the edge of a page that is not about cookies.",
        r"(?=.*(?:accept|agree|consent|continu|privacy\spolicy|cookie\spolicy|learn\smore|experience|settings))"
        r"(?:by\s(?:continuing|using|browsing|staying).{0,120}cookies|(?:we|this\s(?:web)?site|our\s(?:web)?site|we\sand\sour\spartners)"
        r"\s(?:use|uses|store)\s.{0,60}cookies).{0,300}",
        "edge",
        topic="cookie",
    ),
    _rule(
        "cookie buttons",
        "The buttons of such a notice.",
        r"(?:(?:accept|reject|decline|allow)\s(?:all|cookies|all\scookies)|manage\s(?:cookies|consent|preferences)"
        r"|cookie\s(?:settings|preferences|policy|notice)|got\sit!?|i\s(?:accept|agree)|necessary\sonly)"
        r"(?:[\s|·•/]+(?:accept|reject|decline|allow|manage|cookie|settings|preferences|cookies|all|learn|more|privacy|policy|options))*",
        "edge",
        topic="cookie",
    ),
    _rule(
        "newsletter",
        "A sign-up box: a label, or the promise to fill an inbox.",
        r"(?:subscribe|sign\sup)\s(?:to|for)\s(?:our|the|my)\s(?:.{0,30}\s)?newsletters?!?|enter\syour\se-?mail(?:\saddress)?\.*"
        r"|(?:get|sign\sup|subscribe|join|receive)\s.{0,120}\b(?:to|in|into)\syour\sinbox[.!]?"
        r"|(?:never|don['’]t)\smiss\s(?:a|an|another)\s(?:story|post|update|article)[.!]?",
        "edge",
        topic="newsletter",
    ),
    _rule(
        "advertisement",
        "The label above an advertisement.",
        r"[-–—(\[\s]*(?:advertisements?|advertising|sponsored(?:\scontent)?|iklan|anzeige|publicit[eé]"
        r"|(?:story|article)\scontinues\s(?:below|after).{0,30}|scroll\sto\scontinue.{0,40}"
        r"|advertisement\s*[-–—]\s*(?:scroll|continue).{0,40})[-–—)\]\s]*",
    ),
    _rule(
        "navigation",
        "Links of the page, not of the article.",
        r"skip\sto\s(?:main\s)?(?:content|navigation)|back\sto\stop|toggle\s(?:navigation|menu|search)|prev(?:ious)?|next"
        r"|[←«‹]?\s*+(?:previous|next)\s(?:post|article|story|page)\s*+(?:[→»›]\s*+)?(?::.{1,150})?|←\s.{1,150}|.{1,150}\s→"
        r"|(?:log\sin|sign\sin|register)(?:\s*[|/·•]\s*(?:log\sin|sign\sin|sign\sup|register))*",
        "edge",
    ),
    _rule(
        "label of a box",
        "Words that also serve as headings of articles, so only boilerplate may follow them.",
        r"(?:main\s)?menu|search(?:\sfor)?:?|newsletter|subscribe(?:\snow)?!?|comments?|login|categories|archives?",
        "edge",
        "label",
    ),
    _rule(
        "menu row",
        "Three or more page names, one of which every site has.",
        r"(?=.*\b(?:home|about|contact|login|privacy|terms|imprint|sitemap)\b)[^.!?|·•]{2,30}+\s*+(?:[|·•]\s*+[^.!?|·•\s][^.!?|·•]{0,29}+\s*+){2,}+",
        "edge",
    ),
    _rule(
        "tags",
        "The row of keywords below an article.",
        r"(?:tags?|tagged(?:\s(?:as|with|in))?|filed\sunder|posted\sin|categor(?:y|ies)|topics?|keywords)\s*:\s*"
        r"[^.!?]{1,200}|(?:\#\w+[\s,]+){2,}\#\w+",
        "edge",
    ),
    _rule(
        "share bar in other languages",
        "The label of a share bar in German, Spanish, French, Italian and Portuguese: an order to share, nothing else.",
        r"(?:(?:diesen|den)\s)?(?:artikel|beitrag|seite)\s(?:teilen|drucken|weiterempfehlen|versenden|merken)|teilen(?:\smit|\sauf)?:?"
        r"|(?:compartir|comparte|imprimir|compartilh(?:ar|e)|partilhar)(?:\s(?:est[ea]|este|esta|el|la|o|a))?(?:\s(?:art[ií]culo|noticia|p[aá]gina|artigo|not[ií]cia|mat[eé]ria))?:?"
        r"|(?:partager|imprimer)(?:\s(?:cet|cette|l['’]))?\s?(?:article|page)?:?|partager\s(?:sur|via)\s?:?"
        r"|(?:condividi|stampa)(?:\s(?:questo|questa|l['’]|la))?\s?(?:articolo|pagina)?:?|condividi\s(?:su|con):?",
    ),
    _rule(
        "list of teasers in other languages",
        "The heading of a list of links to other articles, and the links.",
        r"(?:mehr\szum\sthema|(?:weitere|[äa]hnliche|verwandte|neueste|aktuelle|beliebte)\s(?:artikel|beitr[äa]ge|themen|meldungen|nachrichten)|das\sk[öo]nnte\s(?:sie|dich)\sauch\sinteressieren"
        r"|auch\sinteressant|meistgelesen|mehr\saus\s.{1,40}|lesen\ssie\sauch|art[ií]culos\srelacionados|noticias\srelacionadas|tambi[eé]n\ste\spuede\sinteresar|te\spuede\sinteresar"
        r"|m[aá]s\s(?:noticias|le[ií]d[oa]s)|lo\sm[aá]s\s(?:le[ií]do|visto)|(?:sur\sle\sm[eê]me\ssujet|[àa]\slire\saussi|articles\s(?:similaires|li[eé]s|r[eé]cents)|les\splus\slus|dans\sla\sm[eê]me\srubrique)"
        r"|articoli\s(?:correlati|recenti|simili)|potrebbe\sinteressarti(?:\sanche)?|leggi\sanche|i\spi[ùu]\sletti|artigos\s(?:relacionados|recentes)|not[ií]cias\srelacionadas|leia\s(?:tamb[eé]m|mais)|mais\slid[oa]s|veja\stamb[eé]m):?",
        takes="list",
    ),
    _rule(
        "comment form in other languages",
        "The heading of the form in which readers comment; an article's own heading has prose below it.",
        r"(?:schreiben?\s(?:sie\s|sie\seinen\s|einen\s)?|hinterlass(?:e|en\ssie)?\s(?:einen\s)?|einen\s)?(?:kommentar|antwort)(?:e)?(?:\s(?:schreiben|hinterlassen|verfassen|abgeben|abbrechen))?"
        r"|\d+\s(?:kommentare?|comentarios?|commentaires?|commenti|coment[aá]rios?)|(?:deja|dejar|escribe)\sun(?:a)?\s(?:comentario|respuesta)(?:\scancelar\s(?:la\s)?respuesta)?"
        r"|(?:laisser|laissez|poster|ajouter)\sun\scommentaire(?:\sannuler\sla\sr[eé]ponse)?|(?:lascia|scrivi|aggiungi)\sun\scommento(?:\sannulla\srisposta)?|(?:deixe|escreva)\s(?:um\scoment[aá]rio|uma\sresposta)(?:\scancelar\sresposta)?",
        takes="label",
    ),
    _rule(
        "comment form's words in other languages",
        "Fixed wording of the forms of WordPress and others.",
        r"(?:deine|ihre)\se-mail-adresse\swird\snicht\sver[öo]ffentlicht\..{0,120}|erforderliche\sfelder\ssind\s.{1,60}"
        r"|tu\s(?:direcci[oó]n\sde\s)?(?:correo|e-?mail)(?:\selectr[oó]nico)?\sno\sser[aá]\spublicad[oa]\..{0,120}|votre\sadresse\s(?:e-?mail|de\smessagerie)\sne\ssera\spas\spubli[eé]e\..{0,120}"
        r"|il\stuo\sindirizzo\se-?mail\snon\ssar[àa]\spubblicato\..{0,120}|o\sseu\s(?:endere[cç]o\sde\s)?e-?mail\sn[aã]o\sser[aá]\spublicado\..{0,120}",
    ),
    _rule("spam filter in other languages", "The notice of Akismet, in any language.", r"[^.]{0,80}\bakismet\b.{0,200}"),
    _rule(
        "navigation in other languages",
        "Links of the page, not of the article.",
        r"zur[üu]ck\s(?:zur\s(?:[üu]bersicht|startseite|liste)|nach\soben)|nach\soben|zum\sseitenanfang|seite\sdrucken|druckversion|artikel\sdrucken|volver\s(?:arriba|al\sinicio)|haut\sde\spage|retour\s(?:en\shaut|[àa]\sla\sliste|[àa]\sl['’]accueil)"
        r"|torna\s(?:su|in\salto|all['’](?:inizio|elenco))|voltar\s(?:ao\s(?:topo|in[ií]cio)|para\so\stopo)|(?:n[äa]chster|vorheriger)\s(?:artikel|beitrag)|(?:siguiente|anterior|suivant|pr[eé]c[eé]dent|successivo|precedente|pr[oó]ximo)",
        "edge",
    ),
    _rule(
        "newsletter in other languages",
        "A sign-up box: a label that asks to subscribe to a newsletter.",
        r"(?:(?:jetzt\s)?(?:zum|f[üu]r\s(?:den|unseren))\s|unseren\s|jetzt\s)?newsletter\s(?:anmelden|abonnieren|bestellen)!?|(?:suscr[ií]bete|abonnez-vous|inscrivez-vous|iscriviti|inscreva-se|assine)\s.{0,60}newsletter.{0,20}",
        "edge",
        topic="newsletter",
    ),
    _rule("advertisement in other languages", "The label above an advertisement.", r"[-–—(\[\s]{0,5}(?:werbung|publicidad|pubblicit[àa]|publicidade|publicit[eé])[-–—)\]\s]{0,5}"),
    _rule("copyright", "The footer of a site.", r"(?:copyright\s|©|\(c\)\s).{0,120}|all\srights\sreserved\.?|(?:proudly\s)?powered\sby\swordpress.*", "edge"),
)  # fmt: skip

# Brackets end a label and an address: otherwise a line of them would be read to its end from each of them.
_LINK = re.compile(r"!?\[([^\[\]]*+)\]\([^)\[\s]*+(?:\s++\"[^\"\[]*+\")?\)")
_LINE_START = re.compile(r"\s*+(?:>\s*+)*+(?:[-*+•‣]\s++)?+(?:\#{1,6}\s++)?+")


def without_markup(line: str) -> str:
    """Return a line without its list marker, heading marks, emphasis and link addresses."""
    line = _LINK.sub(r"\1", line)
    line = _LINE_START.sub("", line, count=1).rstrip().rstrip("#").rstrip()
    return re.sub(r"(\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w))", "", line).strip()
