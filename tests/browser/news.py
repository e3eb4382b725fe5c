"""Invented news articles in several languages, set in several page designs."""

from __future__ import annotations

from typing import NamedTuple


class Story(NamedTuple):
    language: str
    title: str
    paragraphs: tuple[str, ...]
    promotion: str
    """The line that a site puts below its articles, inside the article's container."""


STORIES = {
    "en": Story(
        "en",
        "Harbour town reopens its last paper mill after nine quiet years",
        (
            "The paper mill on the eastern quay of Marlow Bay started its machines again on Monday morning, nine years after its last owner sent the workers home and locked the gate.",
            "About forty people have been hired so far, most of them from the villages along the river, and the new manager expects to employ twice as many before the end of next year.",
            "“We kept the rollers oiled all this time because nobody had the heart to sell them,” said Ruth Alder, who has worked in the building since she was nineteen.",
            "The council paid for a new water treatment plant, which engineers tested for six weeks before the river authority gave its permission on Friday evening.",
            "The first rolls of brown wrapping paper will leave the harbour by barge on Thursday, and the evening shift is to begin in the second week of March.",
        ),
        "Sign up for our free morning newsletter and never miss a story from the coast.",
    ),
    "de": Story(
        "de",
        "Kleinstadt eröffnet ihre alte Sternwarte wieder",
        (
            "Die Sternwarte auf dem Lindenberg hat am Samstagabend zum ersten Mal seit elf Jahren wieder Besucher empfangen, nachdem ein Verein die Kuppel in seiner Freizeit erneuert hatte.",
            "Rund zweihundert Menschen standen in der Kälte Schlange, um durch das große Fernrohr zu schauen, das ein Optiker aus der Nachbarstadt ohne Bezahlung gereinigt hat.",
            "„Wir haben jede Schraube einzeln gezählt und wieder eingesetzt“, sagte die Vorsitzende Hanna Brückner, die das Vorhaben vor sechs Jahren begonnen hatte.",
            "Die Gemeinde übernimmt künftig die Kosten für Strom und Heizung, während der Verein an drei Abenden in der Woche Führungen anbietet.",
            "Im Frühjahr soll ein kleiner Vortragssaal folgen, für den die Pläne bereits genehmigt sind und das Holz schon im Hof liegt.",
        ),
        "Abonnieren Sie jetzt unseren kostenlosen Newsletter und verpassen Sie keine Nachricht mehr.",
    ),
    "fr": Story(
        "fr",
        "Un village des collines sauve son four à pain",
        (
            "Les habitants de Saint-Aubry ont rallumé dimanche le four à pain communal, fermé depuis que le dernier boulanger avait pris sa retraite il y a quatorze ans.",
            "Une trentaine de bénévoles ont remplacé les briques de la voûte pendant l’été, guidés par un maçon du bourg voisin qui connaissait encore l’ancienne méthode.",
            "« La première fournée était un peu brûlée, mais personne ne s’est plaint », a raconté Élise Maran, qui tenait autrefois l’épicerie de la place.",
            "La commune prêtera le bâtiment chaque samedi matin aux familles qui voudront y cuire leur pain, à condition qu’elles apportent leur bois.",
            "Un apprenti commencera en septembre, et le conseil municipal espère qu’il reprendra un jour la boutique restée vide à côté de l’église.",
        ),
        "Abonnez-vous à notre newsletter gratuite pour recevoir toutes nos informations chaque matin.",
    ),
    "es": Story(
        "es",
        "El pueblo que devolvió el agua a su acequia",
        (
            "La acequia mayor de Valdearenas volvió a llevar agua el martes, después de que los vecinos limpiaran a mano casi cuatro kilómetros de cauce abandonado.",
            "El trabajo duró dos inviernos y en él participaron más de cien personas, entre ellas los alumnos de la escuela, que plantaron sauces en las orillas.",
            "«Mi abuelo me enseñó dónde estaban las compuertas y nunca lo olvidé», explicó Teresa Lobo, de ochenta y un años, que dirigió las primeras jornadas.",
            "La confederación de regantes ha concedido un permiso provisional de cinco años mientras mide cuánta agua necesita cada huerta.",
            "Las primeras cosechas de alubias se recogerán en agosto, y la cooperativa ya ha encargado las cajas de madera para venderlas.",
        ),
        "Suscríbete gratis a nuestro boletín y recibe las noticias más importantes en tu correo.",
    ),
    "ar": Story(
        "ar",
        "بلدة ساحلية تعيد فتح مكتبتها القديمة",
        (
            "أعادت بلدة ساحلية صغيرة فتح مكتبتها العامة يوم السبت بعد إغلاق دام سبع سنوات، وكان السكان قد رمموا القاعة الرئيسية بأيديهم خلال فصل الشتاء الماضي.",
            "وقالت أمينة المكتبة سلمى الهادي إن أكثر من ثلاثة آلاف كتاب عادت إلى الرفوف بعد أن حفظتها العائلات في بيوتها طوال هذه المدة.",
            "وأضافت أن الأطفال كانوا أول من دخل القاعة في الصباح، وأن كثيرين منهم لم يروا المكان مفتوحا من قبل.",
            "وتعهد المجلس المحلي بدفع أجور موظفين اثنين لمدة خمس سنوات، على أن تفتح المكتبة أبوابها خمسة أيام في الأسبوع.",
            "ومن المقرر أن تبدأ دروس القراءة المسائية في الشهر المقبل، وقد سجل فيها حتى الآن أربعون شخصا من مختلف الأعمار.",
        ),
        "اشترك الآن في نشرتنا البريدية المجانية لتصلك آخر الأخبار كل صباح.",
    ),
    "ja": Story(
        "ja",
        "山あいの小学校、地域の工房として再出発",
        (
            "山あいにある旧小学校の校舎が土曜日、木工と紙すきの工房として再び開かれた。閉校から八年、住民が少しずつ手を入れてきた建物である。",
            "初日には近くの集落から約百五十人が訪れ、かつての教室で椅子づくりや和紙の体験に参加した。体育館では収穫したばかりの野菜も並んだ。",
            "「鐘の音をもう一度聞けるとは思わなかった」と、卒業生の高瀬みどりさんは話した。鐘は倉庫に眠っていたものを磨き直したという。",
            "町は今後三年間、光熱費の半分を負担する。残りは工房の参加費と、地元の林業組合からの支援でまかなう予定だ。",
            "来年の春には二階に小さな図書室も設けられ、放課後の子どもたちが自由に使える場所になる見通しである。",
        ),
        "無料メールマガジンに登録して、最新ニュースを毎朝お受け取りください。",
    ),
}


def _classic(story: Story, body: str) -> str:
    return (
        f'<header><a href="/">The Bay Post</a><nav><ul><li><a href="/a">World</a></li><li><a href="/b">Sport</a></li></ul></nav></header>'
        f'<main><article><h1>{story.title}</h1><p class="byline">By Ada Penn</p><div class="article-body">{body}'
        f'<p>{story.promotion}</p></div></article><aside><h2>More</h2><ul><li><a href="/x">Another story of the day</a></li></ul></aside></main>'
        f"<footer><p>© 2026 The Bay Post</p></footer>"
    )


def _divs(story: Story, body: str) -> str:
    return (
        f'<div id="top"><div class="logo"><a href="/">Post</a></div><div class="menu"><a href="/a">A</a> <a href="/b">B</a></div></div>'
        f'<div id="wrap"><div class="col main-col"><div class="headline"><h1>{story.title}</h1></div><div class="text">{body}'
        f'<p class="txt">{story.promotion}</p></div></div><div class="col side"><div class="box"><a href="/1">One</a><br><a href="/2">Two</a></div></div></div>'
    )


def _component(story: Story, body: str) -> str:
    return (
        f"<nav><a href='/'>Home</a></nav><news-story><template shadowrootmode='open'><article><h1>{story.title}</h1>"
        f"<slot></slot><p>{story.promotion}</p></article></template>{body}</news-story><footer>Imprint</footer>"
    )


DESIGNS = {"classic": _classic, "divs": _divs, "component": _component}


def page(story: Story, design: str = "classic", middle: str = "") -> str:
    """A whole page. `middle` is put after the second paragraph."""
    paragraphs = [f"<p>{text}</p>" for text in story.paragraphs]
    body = "".join([*paragraphs[:2], middle, *paragraphs[2:]])
    direction = ' dir="rtl"' if story.language == "ar" else ""
    return (
        f'<!doctype html><html lang="{story.language}"{direction}><head><meta charset="utf-8"><title>{story.title} | Post</title></head>'
        f"<body>{DESIGNS[design](story, body)}</body></html>"
    )


def answer(story: Story, **changes: object) -> dict[str, object]:
    """What a service says to the page in the classic design: the text kept, the rest removed."""
    blocks = [
        {"id": 10 + index, "kind": "paragraph", "label": "content", "html": f"<p>{text}</p>", "text": text}
        for index, text in enumerate(story.paragraphs)
    ]

    def removed(number: int, label: str, text: str, reason: str, position: int) -> dict[str, object]:
        facts = {"id": number, "label": label, "reason": reason, "source": "model", "confidence": 0.97}
        return {**facts, "text": text, "html": f"<p>{text}</p>", "position": position}

    return {
        "url": None, "canonical_url": None, "domain": "127.0.0.1", "site_name": "The Bay Post", "title": story.title,
        "byline": "Ada Penn", "authors": ["Ada Penn"], "dek": None, "date": "2026-03-02", "date_modified": None,
        "language": story.language, "direction": "rtl" if story.language == "ar" else "ltr", "lead_image": None,
        "excerpt": None, "text": "\n".join(story.paragraphs), "markdown": "", "word_count": 150,
        "html": "".join(f"<p>{text}</p>" for text in story.paragraphs), "reading_time_minutes": 1, "blocks": blocks,
        "removed": [
            removed(1, "navigation", "World", "Belongs to the page's menu.", 0),
            removed(2, "related", "Another story of the day", "Links to another story.", 2),
            removed(90, "newsletter", story.promotion, "Asks to sign up for a newsletter.", len(blocks)),
            removed(91, "copyright", "© 2026 The Bay Post", "States who owns the page.", len(blocks)),
        ],
        "warnings": [], "version": "0.1.0", **changes,
    }  # fmt: skip
