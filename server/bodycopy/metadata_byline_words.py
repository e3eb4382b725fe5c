"""The words before and after a name in a byline: "by", "author", "text", "reporter" in the languages of the phrases."""

from __future__ import annotations

import re

_LABELS = (
    "author|authors|author\\(s\\)|by|text|words|story|reporting|reporter|written by|posted by|published by|contributors?|"
    "autor(?:en|in|ka|i|a|s|e|es|as)?|von|redaktion|bericht|auteurs?|auteure|auteur\\(s\\)|autrice|par|texte|récit|"
    "autore|testo|testi|di|da|texto|textos|por|escrito por|publicado por|redacción|redactora?|reportero|reportagem|repórter|"
    "per|tekst|door|deur|skrywer|teks|av|af|forfatter|journalist|författare|skribent|text och bild|teksti|kirjoittaja|"
    "toimittaja|höfundur|kirjutas|autorius|autorė|tekstas|parašė|teksts|opracowanie|oprac\\.|napsala?|napísala?|piše|"
    "napisao|napisala|avtor(?:ica)?|besedilo|szerző|írta|szöveg|scris de|shkruan|shkruar nga|nga|yazan|yazar|haber|muhabir|"
    "metin|hazırlayan|müəllif|müxbir|oleh|penulis|ditulis oleh|ni|isinulat ni|may-akda|na|imeandikwa na|mwandishi|"
    "tác giả|bởi|viết bởi|bài|bài viết|phóng viên|автор(?:ы|и|ка)?|текст|корреспондент|кореспондент|аўтар|тэкст|аутор|"
    "пише|от|συντάκτης|συντάκτρια|συγγραφέας|κείμενο|γράφει|ρεπορτάζ|από|հեղինակ|ავტორი|"
    "بقلم|كتب|كتبت|كتابة|إعداد|الكاتب|الكاتبة|المؤلف|تقرير|نص|به قلم|نویسنده|گزارش|خبرنگار|متن|تحریر|مصنف|رپورٹ|"
    "מאת|כתב|כתבה|כתבת|טקסט|लेखक|लेखिका|द्वारा|रिपोर्ट|संवाददाता|लेखन|লেখক|লিখেছেন|প্রতিবেদক|ਲੇਖਕ|લેખક|"
    "எழுத்தாளர்|எழுதியவர்|ஆசிரியர்|రచయిత|రచన|ಲೇಖಕ|ಲೇಖಕರು|ലേഖകൻ|രചന|എഴുതിയത്|โดย|เขียนโดย|ผู้เขียน|เรื่อง|ผู้สื่อข่าว|ጸሐፊ|ደራሲ"
)
"""Followed by a colon."""
_EASTERN = "(?:取材・)?文(?:・写真)?|作者|记者|記者|撰文|文字|采写|采访|採訪|报道|報道|著者|執筆|筆者|글|글쓴이|기자|작성자|저자|취재"
"""Followed by a colon, a slash or a space."""
_BEFORE_NAMES = (
    "propos recueillis par|skrevet (?:av|af)|skriven av|geskryf deur|deur|a cura di|scritto da|escrit per|scris de|"
    "napsala?|napísala?|napisao|napisala|piše|oleh|ditulis oleh|isinulat ni|imeandikwa na|viết bởi|bởi|เขียนโดย|โดย|"
    "بقلم|به قلم|מאת|írta|shkruar nga|γράφει [οη]"
)
"""Followed by no more than a space."""

PREFIX = re.compile(
    r"(?i)(?:(?:article|story|text|words|review|reported|reporting|reviewed|written|posted|published|created|authored|"
    r"contributed|medically reviewed|edited|geschrieben|veröffentlicht|publié|écrit|escrito|publicado|scritto|geschreven)"
    r"\s+)?(?:by|von|vom|par|por|di|door|af|av|od|tekst|przez)\b\s*[:|]?\s+|"
    rf"(?:{_LABELS})\s*[:：|]\s*|(?:(?:来源|來源)\s*[:：]\s*\S{{1,20}}\s+)?(?:{_EASTERN})(?:\s*[:：|｜/／=＝]\s*|\s+)|"
    rf"(?:{_BEFORE_NAMES})\s+"
)
AFTER = re.compile(
    r"\s+(?:[Ss]hare|SHARE|[Ff]ollow|FOLLOW|Tweet|Print|Teilen|Folgen|Partager|Suivre|Compartir|Seguir|Condividi|Delen)$|"
    r"\s+(?:記者|记者|특파원)$|\s*기자$"
)
"""What stands after a name: a link to share the page, or in East Asia the reporter's calling."""
CREDIT = re.compile(
    r"(?i)(?:photos?|photographs?|photography|pictures?|images?|illustrations?|illustrated|videos?|graphics?|editing|"
    r"translated|translation|fotos?|fotografie|bilder|photographies?)\s+(?:by|von|par|por|di|door|av|af)\s"
)
"""Before the name of one who helped, where others wrote."""
