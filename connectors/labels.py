"""What are the folders and labels of a mail for?"""

import re
from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from connectors.headers_words import decoded

LONGEST_LABEL: Final = 200
"""Characters of a label that are kept: more is no name."""

_SPECIAL: Final = {
    "\\Inbox": """inbox|notes inbox|posteingang|boîte de réception|recibidos|bandeja de entrada|posta in arrivo|
        postvak in|caixa de entrada|входящие|odebrane|受信トレイ|收件箱""",
    "\\Sent": """sent|sent mail|sent items|sent messages|saved sent|outbox sent|gesendet|gesendete objekte|
        gesendete elemente|gesendete nachrichten|envoyés|messages envoyés|éléments envoyés|enviados|
        elementos enviados|correo enviado|mensajes enviados|itens enviados|e-mails enviados|inviati|posta inviata|
        posta inviata|verzonden|verzonden items|verzonden berichten|wysłane|skickat|sendt|lähetetyt|отправленные|
        送信済み|送信済みメール|送信済みアイテム|已发送|已发送邮件|已傳送郵件|寄件備份""",
    "\\Drafts": """draft|drafts|entwürfe|entwurf|brouillons|borradores|rascunhos|bozze|concepten|wersje robocze|
        utkast|kladder|luonnokset|черновики|下書き|草稿""",
    "\\Junk": """junk|junk e-mail|junk email|junk mail|spam|bulk mail|spamverdacht|junk-e-mail|courrier indésirable|
        indésirables|correo no deseado|posta indesiderata|lixo eletrônico|lixo eletrónico|ongewenste e-mail|
        спам|迷惑メール|垃圾邮件|垃圾郵件""",
    "\\Trash": """trash|bin|deleted|deleted items|deleted messages|papierkorb|gelöscht|gelöschte elemente|
        gelöschte objekte|corbeille|éléments supprimés|papelera|elementos eliminados|eliminados|lixeira|lixo|
        itens excluídos|cestino|posta eliminata|prullenbak|verwijderde items|kosz|papperskorgen|корзина|
        ゴミ箱|已删除邮件|垃圾桶""",
}
_USES: Final = MappingProxyType(
    {" ".join(name.split()): use for use, names in _SPECIAL.items() for name in names.split("|")}
)


@lru_cache(maxsize=1_024)
def special_use(name: str) -> str:
    """The RFC 6154 use of a folder or label by its name, in the languages of the usual programs; "" where none."""
    plain = " ".join(name.replace("_", " ").lower().split()).strip("'\"[] ")
    return _USES.get(plain, "")


@lru_cache(maxsize=1_024)
def gmail_labels(value: str) -> tuple[str, ...]:
    """Comma separated, in quotes where they hold a comma, all of it in encoded words."""
    return _labelled(quoted or plain for quoted, plain in _LABEL.findall(decoded(value)))


_LABEL = re.compile(r'\s*(?:"([^"]*)"|([^,"]+))\s*(?:,|$)')


@lru_cache(maxsize=1_024)
def folder_label(value: str) -> tuple[str, ...]:
    """`\\Ada_Jan2001\\Notes Folders\\'sent mail`: an export's path, whose last part is the folder."""
    path = decoded(value)
    return _labelled((path.rstrip("\\/").rpartition("\\" if "\\" in path else "/")[2],))


def _labelled(names: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        label = name.strip()[:LONGEST_LABEL]
        if label:
            found[label] = None
            use = special_use(label)
            if use:
                found[use] = None
    return tuple(found)
